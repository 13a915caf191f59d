import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { clipTemplates } from '../../../src/prompting/templates.js';

const { selected, imagenet80, datasets } = clipTemplates;

describe('clipTemplates', () => {
  test('80 and 7 different texts, each with one place for the class name', () => {
    expect(new Set(imagenet80).size).toBe(80);
    expect(new Set(selected).size).toBe(7);
    for (const template of [...imagenet80, ...selected, ...Object.values(datasets)]) {
      expect(template.split('{}')).toHaveLength(2);
      expect(template.endsWith('.')).toBe(true);
    }
  });

  test("the selected are among the 80, CLIP's own grammar included", () => {
    expect(imagenet80).toEqual(expect.arrayContaining([...selected]));
    expect(selected[2]).toBe('a origami {}.');
    expect([imagenet80[0], imagenet80[39], imagenet80[79]]).toEqual([
      'a bad photo of a {}.',
      'a photo of a {}.',
      'a tattoo of the {}.',
    ]);
  });

  test('the 80 are, in order, those of the published list', () => {
    const digest = createHash('sha256').update(imagenet80.join('\n')).digest('hex');
    expect(digest).toBe('4f976686fb651bb5803d4689dcd849f75efe0ef19a3c801355bc9a6f03c8a5af');
  });

  test('most data sets take the plain text, seven have their own', () => {
    const own = Object.entries(datasets).filter(([, template]) => template !== 'a photo of a {}.');
    expect(Object.keys(datasets)).toHaveLength(15);
    expect(own.map(([name]) => name)).toEqual([
      'oxfordPets',
      'flowers102',
      'food101',
      'fgvcAircraft',
      'describableTextures',
      'euroSat',
      'ucf101',
    ]);
    expect(datasets.food101).toBe('a photo of {}, a type of food.');
    expect(datasets.describableTextures).toBe('{} texture.');
  });
});
