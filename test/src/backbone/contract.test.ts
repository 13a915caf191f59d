import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { promptStart, type TowersConfig } from '../../../src/backbone/contract.js';
import { validateDesign, type PromptDesign } from '../../../src/prompting/design.js';
import { METHODS, methodsFor, promptDesign, type Method } from '../../../src/prompting/presets.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';
import { tinySiglipConfig } from '../../helpers/tiny_siglip.js';

const clip = tinyConfig();
const transformer = { vision: clip.vision, text: clip.text, embedDim: 16 };
const NO_TEXT = 'this text tower has no promptable layers';
const NO_IMAGE = 'this image tower has no promptable layers';

/** A kind of backbone, the methods it takes, and why it takes no other. */
interface Kind {
  config: TowersConfig;
  takes: Method[];
  refuses: Partial<Record<Method, string>>;
}

const KINDS: Record<string, Kind> = {
  "CLIP's form": { config: clip, takes: METHODS, refuses: {} },
  "SigLIP's form": { config: tinySiglipConfig(), takes: METHODS, refuses: {} },
  'a sentence encoder': {
    config: {
      ...transformer,
      text: { width: 12, layers: 0, contextLength: Number.MAX_SAFE_INTEGER, startToken: false, prompts: 'shift' },
    },
    takes: ['zeroShot', 'coop', 'vpt', 'shallowMaple', 'unifiedMaple', 'maple'],
    refuses: { cocoop: NO_TEXT, deepLanguage: NO_TEXT, ivlp: NO_TEXT },
  },
  'a text tower without promptable layers': {
    config: { ...transformer, text: { width: 12, layers: 0, contextLength: 20 } },
    takes: ['zeroShot', 'vpt'],
    refuses: {
      ...{ coop: NO_TEXT, cocoop: NO_TEXT, deepLanguage: NO_TEXT, ivlp: NO_TEXT },
      ...{ shallowMaple: NO_TEXT, unifiedMaple: NO_TEXT, maple: NO_TEXT },
    },
  },
  'a convolutional image tower': {
    config: { ...transformer, vision: { width: 8, layers: 0, imageSize: 16 } },
    takes: ['zeroShot', 'coop', 'cocoop', 'deepLanguage'],
    refuses: { vpt: NO_IMAGE, ivlp: NO_IMAGE, shallowMaple: NO_IMAGE, unifiedMaple: NO_IMAGE, maple: NO_IMAGE },
  },
  'a convolutional image tower with a sentence encoder': {
    config: {
      ...transformer,
      vision: { width: 8, layers: 0, imageSize: 16 },
      text: { width: 12, layers: 0, contextLength: 1000, startToken: false, prompts: 'shift' },
    },
    takes: ['zeroShot', 'coop'],
    refuses: {
      ...{ cocoop: NO_TEXT, deepLanguage: NO_TEXT, ivlp: NO_TEXT },
      ...{ vpt: NO_IMAGE, shallowMaple: NO_IMAGE, unifiedMaple: NO_IMAGE, maple: NO_IMAGE },
    },
  },
  'no promptable layers at all': {
    config: {
      ...transformer,
      vision: { width: 8, layers: 0, imageSize: 16 },
      text: { width: 12, layers: 0, contextLength: 20 },
    },
    takes: ['zeroShot'],
    refuses: {
      ...{ coop: NO_TEXT, cocoop: NO_TEXT, vpt: NO_IMAGE, deepLanguage: NO_TEXT, ivlp: NO_TEXT },
      ...{ shallowMaple: NO_TEXT, unifiedMaple: NO_TEXT, maple: NO_TEXT },
    },
  },
};

describe.each(Object.entries(KINDS))('%s', (_, { config, takes, refuses }) => {
  test.each(METHODS)('%s: taken, or refused by name with the reason and the methods that fit', (method) => {
    expect(methodsFor(config)).toEqual(takes);
    const reason = refuses[method];
    expect(takes.includes(method)).toBe(reason === undefined);
    if (reason === undefined) {
      const design = promptDesign(method, config);
      expect(() => validateDesign(design, config)).not.toThrow();
    } else {
      const others = takes.length === 1 ? takes[0] : `${takes.slice(0, -1).join(', ')} or ${takes.at(-1) as string}`;
      expect(() => promptDesign(method, config)).toThrow(
        new MapleError(`Method ${method} does not fit this backbone: ${reason}. Use ${others}.`),
      );
    }
  });
});

describe('designs', () => {
  const none = promptDesign('zeroShot', clip);
  const [sentences, noText, noImage] = [
    'a sentence encoder',
    'a text tower without promptable layers',
    'a convolutional image tower',
  ].map((name) => KINDS[name].config);
  const shift: PromptDesign = { ...none, textDepth: 1, textLength: 2, initialization: 'random' };

  test('a sentence encoder takes one prompt of its own, and as many as the image tower has blocks when coupled', () => {
    expect(promptDesign('coop', sentences)).toMatchObject({ textDepth: 1, textLength: 4, initialization: 'random' });
    expect(promptDesign('maple', sentences)).toMatchObject({ textDepth: 2, visionDepth: 2, initialization: 'random' });
    expect(promptDesign('maple', sentences, { depth: 1 })).toMatchObject({ textDepth: 1, visionDepth: 1 });
    expect(() => promptDesign('maple', sentences, { depth: 3 })).toThrow(
      '`textDepth` must be an integer from 0 to 2, the number of layers of the text tower. Received: 3.',
    );
  });

  test.each<[Partial<PromptDesign>, string]>([
    [{ initialization: 'words' }, 'Received: initialization=words.'],
    [{ classPosition: 'front' }, 'Received: classPosition=front.'],
    [{ conditioning: 'metaNet' }, 'Received: conditioning=metaNet.'],
    [{ initialization: 'words', classPosition: 'middle' }, 'Received: initialization=words, classPosition=middle.'],
  ])('a prompt that shifts a vector has no place among words: %j', (change, received) => {
    expect(() => validateDesign(shift, sentences)).not.toThrow();
    expect(() => validateDesign({ ...shift, ...change }, sentences)).toThrow(
      new MapleError(
        'Text prompts that shift the vector of a sentence encoder start at random and have no place among words: ' +
          `initialization=random, classPosition=end, conditioning=none. ${received}`,
      ),
    );
  });

  test('given by hand, for towers without promptable layers', () => {
    expect(() => validateDesign(shift, noText)).toThrow(
      new MapleError(
        'This text tower has no promptable layers, so that `textDepth` must be 0. Received: 1. ' +
          'methodsFor(config) names the methods it takes.',
      ),
    );
    expect(() => validateDesign({ ...none, visionDepth: 2, visionLength: 3 }, noImage)).toThrow(
      new MapleError(
        'This vision tower has no promptable layers, so that `visionDepth` must be 0. Received: 2. ' +
          'methodsFor(config) names the methods it takes.',
      ),
    );
  });

  test('learned tokens stand behind the start token, or first where there is none', () => {
    expect([promptStart(clip.text), promptStart(tinySiglipConfig().text)]).toEqual([1, 0]);
  });
});
