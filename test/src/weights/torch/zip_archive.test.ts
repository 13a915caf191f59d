import { describe, expect, test } from '@jest/globals';
import { deflateRawSync } from 'node:zlib';
import { MapleError } from '../../../../layers/errors.js';
import { memorySource } from '../../../../src/weights/byte_source.js';
import { openTorch } from '../../../../src/weights/torch/open_torch.js';
import { openZip } from '../../../../src/weights/torch/zip_archive.js';
import { craftZip, torchBytes } from '../../../helpers/torch_files.js';
import type { CraftedRecord } from '../../../helpers/torch_files.js';

const HELLO = new TextEncoder().encode('hello hello hello hello');

function zip(...records: CraftedRecord[]): ReturnType<typeof openZip> {
  return openZip(memorySource('bad.pt', craftZip(records)));
}

async function text(bytes: Promise<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await bytes);
}

test('records are read where they lie', async () => {
  const archive = await zip({ name: 'a/x', bytes: HELLO }, { name: 'a/y', bytes: Uint8Array.of(1, 2) });
  expect(archive.names).toEqual(['a/x', 'a/y']);
  expect([archive.size('a/y'), archive.size('a/z')]).toEqual([2, undefined]);
  expect(await text(archive.read('a/x', 100))).toBe('hello hello hello hello');
  expect(await archive.locate('a/x')).toBe(33);
});

test('a record that was compressed is unpacked, but not past its limit, and is no place for tensors', async () => {
  const deflated = deflateRawSync(HELLO);
  const record = { name: 'a/x', bytes: deflated, method: 8, stored: deflated.length, unpacked: HELLO.length };
  const source = memorySource('good.pt', withCrc(craftZip([record]), HELLO));
  const archive = await openZip(source);
  expect(await text(archive.read('a/x', 100))).toBe('hello hello hello hello');
  await expect(archive.read('a/x', 10)).rejects.toThrow(
    /good\.pt: the record a\/x must have at most 10 bytes. Received: 23/,
  );
  await expect(archive.locate('a/x')).rejects.toThrow(/must not be compressed, as torch\.save leaves it/);
});

