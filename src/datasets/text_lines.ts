import { stat } from 'node:fs/promises';
import { MapleError } from '../../layers/errors.js';
import { readTextFile } from '../node/text_file.js';

/** No list of a data set of the paper comes near it, in bytes. */
const MOST_BYTES = 16 * 2 ** 20;

/** A line of a text file. */
export interface TextLine {
  text: string;
  /** File and line number, for messages. */
  at: string;
}

/**
 * The lines of a text file, trimmed, without empty ones.
 * @param purpose - what the file is for, said where it cannot be read
 * @throws MapleError when it cannot be read, is larger than such lists are, or has no line
 */
export async function readLines(file: string, purpose: string): Promise<TextLine[]> {
  const found = await stat(file).catch((error: Error) => {
    throw new MapleError(`${file} must be there, ${purpose}: ${error.message}.`, { cause: error });
  });
  if (!found.isFile() || found.size > MOST_BYTES) {
    throw new MapleError(`${file} must be a text file of ${MOST_BYTES / 2 ** 20} MB at most, ${purpose}.`);
  }
  const lines = (await readTextFile(file))
    .split('\n')
    .map((line, index) => ({ text: line.trim(), at: `${file}:${index + 1}` }))
    .filter((line) => line.text !== '');
  if (lines.length === 0) {
    throw new MapleError(`${file} must not be empty, ${purpose}.`);
  }
  return lines;
}

/** A line's first word, and the rest, which may hold spaces. */
export function firstWordAndRest({ text }: TextLine): [string, string] {
  const [, word, rest] = /^(\S+)\s*(.*)$/.exec(text) as RegExpExecArray;
  return [word, rest];
}
