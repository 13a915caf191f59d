import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileSource } from '../../../../src/node/file_source.js';
import { memorySource } from '../../../../src/weights/byte_source.js';
import type { ByteSource } from '../../../../src/weights/byte_source.js';
import { openTensors } from '../../../../src/weights/open_tensors.js';
import { openTorch } from '../../../../src/weights/torch/open_torch.js';
import type { TorchFile } from '../../../../src/weights/torch/torch_file.js';
import { fixturePath, readJsonFixture } from '../../../helpers/fixtures.js';
import { torchFixture } from '../../../helpers/torch_files.js';

interface Expected {
  [name: string]: { dtype: string; shape: number[]; values: number[] };
}
const EXPECTED = JSON.parse(readFileSync(torchFixture('expected.json'), 'utf8')) as {
  state_dict: Expected;
  checkpoint: Expected;
  clip: Expected;
  traced: string[];
  scripted: string[];
};

const DTYPES: Record<string, string> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};

async function open(name: string): Promise<TorchFile> {
  return openTorch(await fileSource(torchFixture(name)));
}

async function expectTensors(file: TorchFile, expected: Expected): Promise<void> {
  for (const [name, { dtype, shape, values }] of Object.entries(expected)) {
    expect([name, file.dtype(name), file.shape(name)]).toEqual([name, DTYPES[dtype], shape]);
    const read = dtype.includes('float') ? await file.read(name) : await file.readIntegers(name);
    expect(read.shape).toEqual(shape);
    expect([name, Array.from(read.values)]).toEqual([
      name,
      values.map((value) => (dtype === 'float64' ? Math.fround(value) : value)),
    ]);
  }
}

describe('a state dict of every type and stride', () => {
  test.each(['protocol_2.pt', 'protocol_3.pt', 'protocol_4.pt', 'protocol_5.pt', 'legacy.pt'])(
    'in %s',
    async (name) => {
      const file = await open(name);
      expect(file.names).toEqual(Object.keys(EXPECTED.state_dict));
      await expectTensors(file, EXPECTED.state_dict);
      expect((await file.read('__proto__')).values).toEqual(Float32Array.of(7));
      expect(file.facts.size).toBe(0);
      expect(file.inertClasses).toEqual([]);
    },
  );
});

test('a checkpoint as Dassl writes it: plain values are facts, live objects stay closed', async () => {
  const file = await open('checkpoint.pth.tar-5');
  expect(file.names).toEqual(['weight', 'bias']);
  await expectTensors(file, EXPECTED.checkpoint);
  expect([...file.facts]).toEqual([
    ['epoch', 5],
    ['val_result', 81.25],
    ['model-name', 'maple'],
    ['finished', true],
  ]);
  expect(file.inertClasses).toEqual(
    expect.arrayContaining(['torch.optim.lr_scheduler.CosineAnnealingLR', 'torch.optim.sgd.SGD']),
  );
});

describe('a CLIP-like module', () => {
  test.each(['traced', 'scripted'] as const)('%s: names are those of state_dict()', async (kind) => {
    const file = await open(`${kind}.pt`);
    expect([...file.names].sort()).toEqual(EXPECTED[kind]);
    expect(file.names).toContain('visual.transformer.resblocks.1.mlp.c_proj.weight');
    await expectTensors(file, EXPECTED.clip);
  });

  test('pickled whole: the same, without the buffer that is not saved', async () => {
    const file = await open('module.pt');
    expect([...file.names].sort()).toEqual(Object.keys(EXPECTED.clip).sort());
    await expectTensors(file, EXPECTED.clip);
    expect(file.inertClasses).toContain('__main__.Clip');
  });
});

test('a malicious pickle runs nothing: the calls are inert and the tensor beside them is read', async () => {
  const file = await open('malicious.pt');
  expect(file.names).toEqual(['weight']);
  expect((await file.read('weight')).values).toEqual(Float32Array.of(1, 2));
  expect(file.inertClasses).toEqual([
    '__builtin__.__import__',
    '__builtin__.eval',
    '__builtin__.exec',
    '__builtin__.getattr',
    'itertools.imap',
    'posix.system',
  ]);
});

