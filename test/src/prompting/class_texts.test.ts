import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import type { TransformerBackbone } from '../../../src/clip/transformer_backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { frozenLayers } from '../../../src/backbone/layer_source.js';
import { loadWeights } from '../../../src/backbone/load_weights.js';
import { transformerTowers } from '../../../src/clip/transformer_towers.js';
import { textTowerModel } from '../../../src/clip/text_tower_model.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { classTexts } from '../../../src/prompting/class_texts.js';
import { promptDesign, type DesignOptions } from '../../../src/prompting/presets.js';
import { expectClose } from '../../helpers/close.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

/** One token, several tokens, several words of which one is whole. */
const NAMES = ['cat', 'sea_lion', 'American Bulldog'];
let backbone: TransformerBackbone;

beforeAll(async () => {
  await chooseBackend('wasm');
  backbone = await tinyBackbone();
});
afterEach(() => tf.disposeVariables());

const ids = (text: string) => backbone.tokenizer.encode(text);
/** Ids without start and end token. */
const inner = (text: string) => ids(text).slice(1, -1);
const coop = (options: DesignOptions) => promptDesign('coop', backbone.config, options);
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

/**
 * The official rule of CoOp, by hand: start token, the first vectors (half of them, rounded down, or none), class name,
 * the other vectors, what the prefix has beyond them, and what stands behind the class name.
 */
function placed(name: string, prefix: string, length: number, first: number) {
  const [start, end] = [ids('')[0], ids('').at(-1) as number];
  const words = inner(prefix);
  const own = inner(name.replaceAll('_', ' '));
  return {
    ids: [[start, ...words.slice(0, first), ...own, ...words.slice(first), ...inner('.'), end]],
    slots: [...range(1, first), ...range(1 + first + own.length, length - first)],
  };
}

test('the names have one, several and different numbers of tokens', () => {
  const counts = NAMES.map((name) => inner(name.replaceAll('_', ' ')).length);
  expect(counts[0]).toBe(1);
  expect(new Set(counts).size).toBe(3);
});

