import { sep } from 'node:path';
import Table from 'cli-table3';
import type { ClassifiedPicture } from '../node/classify_pictures.js';
import { percent } from './numbers.js';

/**
 * Classified pictures as a table for the terminal: file, the likeliest class and its probability, and the runners-up.
 * A file is called by its name, with as many of its folders as tell all of them apart.
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
  const names = shortNames(classified.map(({ path }) => path));
  classified.forEach(({ answers }, index) => {
    // None is above the threshold that was asked for.
    const first = answers.at(0);
    const others = answers.slice(1);
    const next = others.map(({ className, probability }) => `${className} ${percent(probability)}`).join(', ');
    const truth = truths?.[index];
    const verdict = truth === undefined ? '' : `${truth === first?.className ? '✓' : '✗'} ${truth}`;
    table.push([
      names[index],
      first?.className ?? '–',
      first === undefined ? '' : percent(first.probability),
      ...(runnersUp ? [next] : []),
      ...(truths ? [verdict] : []),
    ]);
  });
  return table.toString();
}

/** The ends of paths, all of as many parts as it takes for them to differ. */
function shortNames(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split(sep));
  const longest = Math.max(1, ...parts.map(({ length }) => length));
  for (let count = 1; ; count++) {
    const names = parts.map((all) => all.slice(-count).join(sep));
    if (count === longest || new Set(names).size === new Set(paths).size) {
      return names;
    }
  }
}
