import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { fewShotDraw } from '../../../src/datasets/few_shot_draw.js';
import { PythonRandom } from '../../../src/datasets/python_random.js';
import { ownFixturePath } from '../../helpers/fixtures.js';

interface Draws {
  samples: [seed: number, shots: number, size: number, drawn: number[]][];
  shuffles: [seed: number, shuffled: number[], drawn: number[]][];
  fewShot: {
    train: number[];
    val: number[];
    draws: { seed: number; shots: number; train: number[]; val: number[] }[];
  };
}

const draws = JSON.parse(await readFile(ownFixturePath('python_random', 'draws.json'), 'utf8')) as Draws;
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const items = (labels: readonly number[]) => labels.map((label, index) => ({ label, index }));
const indices = (drawn: readonly { index: number }[]): number[] => drawn.map(({ index }) => index);

describe('PythonRandom', () => {
  test('samples as CPython does, from a list and by a set, draw after draw', () => {
    let stream: { key: string; random: PythonRandom } | undefined;
    expect(draws.samples.length).toBeGreaterThan(150);
    for (const [seed, shots, size, drawn] of draws.samples) {
      const key = `${seed} ${shots}`;
      stream = stream?.key === key ? stream : { key, random: new PythonRandom(seed) };
      expect([seed, shots, size, stream.random.sample(range(size), shots)]).toEqual([seed, shots, size, drawn]);
    }
  });

  test.each(draws.shuffles)('seed %d: shuffles, then samples', (seed, shuffled, drawn) => {
    const random = new PythonRandom(seed);
    expect(random.shuffle(range(30))).toEqual(shuffled);
    expect(random.sample(range(1000), 5)).toEqual(drawn);
  });

  test('refuses what is no seed, and more draws than items', () => {
    expect(() => new PythonRandom(1.5)).toThrow('`seed` must be an integer. Received: 1.5.');
    expect(() => new PythonRandom(1).sample([1, 2], 3)).toThrow('`count` must be an integer from 0 to 2');
  });
});

describe('fewShotDraw', () => {
  const { train, val } = draws.fewShot;

  test.each(draws.fewShot.draws.map((draw) => [draw.seed, draw.shots, draw] as const))(
    'seed %d, %d shots: the official draw',
    (seed, shots, expected) => {
      const drawn = fewShotDraw({ train: items(train), validation: items(val), shots, seed });
      expect(indices(drawn.train)).toEqual(expected.train);
      expect(indices(drawn.validation)).toEqual(expected.val);
    },
  );

  test('refuses a number of shots that is none', () => {
    const args = { train: items(train), validation: items(val), seed: 1 };
    expect(() => fewShotDraw({ ...args, shots: 0 })).toThrow('`shots` must be a positive integer. Received: 0.');
  });
});
