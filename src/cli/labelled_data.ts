import { Option } from 'commander';
import type { Example } from '../data/dataset.js';
import type { Skipped } from '../node/image_folder.js';

/** Which part of the data is tested on. */
export type SplitChoice = 'test' | 'train' | 'validation' | 'all';

/** Labelled pictures to test on. */
export interface LabelledData {
  name: string;
  classNames: string[];
  examples: Example[];
  /** Text of the data's own for zero-shot use. */
  template?: string;
  skipped: Skipped[];
}

/** `--split test`. */
export function splitOption(): Option {
  return new Option('--split <part>', 'pictures to test on (default: test where the data is split, else all)').choices([
    'test',
    'train',
    'validation',
    'all',
  ]);
}

/**
 * Reads labelled pictures of any of the layouts that are known.
 * @throws MapleError when the path cannot be read as labelled pictures, or has none in that part
 */
export async function readLabelledData(path: string, _split?: SplitChoice): Promise<LabelledData> {
  const { readImageFolder } = await import('../node/image_folder.js');
  return readImageFolder(path);
}