describe('a bad archive is refused with its name and the reason:', () => {
  const record = { name: 'a/x', bytes: HELLO };
  test.each<[string, Uint8Array, RegExp]>([
    [
      'no directory',
      Uint8Array.from([0x50, 0x4b, 3, 4, ...new Uint8Array(60)]),
      /End of central directory not found. Is the file complete/,
    ],
    ['a flag of encryption', craftZip([{ ...record, flags: 0x801 }]), /the record a\/x is encrypted/],
    ['a flag of strong encryption', craftZip([{ ...record, flags: 0x840 }]), /the record a\/x is encrypted/],
    ['a flag of masked headers', craftZip([{ ...record, flags: 0x2800 }]), /the record a\/x is encrypted/],
    [
      'a method that is not known',
      craftZip([{ ...record, method: 12 }]),
      /compressed by method 12; only storing and deflating/,
    ],
    ['a name twice', craftZip([record, record]), /the record a\/x is there twice/],
    ['stored, but of two sizes', craftZip([{ ...record, stored: 23, unpacked: 99 }]), /of two sizes, 23 and 99/],
    ['a name that climbs', craftZip([{ ...record, name: '../x' }]), /Unsafe filename/],
    ['a name from the root', craftZip([{ ...record, name: '/etc/passwd' }]), /Unsafe filename/],
    ['bytes before the archive', Uint8Array.from([...HELLO, ...craftZip([record])]), /it has prepended data/],
    ['bytes after the archive', Uint8Array.from([...craftZip([record]), ...HELLO]), /appended data|Ambiguous/i],
  ])('%s', async (_, bytes, message) => {
    await expect(openZip(memorySource('bad.pt', bytes))).rejects.toThrow(message);
    await expect(openZip(memorySource('bad.pt', bytes))).rejects.toBeInstanceOf(MapleError);
  });

  test.each<[string, CraftedRecord[], RegExp]>([
    [
      'another name in front of the data',
      [{ ...record, localName: 'a/y' }],
      /is not what the directory of the archive says/,
    ],
    ['a name of another length', [{ ...record, localName: 'a/xyz' }], /is not what the directory/],
    [
      'data where no record begins',
      [record, { name: 'a/z', bytes: HELLO, offset: 5 }],
      /a\/z is not what the directory/,
    ],
    [
      'a size that runs into the next',
      [
        { ...record, stored: 40 },
        { name: 'a/z', bytes: HELLO },
      ],
      /a\/x of 40 bytes runs into what follows/,
    ],
    ['a size that runs into the directory', [{ ...record, stored: 24 }], /a\/x of 24 bytes runs into what follows/],
    ['a size of 4 GB', [{ ...record, stored: 0xfffffffe }], /must have at most 1000 bytes. Received: 4294967294/],
    ['a start beyond the data', [record, { name: 'a/z', bytes: HELLO, offset: 150 }], /a\/z begins beyond the data/],
    ['data that does not unpack', [{ ...record, method: 8, unpacked: 100 }], /a\/x cannot be unpacked/],
  ])('%s', async (_, records, message) => {
    const archive = await zip(...records);
    const last = records.find(({ offset }) => offset !== undefined) ?? records[0];
    await expect(archive.read(last.name, 1000)).rejects.toThrow(message);
    await expect(archive.read(last.name, 1000)).rejects.toBeInstanceOf(MapleError);
  });

  test('a bomb: more comes out than the directory says', async () => {
    const zeros = new Uint8Array(50_000_000);
    const bomb = deflateRawSync(zeros);
    const archive = await zip({ name: 'a/x', bytes: bomb, method: 8, stored: bomb.length, unpacked: 60_000 });
    const before = process.memoryUsage().arrayBuffers;
    await expect(archive.read('a/x', 100_000)).rejects.toThrow(/a\/x cannot be unpacked/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });
});

describe('an archive that is not of torch.save:', () => {
  const pickle = Uint8Array.of(0x4e, 0x2e);
  test.each<[string, CraftedRecord[], RegExp]>([
    [
      'no data.pkl',
      [{ name: 'word/document.xml', bytes: HELLO }],
      /one record \*\/data\.pkl. Received: word\/document\.xml/,
    ],
    [
      'two of them',
      [
        { name: 'a/data.pkl', bytes: pickle },
        { name: 'b/data.pkl', bytes: pickle },
      ],
      /Received: a\/data\.pkl, b\/data\.pkl/,
    ],
    [
      'big-endian',
      [
        { name: 'a/data.pkl', bytes: pickle },
        { name: 'a/byteorder', bytes: new TextEncoder().encode('big') },
      ],
      /a\/byteorder must be "little". Received: "big"/,
    ],
  ])('%s', async (_, records, message) => {
    await expect(openTorch(memorySource('bad.pt', craftZip(records)))).rejects.toThrow(message);
  });
});

test('a file cut short is refused wherever it is cut', async () => {
  const whole = torchBytes('protocol_2.pt');
  for (let length = 0; length < whole.length; length += 97) {
    await expect(openTorch(memorySource('cut.pt', whole.slice(0, length)))).rejects.toBeInstanceOf(MapleError);
  }
});

/** The archive of one record with the checksum of what it unpacks to, which craftZip leaves out. */
function withCrc(archive: Uint8Array, content: Uint8Array): Uint8Array {
  let crc = 0xffffffff;
  for (const byte of content) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  const view = new DataView(archive.buffer);
  const directory = view.getUint32(archive.length - 6, true);
  view.setUint32(14, ~crc >>> 0, true);
  view.setUint32(directory + 16, ~crc >>> 0, true);
  return archive;
}
