import { describe, expect, test } from '@jest/globals';
import { splitClasses } from '../../../src/data/class_split.js';
import type { Example, ImageDataset } from '../../../src/data/dataset.js';
import type { Picture } from '../../../src/data/picture.js';

class Dot implements Example {
  constructor(
    readonly label: number,
    readonly name: string,
    readonly path = `/dots/${name}`,
  ) {}

  async load(): Promise<Picture> {
    return { width: 1, height: 1, data: Uint8Array.of(this.label, 0, 0) };
  }
}

function dataset(classes: number): ImageDataset {
  const part = (name: string): Example[] =>
    Array.from({ length: 2 * classes }, (_, at) => new Dot(at % classes, `${name} ${at}`));
  const classNames = Array.from({ length: classes }, (_, label) => `class ${label}`);
  return { name: 'dots', classNames, train: part('a'), validation: part('b'), test: part('c'), template: 'a {}' };
}

describe('splitClasses', () => {
  test('gives the larger half to base and numbers the new classes from 0', async () => {
    const { base, new: novel } = splitClasses(dataset(5));
    expect(base.classNames).toEqual(['class 0', 'class 1', 'class 2']);
    expect(novel.classNames).toEqual(['class 3', 'class 4']);
    expect([base.name, novel.name, novel.template]).toEqual(['dots, base classes', 'dots, new classes', 'a {}']);
    for (const part of ['train', 'validation', 'test'] as const) {
      expect(base[part].map(({ label }) => label)).toEqual([0, 1, 2, 0, 1, 2]);
      expect(novel[part].map(({ label }) => label)).toEqual([0, 1, 0, 1]);
    }
    const [picture] = await Promise.all(novel.test.map((example) => example.load()));
    expect(picture.data[0]).toBe(3);
    expect(novel.test[0].path).toBe('/dots/c 3');
  });

  test('needs two classes', () => {
    expect(() => splitClasses(dataset(1))).toThrow('dots must have at least two classes to split. Received: 1.');
  });
});
