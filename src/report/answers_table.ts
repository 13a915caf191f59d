import { basename } from 'node:path';
import Table from 'cli-table3';
import type { ClassifiedPicture } from '../node/classify_pictures.js';
import { percent } from './numbers.js';

/**
 * Classified pictures as a table for the terminal: file, the likeliest class and its probability, and the runners-up.
 * @param truths - the class of each picture, where known: adds a column
 */
export function answersTable(
  classified: readonly ClassifiedPicture[],
  truths?: readonly (string | undefined)[],
): string {
  const runnersUp = classified.some(({ answers }) => answers.length > 1);
  const table = new Table({
    head: ['Picture', 'Said', '%', ...(runnersUp ? ['Next'] : []), ...(truths ? ['It was'] : [])],
    colAligns: ['left', 'left', 'right', 'left', 'left'],
    style: { head: [], border: [], compact: true },
  });
  classified.forEach(({ path, answers }, index) => {
    // None is above the threshold that was asked for.
    const first = answers.at(0);
    const others = answers.slice(1);
    const next = others.map(({ className, probability }) => `${className} ${percent(probability)}`).join(', ');
    const truth = truths?.[index];
    const verdict = truth === undefined ? '' : `${truth === first?.className ? '✓' : '✗'} ${truth}`;
    table.push([
      basename(path),
      first?.className ?? '–',
      first === undefined ? '' : percent(first.probability),
      ...(runnersUp ? [next] : []),
      ...(truths ? [verdict] : []),
    ]);
  });
  return table.toString();
}
