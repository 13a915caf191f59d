import { describe, expect, test } from '@jest/globals';
import { memorySource } from '../../../src/weights/byte_source.js';
import { joinShards, shardNames } from '../../../src/weights/joined_shards.js';
import { openSafetensors } from '../../../src/weights/safetensors.js';
import { encodeSafetensors } from '../../../src/weights/safetensors_writer.js';

const FILE = 'model.safetensors.index.json';
const ONE = 'model-00001-of-00002.safetensors';
const TWO = 'model-00002-of-00002.safetensors';
const index = { metadata: { total_size: 20 }, weight_map: { b: TWO, a: ONE, c: TWO } };

async function shard(name: string, tensors: Record<string, number[]>) {
  const list = Object.entries(tensors).map(([tensor, values]) => ({
    name: tensor,
    dtype: 'F32' as const,
    shape: [values.length],
    values: Float32Array.from(values),
  }));
  return openSafetensors(memorySource(name, new Uint8Array(Buffer.concat(encodeSafetensors(list)))));
}

describe('joinShards', () => {
  test('reads each tensor from its shard', async () => {
    const shards = new Map([
      [ONE, await shard(ONE, { a: [1, 2] })],
      [TWO, await shard(TWO, { b: [3], c: [4, 5] })],
    ]);
    const file = joinShards(FILE, index, shards);
    expect(file.name).toBe(FILE);
    expect([...file.names].sort()).toEqual(['a', 'b', 'c']);
    expect(file.shape('c')).toEqual([2]);
    expect(file.dtype('a')).toBe('F32');
    expect([...(await file.read('a')).values, ...(await file.read('b')).values]).toEqual([1, 2, 3]);
    expect(() => file.shape('d')).toThrow(/index.json has no tensor "d"/);
  });

  test('lists every tensor that is not where the index puts it', async () => {
    const shards = new Map([
      [ONE, await shard(ONE, { a: [1, 2], b: [3] })],
      [TWO, await shard(TWO, { more: [1] })],
    ]);
    expect(() => joinShards(FILE, index, shards)).toThrow(
      `${FILE} does not fit its shards. Missing: b in ${TWO}, c in ${TWO}. Not in the index: b, more. ` +
        'Fetch all files of one revision.',
    );
  });
});

describe('shardNames', () => {
  test('are those of the index, each once', () => {
    expect(shardNames(FILE, index)).toEqual([ONE, TWO]);
  });

  test.each(['../model.safetensors', '/etc/passwd', 'a/b.safetensors', '..', '.hidden', 'a\\b', '', 3, null])(
    'refuses the shard %j, which does not lie beside the index',
    (name) => {
      expect(() => shardNames(FILE, { weight_map: { a: name } })).toThrow(
        `\`weight_map\` of ${FILE} must name files beside it. Received for a: ${JSON.stringify(name)}.`,
      );
    },
  );

  test.each([{}, { weight_map: {} }, { weight_map: [] }, { weight_map: 'x' }])('refuses %j', (json) => {
    expect(() => shardNames(FILE, json)).toThrow(/`weight_map` .* must be an object that tells the shard/);
  });
});
