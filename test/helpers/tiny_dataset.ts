import type { Example, ImageDataset } from '../../src/data/dataset.js';
import { Random } from '../../src/random.js';

const CLASSES = ['cat', 'dog', 'fox', 'owl'];

/** Pictures of 20 x 20 noise in a colour of their class's own: four classes that can be told apart. */
export function tinyDataset(shots = 4, tests = 5): ImageDataset {
  const split = (name: string, count: number): Example[] =>
    CLASSES.flatMap((className, label) =>
      Array.from({ length: count }, (_, index) => ({
        label,
        name: `${className} ${name} ${index}`,
        load: async () => {
          const random = new Random(7).fork(name, label, index);
          const tint = [60 * label, 240 - 60 * label, label % 2 === 0 ? 200 : 40];
          const data = Uint8Array.from({ length: 20 * 20 * 3 }, (_, at) => tint[at % 3] * 0.8 + random.integer(50));
          return { width: 20, height: 20, data };
        },
      })),
    );
  const [train, validation, test] = [split('train', shots), split('validation', 2), split('test', tests)];
  return { name: 'tints', classNames: CLASSES, train, validation, test };
}