describe('classTexts', () => {
  test('with the name at the end are the plain texts, without slots', () => {
    const texts = classTexts(backbone, coop({}), NAMES);
    expect(texts).toEqual({
      ids: ['cat', 'sea lion', 'American Bulldog'].map((name) => [ids(`a photo of a ${name}.`)]),
    });
    expect(texts).toEqual(classTexts(backbone, coop({ classPosition: 'end' }), NAMES));
  });

  const X = (count: number) => Array<string>(count).fill('X').join(' ');
  test.each<[what: string, options: DesignOptions, prefix: string, length: number, first: number]>([
    ['4 words, middle', { classPosition: 'middle' }, 'a photo of a', 4, 2],
    ['4 words, front', { classPosition: 'front' }, 'a photo of a', 4, 0],
    ['4 random, middle', { classPosition: 'middle', initialization: 'random' }, X(4), 4, 2],
    ['3 random, middle: one before', { classPosition: 'middle', initialization: 'random', length: 3 }, X(3), 3, 1],
    ['5 random, middle: two before', { classPosition: 'middle', length: 5 }, X(5), 5, 2],
    ['1 random, middle: none before', { classPosition: 'middle', initialization: 'random', length: 1 }, 'X', 1, 0],
    ['3 random, front', { classPosition: 'front', initialization: 'random', length: 3 }, X(3), 3, 0],
    ['2 of 4 words, middle: the others stay', { classPosition: 'middle', length: 2 }, 'a photo of a', 2, 1],
    ['3 of 4 words, front', { classPosition: 'front', length: 3 }, 'a photo of a', 3, 0],
    // CLIP has no token for "itap": four tokens, of which three are vectors.
    ['3 words of 4 tokens, middle', { classPosition: 'middle', prefix: 'itap of a', length: 3 }, 'itap of a', 3, 1],
  ])('%s', (_, options, prefix, length, first) => {
    const expected = NAMES.map((name) => placed(name, prefix, length, first));
    expect(classTexts(backbone, coop(options), NAMES)).toEqual({
      ids: expected.map((text) => text.ids),
      slots: expected.map(({ slots }) => slots),
    });
  });

  test('keep every token of the plain text, whatever the position', () => {
    const sorted = (texts: number[][][]) => texts.map(([text]) => [...text].sort((a, b) => a - b));
    const plain = sorted(classTexts(backbone, coop({}), NAMES).ids);
    for (const classPosition of ['middle', 'front'] as const) {
      expect(sorted(classTexts(backbone, coop({ classPosition }), NAMES).ids)).toEqual(plain);
    }
  });

  test('of several templates are those of each, in their order, and of a design with text prompts none', () => {
    const design = promptDesign('zeroShot', backbone.config);
    const templates = ['a photo of a {}.', 'a drawing of a {}.'];
    expect(classTexts(backbone, design, ['cat', 'sea_lion'], templates)).toEqual({
      ids: ['cat', 'sea lion'].map((name) => [ids(`a photo of a ${name}.`), ids(`a drawing of a ${name}.`)]),
    });
    expect(classTexts(backbone, coop({}), NAMES, templates)).toEqual(classTexts(backbone, coop({}), NAMES));
  });

  test.each<[string, string[], string]>([
    ['no template', [], "`templates` must hold at least one text with {} in the class name's place. Received: none."],
    [
      'a template without a place for the name, behind one that has it',
      ['a {}.', 'a photo.'],
      '`templates` must hold {} in the class name\'s place. Received: "a photo.".',
    ],
  ])('refuse %s', async (_, templates, message) => {
    const design = promptDesign('zeroShot', backbone.config);
    expect(() => classTexts(backbone, design, NAMES, templates)).toThrow(new MapleError(message));
    const { numTensors } = tf.memory();
    await expect(buildClip(backbone, { classNames: NAMES, design, templates })).rejects.toThrow(
      new MapleError(message),
    );
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe.each<[string, DesignOptions]>([
  ['front, from words', { classPosition: 'front' }],
  ['middle, from words', { classPosition: 'middle' }],
  ['middle, 3 random', { classPosition: 'middle', length: 3, initialization: 'random' }],
  ['middle, a context a class', { classPosition: 'middle', contexts: 'perClass' }],
  ['front, a random context a class', { classPosition: 'front', contexts: 'perClass', initialization: 'random' }],
])("CoOp's model, %s", (_, options) => {
  test('has the text features of embeddings that are placed by hand', async () => {
    const design = coop(options);
    const { textLength: length } = design;
    const perClass = options.contexts === 'perClass';
    const model = await buildClip(backbone, { classNames: NAMES, design });
    const prompt = tf.randomNormal(perClass ? [3, length, 24] : [length, 24], 0, 0.5, 'float32', 9);
    model.getLayer('text/prompt_0').setWeights([prompt]);
    const features = model.getLayer('text/projection').output as tfl.SymbolicTensor;
    const found = tfl.model({ inputs: model.inputs, outputs: features }).apply(tf.zeros([1, 16, 16, 3])) as tf.Tensor;

    const table = await backbone.weights.read('text/token_embedding/embeddings');
    const embed = (id: number) => Array.from(table.values.subarray(id * 24, (id + 1) * 24));
    const tower = textTowerModel(transformerTowers(backbone.config), backbone.config, frozenLayers, false);
    await loadWeights(tower.layers, backbone.weights);
    const contexts = prompt.arraySync() as number[][] | number[][][];
    const first = options.classPosition === 'front' ? 0 : Math.floor(length / 2);
    NAMES.forEach((name, index) => {
      const context = (perClass ? contexts[index] : contexts) as number[][];
      const rows = [
        embed(ids('')[0]),
        ...context.slice(0, first),
        ...inner(name.replaceAll('_', ' ')).map(embed),
        ...context.slice(first),
        ...inner('.').map(embed),
        embed(ids('').at(-1) as number),
      ];
      const end = tf.tensor1d([rows.length - 1]);
      // Behind the end token stands nothing that it sees.
      const padded = [...rows, ...range(0, 20 - rows.length).map(() => embed(7))];
      const expected = tower.apply([tf.tensor3d([padded]), end]) as tf.Tensor;
      expectClose(tf.slice(found, index, 1), expected, 2e-5);
    });
  });
});
