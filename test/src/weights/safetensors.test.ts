import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { blobSource, memorySource } from '../../../src/weights/byte_source.js';
import type { ByteSource } from '../../../src/weights/byte_source.js';
import { openSafetensors } from '../../../src/weights/safetensors.js';
import { encodeSafetensors } from '../../../src/weights/safetensors_writer.js';
import type { TensorToWrite } from '../../../src/weights/safetensors_writer.js';

/** A file with the given header text and data, whatever they say. */
function craft(header: string | Uint8Array, data: Uint8Array | number = 0, length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = typeof data === 'number' ? new Uint8Array(data) : data;
  const file = new Uint8Array(8 + text.length + bytes.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  file.set(text, 8);
  file.set(bytes, 8 + text.length);
  return file;
}

function open(file: Uint8Array): ReturnType<typeof openSafetensors> {
  return openSafetensors(memorySource('bad.safetensors', file));
}

function entry(dtype: string, shape: string, offsets: string): string {
  return `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
}

const GOOD = entry('F32', '[1]', '[0,4]');

describe('a bad file is refused with its name and the reason:', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /at least 8 bytes. Received: 0/],
    ['cut in the length', new Uint8Array(7), /at least 8 bytes. Received: 7/],
    ['header cut short', craft(`{"a":${GOOD}}`, 0, 4000n), /header ends at byte 4008, beyond the file's/],
    ['header length of a lie', craft('{}', 0, 100_000_001n), /at most 100000000 bytes long. Received: 100000001/],
    ['header length of 2^64 - 1', craft('{}', 0, 2n ** 64n - 1n), /Received: 18446744073709551615/],
    ['no header', craft(''), /must be JSON/],
    ['header not UTF-8', craft(Uint8Array.of(0x7b, 0xff, 0x7d)), /must be JSON in UTF-8/],
    ['header not JSON', craft('{"a":'), /Expected a value at character 5/],
    ['trailing comma', craft(`{"a":${GOOD},}`, 4), /Expected a string/],
    ['header an array', craft('[]'), /must be a JSON object/],
    ['bytes after the JSON', craft('{}\0'), /Expected nothing more at character 2/],
    ['nested without end', craft('['.repeat(100_000)), /Nested deeper/],
    ['duplicate tensor', craft(`{"a":${GOOD},"a":${GOOD}}`, 4), /key "a" is given twice/],
    ['duplicate, escaped', craft(`{"a":${GOOD},"\\u0061":${GOOD}}`, 4), /key "a" is given twice/],
    ['duplicate metadata', craft('{"__metadata__":{},"__metadata__":{}}'), /"__metadata__" is given twice/],
    ['duplicate metadata key', craft('{"__metadata__":{"k":"1","k":"2"}}'), /key "k" is given twice/],
    [
      'duplicate field',
      craft('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
      /key "dtype" is given twice/,
    ],
    ['metadata not an object', craft('{"__metadata__":[]}'), /`__metadata__` must be an object of strings/],
    ['metadata not strings', craft('{"__metadata__":{"k":1}}'), /`__metadata__` must hold strings. Received: 1 in "k"/],
    ['tensor not an object', craft('{"a":3}'), /tensor "a": it must be an object .* Received: 3/],
    ['no dtype', craft('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4), /tensor "a": `dtype` .* Received: undefined/],
    ['unknown dtype', craft(`{"a":${entry('F31', '[1]', '[0,4]')}}`, 4), /`dtype` must be one of .* Received: F31/],
    ['dtype of a prototype', craft(`{"a":${entry('toString', '[1]', '[0,4]')}}`, 4), /Received: toString/],
    ['no shape', craft('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4), /`shape` must be a list.* undefined/],
    ['negative size', craft(`{"a":${entry('F32', '[-1]', '[0,4]')}}`, 4), /`shape` must hold integers .* -1/],
    ['size 1.5', craft(`{"a":${entry('F32', '[1.5]', '[0,4]')}}`, 4), /`shape` must hold integers .* 1.5/],
    ['size 1.0', craft(`{"a":${entry('F32', '[1.0]', '[0,4]')}}`, 4), /`shape` must hold integers/],
    ['size 1e0', craft(`{"a":${entry('F32', '[1e0]', '[0,4]')}}`, 4), /`shape` must hold integers/],
    ['size of text', craft(`{"a":${entry('F32', '["1"]', '[0,4]')}}`, 4), /`shape` must hold integers/],
    ['size beyond 2^53', craft(`{"a":${entry('F32', '[9007199254740993]', '[0,4]')}}`, 4), /`shape` must hold/],
    [
      'product beyond 64 bits',
      craft(`{"a":${entry('F32', '[4294967296,4294967296,0]', '[0,0]')}}`),
      /`shape` must not overflow/,
    ],
    ['no offsets', craft('{"a":{"dtype":"F32","shape":[1]}}', 4), /`data_offsets` must be a list/],
    [
      'one offset',
      craft(`{"a":${entry('F32', '[1]', '[0]')}}`, 4),
      /a start and an end not before it. Received: \[0\]/,
    ],
    ['negative offset', craft(`{"a":${entry('F32', '[1]', '[-4,0]')}}`, 4), /`data_offsets` must hold integers/],
    ['float offset', craft(`{"a":${entry('F32', '[1]', '[0,4.0]')}}`, 4), /`data_offsets` must hold integers/],
    ['offsets turned', craft(`{"a":${entry('F32', '[1]', '[4,0]')}}`, 4), /an end not before it/],
    [
      'offsets beyond the file',
      craft(`{"a":${entry('F32', '[2]', '[0,8]')}}`, 4),
      /inside the file's 4 bytes of data. Received: \[0, 8\]. Is the file complete/,
    ],
    ['too few bytes for the shape', craft(`{"a":${entry('F32', '[2]', '[0,4]')}}`, 4), /span 8 bytes .* Received: 4/],
    ['too many bytes', craft(`{"a":${entry('F16', '[1]', '[0,4]')}}`, 4), /span 2 bytes for F16 \[1\]/],
    ['bits that fill no byte', craft(`{"a":${entry('F4', '[1]', '[0,1]')}}`, 1), /span 0.5 bytes/],
    ['hole at the start', craft(`{"a":${entry('F32', '[1]', '[4,8]')}}`, 8), /"a": .* must begin at 0, .* Received: 4/],
    [
      'hole between',
      craft(`{"a":${GOOD},"b":${entry('F32', '[1]', '[8,12]')}}`, 12),
      /tensor "b": `data_offsets` must begin at 4, .* Received: 8/,
    ],
    [
      'overlap',
      craft(`{"a":${entry('F32', '[2]', '[0,8]')},"b":${entry('F32', '[1]', '[4,8]')}}`, 8),
      /tensor "b": `data_offsets` must begin at 8, .* Received: 4/,
    ],
    ['two tensors in one place', craft(`{"a":${GOOD},"b":${GOOD}}`, 4), /"b": .* must begin at 4/],
    ['bytes after the last', craft(`{"a":${GOOD}}`, 5), /reach to the end of the file. Received: 1 bytes more/],
    ['data without tensors', craft('{}', 4), /Received: 4 bytes more/],
  ])('%s', async (_, file, message) => {
    const error = await open(file).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(MapleError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toMatch(/^bad.safetensors is not a valid safetensors file/);
  });
});

describe('what the reference accepts is accepted:', () => {
  test.each<[string, Uint8Array, string[]]>([
    ['no tensor', craft('{}'), []],
    ['space around the JSON', craft(' \n{"a":' + GOOD + '}   ', 4), ['a']],
    ['scalar', craft(`{"a":${entry('F32', '[]', '[0,4]')}}`, 4), ['a']],
    ['empty tensors in one place', craft(`{"a":${entry('F32', '[0]', '[0,0]')},"b":${GOOD}}`, 4), ['a', 'b']],
    ['order of the header is free', craft(`{"b":${entry('F32', '[1]', '[4,8]')},"a":${GOOD}}`, 8), ['b', 'a']],
    ['strange names', craft(`{"__proto__":${GOOD},"":${entry('F32', '[1]', '[4,8]')}}`, 8), ['__proto__', '']],
    [
      'fields it does not know',
      craft('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":[true,null,-1.5e3]}}', 4),
      ['a'],
    ],
  ])('%s', async (_, file, names) => {
    const opened = await open(file);
    expect(opened.names).toEqual(names);
    expect(names.map((name) => opened.dtype(name))).toEqual(names.map(() => 'F32'));
  });
});

describe('SafetensorsFile', () => {
  const values = Float32Array.of(1, -2, 0.5, 65504, 0, -0.25);

  test.each(['F32', 'F16', 'BF16'] as const)('reads back what was written as %s', async (dtype) => {
    const stored = dtype === 'BF16' ? values.map((value) => (value === 65504 ? 65536 : value)) : values;
    const pieces = encodeSafetensors([{ name: 'x/y', dtype, shape: [2, 3], values }], { note: 'für "dich"' });
    const file = await openSafetensors(blobSource('blob', new Blob(pieces as BlobPart[])));
    expect([file.names, file.dtype('x/y'), file.shape('x/y')]).toEqual([['x/y'], dtype, [2, 3]]);
    expect([...file.metadata]).toEqual([['note', 'für "dich"']]);
    expect(await file.read('x/y')).toEqual({ shape: [2, 3], values: stored });
  });

  test('reads F64 and integers', async () => {
    const data = new Uint8Array(8 + 8 + 4 + 1);
    const view = new DataView(data.buffer);
    view.setFloat64(0, 0.1, true);
    view.setBigInt64(8, -7n, true);
    view.setInt32(16, -9, true);
    view.setUint8(20, 200);
    const header =
      `{"f":${entry('F64', '[1]', '[0,8]')},"l":${entry('I64', '[1,1]', '[8,16]')},` +
      `"i":${entry('I32', '[1]', '[16,20]')},"u":${entry('U8', '[1]', '[20,21]')}}`;
    const file = await open(craft(header, data));
    expect((await file.read('f')).values).toEqual(Float32Array.of(0.1));
    expect(await file.readIntegers('l')).toEqual({ shape: [1, 1], values: Int32Array.of(-7) });
    expect((await file.readIntegers('i')).values).toEqual(Int32Array.of(-9));
    expect((await file.readIntegers('u')).values).toEqual(Int32Array.of(200));
    await expect(file.read('i')).rejects.toThrow(/tensor "i" must be of type F32, .* Received: I32/);
    await expect(file.readIntegers('f')).rejects.toThrow(/tensor "f" must be of type I64, I32, .* Received: F64/);
    await expect(file.read('g')).rejects.toThrow(/bad.safetensors has no tensor "g". It has: f, l, i, u/);
  });

  test('refuses an I64 beyond 32 bits', async () => {
    const data = new Uint8Array(8);
    new DataView(data.buffer).setBigInt64(0, 2n ** 40n, true);
    const file = await open(craft(`{"l":${entry('I64', '[1]', '[0,8]')}}`, data));
    await expect(file.readIntegers('l')).rejects.toThrow(/must hold 32-bit integers. Received: 1099511627776/);
  });

  test('reads a tensor that is not aligned', async () => {
    const header = `{"a":${entry('U8', '[1]', '[0,1]')},"b":${entry('F32', '[1]', '[1,5]')}}`;
    const data = new Uint8Array(5);
    new DataView(data.buffer).setFloat32(1, 1.25, true);
    const whole = craft(header, data);
    const views: ByteSource = {
      ...memorySource('views', whole),
      read: async (start, end) => whole.subarray(start, end),
    };
    expect((await (await openSafetensors(views)).read('b')).values).toEqual(Float32Array.of(1.25));
  });

  test.each(['a copy', 'a view'])("takes bytes in Node's Buffer, and %s of them from the source", async (kind) => {
    const tensors = [{ name: 'a', dtype: 'F32' as const, shape: [6], values }];
    const buffer = Buffer.concat(encodeSafetensors(tensors));
    expect(buffer.buffer.byteLength).toBeGreaterThan(buffer.length); // a part of Node's pool
    const source = memorySource('buffer', buffer);
    const views = { ...source, read: async (start: number, end: number) => buffer.subarray(start, end) };
    const file = await openSafetensors(kind === 'a copy' ? source : views);
    expect((await file.read('a')).values).toEqual(values);
  });

  test('asks for the header and for the one tensor, no more', async () => {
    const tensors = ['a', 'b', 'c'].map((name) => ({ name, dtype: 'F32' as const, shape: [6], values }));
    const inner = memorySource('counted', new Uint8Array(Buffer.concat(encodeSafetensors(tensors))));
    const reads: number[] = [];
    const counted: ByteSource = {
      ...inner,
      read: (start, end) => (reads.push(end - start), inner.read(start, end)),
    };
    const file = await openSafetensors(counted);
    await file.read('b');
    expect(reads).toEqual([8, inner.size - 8 - 3 * 24, 24]);
  });

  test('tells a source that gives too few bytes', async () => {
    const whole = craft(`{"a":${GOOD}}`, 4);
    const short: ByteSource = {
      ...memorySource('short', whole),
      read: async (start, end) => whole.slice(start, Math.min(end, whole.length - 1)),
    };
    const file = await openSafetensors(short);
    await expect(file.read('a')).rejects.toThrow(/short: tensor "a" must have 4 bytes. Received: 3/);
  });
});

describe('encodeSafetensors', () => {
  const tensor = (name: string, dtype: TensorToWrite['dtype'], values: number[]): TensorToWrite => ({
    name,
    dtype,
    shape: [values.length],
    values: Float32Array.from(values),
  });

  test('lays out bytes as the reference: by type, then name; header padded to 8', () => {
    const pieces = encodeSafetensors([tensor('b', 'F16', [1]), tensor('c', 'F32', [2]), tensor('a', 'F16', [-2])], {
      k: 'v',
    });
    const json =
      '{"__metadata__":{"k":"v"},"c":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},' +
      '"a":{"dtype":"F16","shape":[1],"data_offsets":[4,6]},"b":{"dtype":"F16","shape":[1],"data_offsets":[6,8]}}';
    const padded = json.padEnd(Math.ceil(json.length / 8) * 8, ' ');
    const length = new Uint8Array(8);
    length[0] = padded.length & 255;
    length[1] = padded.length >> 8;
    expect(Buffer.concat(pieces)).toEqual(
      Buffer.concat([length, Buffer.from(padded), Buffer.from([0, 0, 0, 0x40, 0x00, 0xc0, 0x00, 0x3c])]),
    );
  });

  test.each<[string, TensorToWrite[], RegExp]>([
    ['a name twice', [tensor('a', 'F32', [1]), tensor('a', 'F16', [1])], /must be unique .* Received: "a"/],
    ['the metadata name', [tensor('__metadata__', 'F32', [1])], /not __metadata__/],
    ['another size', [{ ...tensor('a', 'F32', [1]), shape: [2] }], /"a": \[2\] must have 2 values. Received: 1/],
    ['a bad shape', [{ ...tensor('a', 'F32', [1]), shape: [-1] }], /`shape` must hold integers >= 0. Received: \[-1\]/],
    ['an overflow', [tensor('a', 'F16', [1, 1e6])], /"a": F16 cannot hold 1000000, .* Store it as F32/],
    ['another type', [tensor('a', 'I8' as 'F16', [1])], /`dtype` must be F32, BF16, F16. Received: "I8"/],
  ])('refuses %s', (_, tensors, message) => {
    expect(() => encodeSafetensors(tensors)).toThrow(message);
  });
});
