import { describe, expect, test } from '@jest/globals';
import type { Example } from '../../../src/data/dataset.js';
import { preparedExamples, reducedExamples } from '../../../src/data/kept_examples.js';
import type { Picture } from '../../../src/data/picture.js';
import type { PictureLoader } from '../../../src/data/picture_loader.js';
import { transformPicture, type PictureTransform } from '../../../src/data/picture_transform.js';
import { resize } from '../../../src/data/resize.js';
import { Random } from '../../../src/random.js';

function noise(width: number, height: number): Picture {
  const random = new Random(width * 1000 + height);
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => random.integer(256)) };
}

function counted(picture: Picture | Error, path?: string): Example & { decoded: number } {
  return {
    ...{ label: 2, name: 'a picture', path, decoded: 0 },
    async load() {
      this.decoded++;
      if (picture instanceof Error) {
        throw picture;
      }
      return picture;
    },
  };
}

describe('reducedExamples', () => {
  test('are decoded once, their shorter side as asked for, whoever asks', async () => {
    const example = counted(noise(90, 60));
    const [one] = reducedExamples([example], 20);
    const [other] = reducedExamples([example], 20);
    expect([one.label, one.name]).toEqual([2, 'a picture']);
    const pictures = await Promise.all([one.load(), other.load(), one.load()]);
    expect(pictures[0]).toEqual(resize(noise(90, 60), 30, 20));
    expect(new Set(pictures).size).toBe(1);
    expect(example.decoded).toBe(1);
    expect((await reducedExamples([example], 10)[0].load()).width).toBe(15);
    expect(example.decoded).toBe(2);
  });

  test('keep pictures that are no larger as they are', async () => {
    const picture = noise(40, 30);
    expect(await reducedExamples([counted(picture)], 30)[0].load()).toBe(picture);
  });

  test('beyond half a gigabyte are made anew each time', async () => {
    const examples = Array.from({ length: 3 }, () => counted(noise(4, 4)));
    // One picture of 10,000 x 15,000 pixels takes 429 MiB.
    const few = reducedExamples(examples, 10_000);
    for (const example of [...few, ...few]) {
      await example.load();
    }
    expect(examples.map(({ decoded }) => decoded)).toEqual([1, 2, 2]);
  });

  test('that cannot be read fail each time, as what they are of does', async () => {
    const example = counted(new Error('damaged'));
    const [one] = reducedExamples([example], 20);
    await expect(one.load()).rejects.toThrow('damaged');
    await expect(one.load()).rejects.toThrow('damaged');
    expect(example.decoded).toBe(2);
  });

  test('are read by the threads where there are some', async () => {
    const asked: unknown[] = [];
    const loader: PictureLoader = {
      threads: 1,
      load: async (...args) => {
        asked.push(args);
        return noise(2, 2);
      },
      close: async () => undefined,
    };
    const example = { ...counted(noise(90, 60), '/a.png'), orientation: 'apply' as const };
    const [one] = reducedExamples([example], 20, loader);
    expect([await one.load(), await one.load()]).toEqual([noise(2, 2), noise(2, 2)]);
    expect(asked).toEqual([['/a.png', { kind: 'reduce', shortSide: 20 }, expect.any(Number), 'apply']]);
    // The threads are not to be asked for it by its file.
    expect(one.path).toBeUndefined();
  });
});

describe('preparedExamples', () => {
  const kinds: (PictureTransform & { kind: 'test' })[] = [
    { kind: 'test', size: 24 },
    { kind: 'test', size: 24, fit: 'squash', filter: 'bilinear' },
  ];
  test.each(
    kinds.flatMap((kind) =>
      [
        [90, 60],
        [31, 47],
        [24, 24],
        [10, 200],
      ].map((size) => ({ kind, size })),
    ),
  )('are to the byte what tests take: $kind, $size', async ({ kind, size: [width, height] }) => {
    const example = counted(noise(width, height));
    const [one] = preparedExamples([example], kind);
    const wanted = transformPicture(noise(width, height), kind, new Random(0));
    expect(transformPicture(await one.load(), kind, new Random(0))).toEqual(wanted);
    await one.load();
    expect(example.decoded).toBe(1);
  });
});
