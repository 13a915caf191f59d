import { readFile } from 'node:fs/promises';
import { MapleError } from '../../layers/errors.js';

/** Marks of the byte order at the beginning of a file, the longer before those that they begin with. */
const MARKS: readonly { bytes: readonly number[]; encoding: string }[] = [
  { bytes: [0xff, 0xfe, 0, 0], encoding: 'UTF-32' },
  { bytes: [0, 0, 0xfe, 0xff], encoding: 'UTF-32' },
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  // As PowerShell writes it.
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

/**
 * The text of a file that people write: UTF-8 with or without a mark, or UTF-16 with one, as Windows has it. Lines end with
 * `\n` alone, whatever they ended with there, each its own way; the mark is left out.
 * @throws MapleError when it cannot be read, or is other text or none
 */
export async function readTextFile(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new MapleError(`${path} cannot be read: ${error.message}.`, { cause: error });
  });
  return decodeText(bytes, path);
}

/**
 * The same of bytes that have been read.
 * @param name - what they are called, for messages
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  const mark = MARKS.find((each) => each.bytes.every((byte, index) => bytes[index] === byte));
  const encoding = mark?.encoding ?? 'utf-8';
  if (encoding === 'UTF-32') {
    throw notText(name, 'UTF-32');
  }
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw notText(name, 'other bytes', error);
  }
  if (text.includes('\0')) {
    throw notText(name, mark === undefined ? 'zero bytes, as UTF-16 without its mark has them' : 'zero characters');
  }
  return text.replace(/\r\n?/g, '\n');
}

function notText(name: string, received: string, cause?: unknown): MapleError {
  return new MapleError(
    `${name} must be text in UTF-8, or in UTF-16 with its mark. Received: ${received}. Save it again as UTF-8.`,
    { cause },
  );
}
