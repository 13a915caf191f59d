import { InvalidArgumentError, type Command } from 'commander';
import { ChoiceOption } from './choice_option.js';
import { MapleError } from '../../layers/errors.js';
import type { Example } from '../data/dataset.js';
import type { Skipped } from '../node/image_folder.js';
import { note } from '../node/notes.js';
import { imageFolderOption, integer, type OrientationFlag } from './options.js';

/** Part of the data that is tested on. */
type Part = 'test' | 'train' | 'validation' | 'all';

/** Which pictures of labelled data are tested on. */
export interface LabelledDataFlags extends OrientationFlag {
  split?: Part;
  testShare: number;
  seed: number;
  imageFolder?: string;
}

/** Labelled pictures to test on. */
export interface LabelledData {
  name: string;
  classNames: string[];
  examples: Example[];
  /** Which part of the data they are. */
  split: Part;
  /** Text of the data's own for zero-shot use. */
  template?: string;
  skipped: Skipped[];
}

/** What `train --validate` holds out. */
const VALIDATION_SHARE = 0.1;

/** Adds `--split`, and what decides it where the data are not split: the defaults of `train`. */
export function addLabelledDataOptions(command: Command): Command {
  return command
    .addOption(
      new ChoiceOption(
        '--split <part>',
        'pictures to test on (default: test where the data are split, else all)',
      ).choices(['test', 'train', 'validation', 'all']),
    )
    .option('--test-share <share>', 'held out by `train`, where the data are not split', heldOutShare, 0.25)
    .option('--seed <number>', 'of that `train`', integer(0), 1)
    .addOption(imageFolderOption());
}

/**
 * Reads labelled pictures of any of the layouts that are known.
 * @throws MapleError when the path cannot be read as labelled pictures, or has none in that part
 */
export async function readLabelledData(
  path: string,
  { split, testShare, seed, imageFolder, orientation }: LabelledDataFlags,
): Promise<LabelledData> {
  const [{ readPictureData }, { LateBar }] = await Promise.all([
    import('../node/picture_data.js'),
    import('../node/late_bar.js'),
  ]);
  const shares = {
    test: split === undefined || split === 'all' ? 0 : testShare,
    validation: split === 'validation' ? VALIDATION_SHARE : 0,
  };
  // Which pictures are held out depends on which can be decoded, so a part is drawn as `train` draws it: from whole
  // pictures. Where all are tested, damage within a picture is found then.
  const check = split === undefined || split === 'all' ? 'header' : 'whole';
  const bar = new LateBar('Looking at pictures');
  const reading = readPictureData(path, {
    split: shares,
    ...{ seed, imageFolder, orientation, check },
    onProgress: bar.update,
  });
  const data = await reading.finally(() => bar.stop());
  const part = split ?? (data.test.length > 0 ? 'test' : 'all');
  if (split === undefined && part === 'all') {
    note(`${path} is not split: all of it is tested, also what the model may have been tuned on (--split test).`);
  }
  const examples = part === 'all' ? [...data.train, ...data.validation, ...data.test] : data[part];
  if (examples.length === 0) {
    throw new MapleError(`${path} has no pictures in its part "${part}". Choose another with --split, or "all".`);
  }
  const { name, classNames, template, skipped } = data;
  return { name, classNames, examples, split: part, ...(template === undefined ? {} : { template }), skipped };
}

/** Reads a share above 0 and below 1. */
function heldOutShare(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) {
    throw new InvalidArgumentError('It must be a number above 0 and below 1.');
  }
  return value;
}
