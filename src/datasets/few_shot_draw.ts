import { checkKnown, shown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import { PythonRandom } from './python_random.js';

/** What {@link fewShotDraw} draws from, and how. */
export interface FewShotDrawArgs<Item extends { label: number }> {
  /** All training pictures, in the order of the data set's split file. */
  train: readonly Item[];
  /** All validation pictures, in the same way. */
  validation: readonly Item[];
  /** Training pictures a class. */
  shots: number;
  seed: number;
}

const ARGS: SettingNames<FewShotDrawArgs<{ label: number }>> = {
  train: true,
  validation: true,
  shots: true,
  seed: true,
};

/** Validation pictures a class, unless there are fewer shots. */
const VALIDATION_SHOTS = 4;

/**
 * The few-shot draw of the official code, picture for picture: Python's generator seeded by `seed`, then `shots`
 * training pictures of each class in the order in which the classes appear, then from the same stream min(shots, 4)
 * validation pictures. A class with fewer pictures gives all. Classes are chosen (base, new) only afterwards.
 *
 * The official code keeps a draw in `split_fewshot/shot_K-seed_S.pkl` and reads it from there the next time; where such a
 * file came from elsewhere, its draw may be another.
 * @throws MapleError when `shots` is not a positive integer, or `seed` no integer
 */
export function fewShotDraw<Item extends { label: number }>(
  args: FewShotDrawArgs<Item>,
): { train: Item[]; validation: Item[] } {
  checkKnown('fewShotDraw', args, ARGS);
  const { train, validation, shots, seed } = args;
  if (!Number.isInteger(shots) || shots < 1) {
    throw new MapleError(`\`shots\` must be a positive integer. Received: ${shown(shots)}.`);
  }
  const random = new PythonRandom(seed);
  const draw = (items: readonly Item[], count: number): Item[] =>
    byFirstAppearance(items).flatMap((ofClass) => (ofClass.length >= count ? random.sample(ofClass, count) : ofClass));
  const drawn = draw(train, shots);
  return { train: drawn, validation: draw(validation, Math.min(shots, VALIDATION_SHOTS)) };
}

/** The items of each label, the labels in the order in which they are first met. */
function byFirstAppearance<Item extends { label: number }>(items: readonly Item[]): Item[][] {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const group = groups.get(item.label);
    if (group === undefined) {
      groups.set(item.label, [item]);
    } else {
      group.push(item);
    }
  }
  return [...groups.values()];
}
