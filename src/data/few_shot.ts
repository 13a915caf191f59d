import { MapleError } from '../../layers/errors.js';
import { shown } from '../../layers/known_names.js';
import { Random } from '../random.js';
import type { Example } from './dataset.js';

/**
 * `shots` examples of each class, chosen by `seed`, class by class. A class that has fewer gives all it has, as in the
 * official protocol. What a class gives does not depend on the other classes.
 * @throws MapleError when `shots` is not a positive integer
 */
export function fewShots(examples: readonly Example[], shots: number, seed: number): Example[] {
  if (!Number.isInteger(shots) || shots < 1) {
    throw new MapleError(`\`shots\` must be a positive integer. Received: ${shown(shots)}.`);
  }
  const byLabel = new Map<number, Example[]>();
  for (const example of examples) {
    byLabel.set(example.label, [...(byLabel.get(example.label) ?? []), example]);
  }
  const random = new Random(seed);
  return [...byLabel]
    .sort(([a], [b]) => a - b)
    .flatMap(([label, ofClass]) => random.fork('shots', label).shuffle(ofClass).slice(0, shots));
}
