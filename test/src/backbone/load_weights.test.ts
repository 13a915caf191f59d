import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { WeightSource } from '../../../src/backbone/backbone.js';
import { buildClip } from '../../../src/clip/build_clip.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { memorySource, type ByteSource } from '../../../src/weights/byte_source.js';
import { openClipWeights } from '../../../src/weights/open_clip.js';
import { OPENAI_NAMES } from '../../../src/weights/openai.js';
import { toForeignTensors } from '../../../src/weights/key_map.js';
import { encodeSafetensors } from '../../../src/weights/safetensors_writer.js';
import { allWeights } from '../../helpers/saved_backbone.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

const classNames = ['cat', 'dog'];

beforeAll(() => chooseBackend());

/** A weight source that notes what is read, and the most that the backend held meanwhile. */
function watched(source: WeightSource): WeightSource & { reads: string[]; mostBytes: number } {
  const noted = {
    names: source.names,
    reads: [] as string[],
    mostBytes: 0,
    shape: (name: string) => source.shape(name),
    read: async (name: string) => {
      noted.reads.push(name);
      noted.mostBytes = Math.max(noted.mostBytes, tf.memory().numBytes);
      return source.read(name);
    },
  };
  return noted;
}

describe('loading a backbone into a classifier', () => {
  let backbone: Awaited<ReturnType<typeof tinyBackbone>>;
  beforeEach(async () => {
    backbone = await tinyBackbone();
  });

  test('reads every weight once, and keeps no second copy of the weights in the backend', async () => {
    const weights = watched(backbone.weights);
    const before = tf.memory();
    const design = promptDesign('maple', backbone.config);
    const model = await buildClip({ ...backbone, weights }, { classNames, design });
    expect([...weights.reads].sort()).toEqual([...weights.names].sort());
    const own = model.weights.reduce((sum, { shape }) => sum + 4 * (shape as number[]).reduce((a, b) => a * b, 1), 0);
    expect(weights.mostBytes - before.numBytes).toBeLessThanOrEqual(own);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
  });

  test('of fixed texts frees the text tower again', async () => {
    const weights = watched(backbone.weights);
    const design = promptDesign('zeroShot', backbone.config);
    const before = tf.memory();
    const model = await buildClip({ ...backbone, weights }, { classNames, design });
    expect(new Set(weights.reads).size).toBe(weights.names.length);
    expect(weights.reads).toHaveLength(weights.names.length);
    const own = model.weights.reduce((sum, { shape }) => sum + 4 * (shape as number[]).reduce((a, b) => a * b, 1), 0);
    expect(tf.memory().numBytes - before.numBytes).toBe(own);
    model.dispose();
  });

  test('asks a file for one tensor at a time, the header aside', async () => {
    const tensors = toForeignTensors(backbone.config, OPENAI_NAMES, await allWeights(backbone.weights));
    const file = memorySource(
      'tiny.safetensors',
      new Uint8Array(Buffer.concat(encodeSafetensors(tensors.map((tensor) => ({ ...tensor, dtype: 'F32' as const }))))),
    );
    const lengths: number[] = [];
    const source: ByteSource = {
      ...file,
      read: (start, end) => {
        lengths.push(end - start);
        return file.read(start, end);
      },
    };
    const { weights } = await openClipWeights({ weights: source, config: backbone.config });
    const opened = lengths.length;
    const model = await buildClip(
      { ...backbone, weights },
      { classNames, design: promptDesign('maple', backbone.config) },
    );
    const sizes = tensors.map((tensor) => 4 * tensor.values.length);
    expect(lengths.slice(opened).sort()).toEqual(sizes.sort());
    model.dispose();
  });
});
