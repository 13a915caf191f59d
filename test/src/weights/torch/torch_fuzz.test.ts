import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../../layers/errors.js';
import { Random } from '../../../../src/random.js';
import { memorySource } from '../../../../src/weights/byte_source.js';
import type { ByteSource } from '../../../../src/weights/byte_source.js';
import { openTensors } from '../../../../src/weights/open_tensors.js';
import { readPickle } from '../../../../src/weights/torch/pickle_reader.js';
import { torchContent } from '../../../../src/weights/torch/torch_content.js';
import { torchKnowledge } from '../../../../src/weights/torch/torch_knowledge.js';
import { openZip } from '../../../../src/weights/torch/zip_archive.js';
import { torchBytes } from '../../../helpers/torch_files.js';

/** No single read of a damaged file of some kilobytes may ask for more. */
const LARGEST_READ = 100_000;

/** Opens a file and reads all its tensors; true when it is refused, and every failure must be a MapleError. */
async function refused(bytes: Uint8Array): Promise<boolean> {
  const source: ByteSource = {
    name: 'fuzz.pt',
    size: bytes.length,
    async read(start, end) {
      if (!(start >= 0 && end >= start && end <= bytes.length && end - start <= LARGEST_READ)) {
        throw new Error(`Bytes ${start} to ${end} of ${bytes.length} must not be asked for.`);
      }
      return bytes.slice(start, end);
    },
  };
  try {
    const file = await openTensors(source);
    for (const name of file.names) {
      if (['F64', 'F32', 'F16', 'BF16'].includes(file.dtype(name))) {
        await file.read(name);
      }
    }
    return false;
  } catch (error) {
    if (!(error instanceof MapleError)) {
      throw error;
    }
    return true;
  }
}

describe('a damaged file is read or refused, and nothing else:', () => {
  test.each(['protocol_2.pt', 'protocol_5.pt', 'checkpoint.pth.tar-5', 'scripted.pt', 'legacy.pt'])(
    '%s',
    async (name) => {
      const whole = torchBytes(name);
      expect(await refused(whole)).toBe(false);
      const random = new Random(7);
      let refusals = 0;
      for (let round = 0; round < 80; round++) {
        const bytes = whole.slice(0, round % 5 === 4 ? random.integer(whole.length) : whole.length);
        const flips = 1 + random.integer(8);
        for (let flip = 0; flip < flips && bytes.length > 0; flip++) {
          bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
        }
        refusals += (await refused(bytes)) ? 1 : 0;
      }
      expect(refusals).toBeGreaterThan(15);
      expect(refusals).toBeLessThan(80);
    },
  );
});

test('a damaged pickle is read or refused, and nothing else', async () => {
  const archive = await openZip(memorySource('f.pt', torchBytes('checkpoint.pth.tar-5')));
  const whole = await archive.read('checkpoint.pth/data.pkl', 100_000);
  const knowledge = torchKnowledge(({ key, dtype, bytes }) => ({
    kind: 'storage',
    record: key,
    dtype,
    bytes,
    locate: async () => 0,
  }));
  const random = new Random(8);
  const problems = new Set<string>();
  for (let round = 0; round < 3000; round++) {
    const bytes = whole.slice();
    for (let change = 0; change <= random.integer(4); change++) {
      bytes[random.integer(bytes.length)] = random.integer(256);
    }
    try {
      torchContent(readPickle(bytes, 'f.pt', knowledge).value, 'f.pt', () => undefined);
    } catch (error) {
      if (!(error instanceof MapleError)) {
        throw error;
      }
      problems.add(error.message.replace(/^.*?: /, '').slice(0, 20));
    }
  }
  expect(problems.size).toBeGreaterThan(10);
});
