import { InvalidArgumentError, Option, type Command } from 'commander';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import type { ClassifiedPicture } from '../node/classify_pictures.js';
import type { Skipped } from '../node/image_folder.js';
import { integer, type OrientationFlag } from './options.js';
import { print, printJson } from './output.js';
import { withPictureThreads } from './picture_threads.js';

/** What commands that classify pictures are told of them and of the answers. */
export interface AnswerFlags extends OrientationFlag {
  top: number;
  threshold: number;
  recursive?: boolean;
  batchSize: number;
  json?: boolean;
  jsonl?: boolean;
  csv?: boolean;
}

/** Adds the options that {@link showAnswers} takes. */
export function addAnswerOptions(command: Command): Command {
  return command
    .option('--top <number>', 'answers a picture', integer(1), 3)
    .option('--threshold <share>', 'leave out answers less likely than this, 0 to 1', share, 0)
    .option('--recursive', 'look for pictures in folders within the folders, too')
    .option('--batch-size <number>', 'pictures at once', integer(1), 32)
    .addOption(new Option('--json', 'print one JSON document at the end').conflicts(['jsonl', 'csv']))
    .addOption(new Option('--jsonl', 'print a line of JSON a picture, as soon as it is classified').conflicts('csv'))
    .option('--csv', 'print a line of CSV an answer, as soon as it is known');
}

/** Reads a share of 0 to 1. */
function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) {
    throw new InvalidArgumentError('It must be a number from 0 to 1.');
  }
  return value;
}

/**
 * Classifies pictures and prints what was said of them, in the form the options ask for. Files that are left out are
 * told of on standard error, and in the forms for programs.
 * @param paths - of `findPictures`
 * @param heading - what the JSON document tells of the model
 * @throws MapleError when none of the files could be read as a picture
 */
export async function showAnswers(
  model: LayersModel,
  paths: readonly string[],
  flags: AnswerFlags,
  heading: Record<string, unknown>,
): Promise<void> {
  const [{ classifyStream }, { progressBar }] = await Promise.all([
    import('../node/classify_pictures.js'),
    import('../node/progress.js'),
  ]);
  const { top, threshold, batchSize, orientation } = flags;
  const printer = await printerOf(flags, heading);
  const bar = progressBar({ label: 'Classifying', total: paths.length });
  const reasons: string[] = [];
  await withPictureThreads(paths.length, async (loader) => {
    for await (const result of classifyStream(model, paths, { top, threshold, batchSize, orientation, loader })) {
      if ('reason' in result) {
        reasons.push(result.reason);
      }
      await printer.add(result);
      bar.increment();
    }
  }).finally(() => bar.stop());
  // Now that no bar is in the way.
  tellSkipped(reasons);
  if (reasons.length === paths.length) {
    throw new MapleError(
      `${paths.length === 1 ? 'The file could not' : `None of the ${paths.length} files could`} be read as a picture: the lines above tell why.`,
    );
  }
  await printer.end();
}

/** Tells what was left out, `--quiet` or not. */
export function tellSkipped(reasons: readonly string[]): void {
  reasons.forEach((reason) => process.stderr.write(`skipped: ${reason}\n`));
}

/** A form of output. */
interface Printer {
  add(result: ClassifiedPicture | Skipped): Promise<void> | void;
  end(): Promise<void> | void;
}

async function printerOf({ json, jsonl, csv }: AnswerFlags, heading: Record<string, unknown>): Promise<Printer> {
  if (jsonl) {
    return { add: (result) => print(`${JSON.stringify(result)}\n`), end: () => undefined };
  }
  if (csv) {
    return csvPrinter();
  }
  const classified: ClassifiedPicture[] = [];
  const skipped: Skipped[] = [];
  const add = (result: ClassifiedPicture | Skipped): void =>
    void ('reason' in result ? skipped.push(result) : classified.push(result));
  if (json) {
    return { add, end: () => printJson({ ...heading, pictures: classified, skipped }) };
  }
  const { answersTable } = await import('../report/answers_table.js');
  return {
    add,
    end: () => print(`${answersTable(classified)}\n`),
  };
}

/** `path,rank,class,probability`; a picture without an answer above the threshold has the path alone. */
async function csvPrinter(): Promise<Printer> {
  const { stringify } = await import('csv-stringify/sync');
  await print(stringify([['path', 'rank', 'class', 'probability']]));
  const add = async (result: ClassifiedPicture | Skipped): Promise<void> => {
    if ('reason' in result) {
      return;
    }
    const { path, answers } = result;
    const rows = answers.map(({ className, probability }, index) => [path, index + 1, className, probability]);
    await print(stringify(rows.length === 0 ? [[path, '', '', '']] : rows));
  };
  return { add, end: () => undefined };
}