test('the official checkpoint of the formats: every tensor', async () => {
  const path = fixturePath('formats', 'torch', 'model.pth.tar-5');
  const { architecture, depth, length } = readJsonFixture<{
    architecture: { embed_dim: number; transformer_width: number; vision_width: number; transformer_layers: number };
    depth: number;
    length: number;
  }>('formats', 'torch', 'manifest.json');
  const file = await openTorch(await fileSource(path));
  expect(file.shape('prompt_learner.ctx')).toEqual([length, architecture.transformer_width]);
  expect(file.shape(`prompt_learner.compound_prompts_text.${depth - 2}`)).toEqual([
    length,
    architecture.transformer_width,
  ]);
  expect(file.shape('prompt_learner.proj.weight')).toEqual([architecture.vision_width, architecture.transformer_width]);
  expect(file.facts.get('epoch')).toBe(5);
  for (const name of file.names) {
    const { shape, values } = await file.read(name);
    expect(values.length).toBe(shape.reduce((product, size) => product * size, 1));
    expect([name, values.every(Number.isFinite)]).toEqual([name, true]);
  }
});

test('opening reads the structure and not the tensors; a tensor reads its own bytes', async () => {
  const source = await fileSource(fixturePath('formats', 'torch', 'model.pth.tar-5'));
  let read = 0;
  const counted: ByteSource = {
    ...source,
    read: (start, end) => {
      read += end - start;
      return source.read(start, end);
    },
  };
  const file = await openTorch(counted);
  expect(read).toBeLessThan(200_000);
  read = 0;
  const { values } = await file.read('image_encoder.conv1.weight');
  expect(read).toBeLessThan(values.length * 2 + 200);
});

test('openTensors tells PyTorch from safetensors by the first bytes', async () => {
  const torch = await openTensors(await fileSource(torchFixture('protocol_2.pt')));
  expect(torch.shape('f32')).toEqual([2, 3]);
  const safetensors = await openTensors(await fileSource(fixturePath('formats', 'torch', 'expected.safetensors')));
  expect(safetensors.names).toContain('logits');
});

describe('a file of another kind is refused with what to do:', () => {
  const text = (content: string): Uint8Array => Uint8Array.from(content, (character) => character.charCodeAt(0));
  test.each<[string, Uint8Array, RegExp]>([
    [
      'a Git LFS pointer',
      text('version https://git-lfs.github.com/spec/v1\noid sha256:00'),
      /Git LFS pointer.*git lfs pull/,
    ],
    ['a web page', text('<!DOCTYPE html><html></html>'), /is a web page/],
    ['a tar archive', text(`${'a'.repeat(257)}ustar`), /tar archive.*torch\.save\(torch\.load\(f\), g\)/],
    ['gzip', text('\x1f\x8b\x08'), /compressed by gzip/],
    ['HDF5', text('\x89HDF\r\n\x1a\n'), /HDF5/],
    ['NumPy', text('\x93NUMPY'), /NumPy/],
    ['a plain pickle', text('\x80\x02K\x01.'), /a Python pickle but not one of torch\.save/],
    ['nothing', text(''), /must hold at least 8 bytes. Received: 0/],
  ])('%s', async (_, bytes, message) => {
    await expect(openTensors(memorySource('x.pt', bytes))).rejects.toThrow(message);
    await expect(openTensors(memorySource('x.pt', bytes))).rejects.toMatchObject({ name: 'MapleError' });
  });

  test('safetensors where PyTorch is asked for', async () => {
    const source = await fileSource(fixturePath('formats', 'torch', 'expected.safetensors'));
    await expect(openTorch(source)).rejects.toThrow(
      /must be a file of torch\.save or torch\.jit\.save. Is it a safetensors file/,
    );
  });
});

test('a tensor that is missing, or of another type, is named', async () => {
  const file = await open('protocol_2.pt');
  await expect(file.read('nothing')).rejects.toThrow(/protocol_2\.pt has no tensor "nothing"\. It has: f32, /);
  await expect(file.read('i64')).rejects.toThrow(/tensor "i64" must be of type F32, F16, BF16, F64\. Received: I64/);
  await expect(file.readIntegers('f32')).rejects.toThrow(/tensor "f32" must be of type I64, .* Received: F32/);
});
