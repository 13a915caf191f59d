import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import {
  completeDesign,
  hasFixedText,
  prefixWords,
  startsFromWords,
  validateDesign,
  type PromptDesign,
} from '../../../src/prompting/design.js';
import { METHODS, promptDesign } from '../../../src/prompting/presets.js';
import { allDesigns } from '../../helpers/designs.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';

const config = tinyConfig({ vision: { layers: 3 } });
const maple = promptDesign('maple', config);

describe('validateDesign', () => {
  test.each(allDesigns(config))('takes %s', (_, design) => {
    expect(() => validateDesign(design, config)).not.toThrow();
  });

  const coupled = (text: string, vision: string) =>
    'Coupled prompts need text prompts, and image prompts of the same depth and length. ' +
    `Received: text ${text}, vision ${vision}.`;

  test.each<[string, Partial<PromptDesign>, string]>([
    [
      'a text depth over the number of layers',
      { textDepth: 3 },
      '`textDepth` must be an integer from 0 to 2, the number of layers of the text tower. Received: 3.',
    ],
    [
      'an image depth over the number of layers',
      { visionDepth: 4 },
      '`visionDepth` must be an integer from 0 to 3, the number of layers of the vision tower. Received: 4.',
    ],
    [
      'a negative depth',
      { textDepth: -1 },
      '`textDepth` must be an integer from 0 to 2, the number of layers of the text tower. Received: -1.',
    ],
    [
      'half a depth',
      { visionDepth: 1.5 },
      '`visionDepth` must be an integer from 0 to 3, the number of layers of the vision tower. Received: 1.5.',
    ],
    [
      'a depth without length',
      { textLength: 0 },
      '`textLength` must be a positive integer, or 0 together with `textDepth`. Received: textDepth=2, textLength=0.',
    ],
    [
      'a length without depth',
      { visionDepth: 0 },
      '`visionLength` must be a positive integer, or 0 together with `visionDepth`. ' +
        'Received: visionDepth=0, visionLength=2.',
    ],
    [
      'a length that leaves no room for a class name',
      { textLength: 17, visionLength: 17 },
      '`textLength` leaves no room for a class name: start token, prompt, class name, full stop and end token must ' +
        'fit into 20 tokens. Received: textLength=17. Use a shorter prompt.',
    ],
    [
      'another coupling',
      { coupling: 'both' as 'none' },
      '`coupling` must be none, perLayer or unified. Received: "both".',
    ],
    ['coupled prompts of different depth', { textDepth: 1 }, coupled('1 x 2', '2 x 2')],
    ['coupled prompts of different length', { visionLength: 3, coupling: 'unified' }, coupled('2 x 2', '2 x 3')],
    [
      'image prompts coupled to none',
      { textDepth: 0, textLength: 0, visionDepth: 0, visionLength: 0 },
      coupled('0 x 0', '0 x 0'),
    ],
    [
      'another start',
      { initialization: 'zeros' as 'words' },
      '`initialization` must be words or random. Received: "zeros".',
    ],
    [
      'another class position',
      { classPosition: 'back' as 'front' },
      '`classPosition` must be end, middle or front. Received: "back".',
    ],
    ['other contexts', { contexts: 'own' as 'perClass' }, '`contexts` must be shared or perClass. Received: "own".'],
    [
      'another conditioning',
      { conditioning: 'image' as 'metaNet' },
      '`conditioning` must be none or metaNet. Received: "image".',
    ],
    [
      'a class position beside deep prompts',
      { classPosition: 'front' },
      '`classPosition` can be chosen for text prompts of depth 1 without image prompts only. ' +
        'Received: classPosition=front with textDepth=2, visionDepth=2.',
    ],
    [
      'a meta-net beside image prompts',
      { textDepth: 1, visionDepth: 1, conditioning: 'metaNet' },
      '`conditioning` can be chosen for text prompts of depth 1 without image prompts only. ' +
        'Received: conditioning=metaNet with textDepth=1, visionDepth=1.',
    ],
    [
      'a context a class that is conditioned on the image',
      { ...promptDesign('cocoop', config), contexts: 'perClass' },
      'A prompt that is conditioned on the image is shared by all classes and stands before the class name. ' +
        'Received: contexts=perClass, conditioning=metaNet.',
    ],
  ])('refuses %s', (_, change, message) => {
    expect(() => validateDesign({ ...maple, ...change }, config)).toThrow(new MapleError(message));
  });

  test('takes the longest prompt that leaves room', () => {
    expect(() => validateDesign({ ...maple, textLength: 16, visionLength: 16 }, config)).not.toThrow();
  });
});

describe('a complete design', () => {
  test('has the usual form where none was chosen', () => {
    expect(completeDesign(maple)).toEqual({
      ...maple,
      ...{ classPosition: 'end', contexts: 'shared', conditioning: 'none' },
    });
    const chosen = promptDesign('coop', config, { classPosition: 'front', contexts: 'perClass' });
    expect(completeDesign(chosen)).toEqual({ ...chosen, conditioning: 'none' });
  });

  test('has fixed text where no text prompt is learned', () => {
    const fixed = METHODS.filter((method) => hasFixedText(promptDesign(method, config)));
    expect(fixed).toEqual(['zeroShot', 'vpt']);
  });
});

describe('the prefix', () => {
  test('is read in words', () => {
    expect(prefixWords('  a photo\tof a ')).toEqual(['a', 'photo', 'of', 'a']);
    expect(prefixWords('')).toEqual([]);
  });

  test.each([
    [4, 'words', true],
    [5, 'words', false],
    [2, 'random', false],
  ] as const)('gives %i vectors that start from %s: %s', (textLength, initialization, from) => {
    expect(startsFromWords({ ...maple, textLength, initialization })).toBe(from);
  });
});
