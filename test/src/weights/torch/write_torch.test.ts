import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { MapleError } from '../../../../layers/errors.js';
import { memorySource } from '../../../../src/weights/byte_source.js';
import type { TensorToWrite } from '../../../../src/weights/safetensors_writer.js';
import { openTorch } from '../../../../src/weights/torch/open_torch.js';
import { writeTorch } from '../../../../src/weights/torch/write_torch.js';

const TENSORS: TensorToWrite[] = [
  { name: 'prompt_learner.ctx', dtype: 'F32', shape: [2, 3], values: Float32Array.of(0.1, -2, 3e-9, 4, 5, NaN) },
  { name: 'prompt_learner.proj.weight', dtype: 'F16', shape: [3], values: Float32Array.of(0.5, -0.25, 65504) },
  { name: 'brain', dtype: 'BF16', shape: [1, 2], values: Float32Array.of(1, -3e38) },
  { name: 'logit_scale', dtype: 'F32', shape: [], values: Float32Array.of(4.6052) },
  { name: 'empty', dtype: 'F32', shape: [0, 4], values: new Float32Array(0) },
  { name: 'größe', dtype: 'F32', shape: [1], values: Float32Array.of(1) },
];
const FACTS = {
  epoch: 5,
  val_result: 81.25,
  big: 2 ** 40,
  negative: -7,
  zero: -0,
  name: 'Prüfung',
  done: true,
  left: false,
};

async function written(tensors: Iterable<TensorToWrite>, facts?: Record<string, number | string | boolean>) {
  return new Uint8Array(Buffer.concat(await writeTorch(tensors, facts)));
}

test('what is written is read back: tensors, types, shapes, order and facts', async () => {
  const file = await openTorch(memorySource('w.pt', await written(TENSORS, FACTS)));
  expect(file.names).toEqual(TENSORS.map(({ name }) => name));
  for (const { name, dtype, shape, values } of TENSORS) {
    expect([file.dtype(name), file.shape(name)]).toEqual([dtype, shape]);
    const read = (await file.read(name)).values;
    expect(Array.from(read)).toEqual(Array.from(dtype === 'BF16' ? Float32Array.of(1, -3.00405527e38) : values));
  }
  expect(Object.fromEntries(file.facts)).toEqual(FACTS);
  expect(file.inertClasses).toEqual([]);
});

// PyTorch 2.13 read the file of this digest to the same tensors and facts, with weights_only=True and without.
test('the bytes are those that PyTorch was seen to read, every time', async () => {
  const bytes = await written(TENSORS, FACTS);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(
    'e2c34a875d27ef61f72b32b52011afcc4b7828da3c1d0b9bd1a0a3e11b96b021',
  );
});

describe('what cannot be written is refused:', () => {
  const tensor = TENSORS[3];
  test.each<[string, TensorToWrite[], Record<string, number>, RegExp]>([
    ['a name twice', [tensor, tensor], {}, /name must be unique .* Received: "logit_scale"/],
    ['a shape that does not fit', [{ ...tensor, shape: [2] }], {}, /\[2\] must have 2 values. Received: 1/],
    ['a value beyond F16', [{ ...tensor, dtype: 'F16', values: Float32Array.of(1e6) }], {}, /F16 cannot hold 1000000/],
    ['a fact in the place of the tensors', [tensor], { state_dict: 1 }, /must not have the key "state_dict"/],
  ])('%s', async (_, tensors, facts, message) => {
    await expect(writeTorch(tensors, facts)).rejects.toThrow(message);
    await expect(writeTorch(tensors, facts)).rejects.toBeInstanceOf(MapleError);
  });
});
