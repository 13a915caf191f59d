import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { Callback, type LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../../layers/errors.js';
import type { Backbone } from '../../../src/backbone/backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { chooseBackend } from '../../../src/node/backend.js';
import type { Resizing } from '../../../src/clip/image_statistics.js';
import { promptDesign, type Method } from '../../../src/prompting/presets.js';
import { recipes } from '../../../src/training/recipe.js';
import type { TrainingState } from '../../../src/training/training_state.js';
import { decodeTrainingState, encodeTrainingState } from '../../../src/training/training_state_file.js';
import { tunePrompts, type TunePromptsArgs } from '../../../src/training/tune_prompts.js';
import { memorySource } from '../../../src/weights/byte_source.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';

const { classNames, train: examples } = tinyDataset();
/** 16 pictures: 4 batches an epoch. */
const recipe = { ...recipes.mapleBaseToNew, learningRate: 0.02, epochs: 3, depth: 2 };
let backbone: Backbone;

const build = (method: Method = 'maple'): Promise<LayersModel> =>
  buildClip(backbone, { classNames, design: promptDesign(method, backbone.config), seed: 1 });
const learned = (model: LayersModel) => model.trainableWeights.map((weight) => Array.from(weight.read().dataSync()));

/** A whole training: history, weights and the state after each epoch. */
async function undisturbed(method?: Method) {
  const model = await build(method);
  const states: TrainingState[] = [];
  const history = await tunePrompts({ model, examples, recipe, onState: (state) => void states.push(state) });
  return { history, weights: learned(model), states };
}

/** Stops after so many batches in all, and gives the state there. */
async function stoppedAfter(batches: number, method?: Method): Promise<TrainingState> {
  const controller = new AbortController();
  let state: TrainingState | undefined;
  let done = 0;
  class Counter extends Callback {
    override async onBatchBegin(): Promise<void> {
      if (++done === batches) {
        controller.abort(new Error('stopped by the test'));
      }
    }
  }
  const args = { model: await build(method), examples, recipe, callbacks: [new Counter()], signal: controller.signal };
  await expect(tunePrompts({ ...args, onState: (now) => void (state = now) })).rejects.toThrow('stopped by the test');
  expect(done).toBe(batches);
  return state as TrainingState;
}

/** What a file keeps of a state. */
async function throughBytes(state: TrainingState): Promise<TrainingState> {
  return decodeTrainingState(memorySource('state', await bytesOf(state)));
}

async function bytesOf(state: TrainingState): Promise<Uint8Array> {
  return new Uint8Array(Buffer.concat(await encodeTrainingState(state)));
}

async function resume(state: TrainingState, changes: Partial<TunePromptsArgs> = {}, method?: Method) {
  const model = await build(method);
  const history = await tunePrompts({ model, examples, recipe, resumeFrom: state, ...changes });
  return { history, weights: learned(model) };
}

beforeAll(async () => {
  await chooseBackend('wasm');
  backbone = await tinyBackbone();
});
afterEach(() => tf.disposeVariables());

describe('a training that goes on', () => {
  test('after each epoch ends as one that was never disturbed, to the last bit', async () => {
    const { history, weights, states } = await undisturbed();
    expect(states.map(({ epoch, steps, within }) => [epoch, steps, within])).toEqual([
      [1, 4, undefined],
      [2, 8, undefined],
      [3, 12, undefined],
    ]);
    for (const state of states) {
      expect(await resume(await throughBytes(state))).toEqual({ history, weights });
    }
  });

  test.each([1, 6])('after batch %i, within an epoch, does too', async (batches) => {
    const { history, weights } = await undisturbed();
    const state = await stoppedAfter(batches);
    expect([state.epoch, state.within?.batches]).toEqual([Math.floor(batches / 4), batches % 4]);
    expect(await resume(await throughBytes(state))).toEqual({ history, weights });
  });

  test('stopped at the end of an epoch has that epoch done', async () => {
    const state = await stoppedAfter(4);
    expect([state.epoch, state.within]).toEqual([1, undefined]);
  });

  test('holds for a method of the text tower alone, and one that depends on the picture', async () => {
    for (const method of ['coop', 'cocoop'] as const) {
      const { history, weights } = await undisturbed(method);
      expect(await resume(await throughBytes(await stoppedAfter(5, method)), {}, method)).toEqual({ history, weights });
    }
  });

  test('leaks no tensor', async () => {
    const state = await stoppedAfter(2);
    const model = await build();
    await tunePrompts({ model, examples, recipe, resumeFrom: state });
    const before = tf.memory().numTensors;
    await tunePrompts({ model, examples, recipe, resumeFrom: state, onState: () => undefined });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('the state does not change with the training that gave it', async () => {
    const { states } = await undisturbed();
    expect(states[0].weights).not.toEqual(states[1].weights);
    expect(states[0].history).toHaveLength(1);
  });
});

describe('a state of other settings is refused, naming the first that differs', () => {
  const renamed = examples.map((example) => ({ ...example, name: `other ${example.name}` }));

  test.each<[string, Partial<TunePromptsArgs>]>([
    ['`recipe.epochs` was 3, and is now 4', { recipe: { ...recipe, epochs: 4 } }],
    ['`recipe.learningRate` was 0.02, and is now 0.01', { recipe: { ...recipe, learningRate: 0.01, epochs: 9 } }],
    [
      '`recipe.augmentation.flip` was 0.5',
      { recipe: { ...recipe, augmentation: { ...recipe.augmentation, flip: 0 } } },
    ],
    ['`seed` was 1, and is now 2', { seed: 2 }],
    ['`examples.count` was 16, and is now 15', { examples: examples.slice(1) }],
    ['`examples.digest` was', { examples: renamed }],
  ])('%s', async (message, changes) => {
    const state = await stoppedAfter(1);
    const model = await build();
    const before = learned(model);
    await expect(tunePrompts({ model, examples, recipe, resumeFrom: state, ...changes })).rejects.toThrow(message);
    expect(learned(model)).toEqual(before);
  });

  test('classes, design and backbone count; where the backbone and the pictures lie does not', async () => {
    const state = await stoppedAfter(1);
    await expect(resume(state, {}, 'ivlp')).rejects.toThrow('`design.coupling` was "perLayer", and is now "none"');
    const model = await buildClip(backbone, {
      classNames: ['cat', 'dog', 'fox', 'bird'],
      design: promptDesign('maple', backbone.config),
    });
    await expect(tunePrompts({ model, examples, recipe, resumeFrom: state })).rejects.toThrow(
      '`classNames.3` was "owl", and is now "bird"',
    );
    const { settings } = state;
    const elsewhere = { ...settings, backbone: { ...settings.backbone, name: 'elsewhere' } };
    const other = { ...settings, backbone: { ...settings.backbone, identity: 'other' } };
    const moved = examples.map((example) => ({ ...example, name: `/moved/${example.name}` }));
    await expect(resume({ ...state, settings: elsewhere }, { examples: moved })).resolves.toBeDefined();
    await expect(resume({ ...state, settings: other })).rejects.toThrow(
      '`backbone.identity` was "other", and is now "tiny-identity"',
    );
  });

  test('and how pictures are resized; a state that does not say was of CLIP’s way', async () => {
    const state = await stoppedAfter(1);
    expect(Object.keys(state.settings)).not.toContain('pictures');
    const { imageStatistics } = backbone;
    const modelOf = (resizing: Resizing): Promise<LayersModel> => {
      const other = { ...backbone, imageStatistics: { ...imageStatistics, ...resizing } };
      return buildClip(other, { classNames, design: promptDesign('maple', backbone.config), seed: 1 });
    };
    const goOn = async (from: TrainingState, resizing: Resizing) =>
      tunePrompts({ model: await modelOf(resizing), examples, recipe, resumeFrom: from });
    await expect(goOn(state, { fit: 'crop', filter: 'bicubic' })).resolves.toHaveLength(3);
    await expect(goOn(state, { filter: 'bilinear' })).rejects.toThrow(
      '`pictures` was absent, and is now {"filter":"bilinear"}',
    );
    const squashed: TrainingState = { ...state, settings: { ...state.settings, pictures: { fit: 'squash' } } };
    await expect(goOn(await throughBytes(squashed), { fit: 'squash' })).resolves.toHaveLength(3);
    await expect(goOn(squashed, {})).rejects.toThrow('`pictures` was {"fit":"squash"}, and is now absent');
  });

  test('and so is one whose tensors are not the model’s, before anything is changed', async () => {
    const state = await stoppedAfter(1);
    const model = await build();
    const before = learned(model);
    const fewer = { ...state, weights: state.weights.slice(1) };
    await expect(tunePrompts({ model, examples, recipe, resumeFrom: fewer })).rejects.toThrow(
      /must have the model's \d+ trained tensors\. Received: \d+, .* in the place of /,
    );
    expect(learned(model)).toEqual(before);
  });
});

describe('the file of a state', () => {
  test('gives it back whole', async () => {
    const state = await stoppedAfter(6);
    expect(await throughBytes(state)).toEqual(state);
  });

  test('cut short, changed or of another kind is an error that says so', async () => {
    const bytes = await bytesOf(await stoppedAfter(1));
    const read = (content: Uint8Array) => decodeTrainingState(memorySource('checkpoint/state', content));
    const changed = bytes.slice();
    changed[changed.length - 3] ^= 1;
    await expect(read(changed)).rejects.toThrow(
      new MapleError(
        'checkpoint/state is damaged, and no training can go on from it: its content is not what was written. ' +
          'Begin a new training.',
      ),
    );
    for (const length of [0, 5, 100, bytes.length - 1]) {
      await expect(read(bytes.slice(0, length))).rejects.toThrow(/^checkpoint\/state is damaged, .*[.?] Begin a new/);
      await expect(read(bytes.slice(0, length))).rejects.not.toThrow('?.');
    }
    const { encodeSafetensors } = await import('../../../src/weights/safetensors_writer.js');
    const other = Buffer.concat(
      encodeSafetensors([{ name: 'x', dtype: 'F32', shape: [1], values: new Float32Array(1) }]),
    );
    await expect(read(new Uint8Array(other))).rejects.toThrow(
      "checkpoint/state must be a training's state of this version (format tfjs-maple-training-1). Received: another",
    );
  });
});
