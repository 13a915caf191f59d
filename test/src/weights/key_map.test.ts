import { describe, expect, test } from '@jest/globals';
import { canonicalShapes } from '../../../src/weights/canonical.js';
import { memorySource } from '../../../src/weights/byte_source.js';
import { mapWeights, toForeignTensors, type KeyRow, type KeyScheme } from '../../../src/weights/key_map.js';
import { randomWeights } from '../../../src/weights/random_weights.js';
import { openSafetensors } from '../../../src/weights/safetensors.js';
import { encodeSafetensors } from '../../../src/weights/safetensors_writer.js';
import { tinyConfig } from '../../helpers/tiny_clip.js';

const config = tinyConfig();
const QKV = 'text/block_0/attention/qkv/kernel';
const POSITIONS = 'vision/positions/positions';

/** Our own names, but for two weights. */
const scheme: KeyScheme = {
  name: "a test's",
  ignored: new Set(),
  rows: (of) => [...canonicalShapes(of).keys()].map(row),
};

function row(target: string): KeyRow {
  if (target === QKV) {
    return { target, sources: ['q', 'kv'], shares: [1, 2], layout: 'linear' };
  }
  return { target, sources: [target], layout: target === POSITIONS ? 'leading' : 'same' };
}

describe('a key map', () => {
  test('joins tensors of unequal length, takes an axis of 1 away, and writes both back', async () => {
    const source = randomWeights(config, 1);
    const values = new Map<string, Float32Array>();
    for (const name of source.names) {
      values.set(name, (await source.read(name)).values);
    }
    const tensors = toForeignTensors(config, scheme, values);
    const { width } = config.text;
    const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
    expect(shapes.get('q')).toEqual([width, width]);
    expect(shapes.get('kv')).toEqual([2 * width, width]);
    expect(shapes.get(POSITIONS)).toEqual([1, ...source.shape(POSITIONS)]);
    const q = tensors.find(({ name }) => name === 'q') as { values: Float32Array };
    // Row 1 of [out, in] is column 1 of [in, 3 * width].
    expect(q.values[width + 2]).toBe(values.get(QKV)?.[2 * 3 * width + 1]);

    const bytes = encodeSafetensors(tensors.map((tensor) => ({ ...tensor, dtype: 'F32' as const })));
    const file = await openSafetensors(memorySource('joined.safetensors', Buffer.concat(bytes)));
    const mapped = mapWeights(file, config, scheme);
    for (const name of source.names) {
      expect(await mapped.read(name)).toEqual(await source.read(name));
    }
  });
});
