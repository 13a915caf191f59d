import { MapleError } from '../../layers/errors.js';

/** Bytes that tell how long the table's part with the keys is. */
const HEADER = 4;

/**
 * SentencePiece's table of text replacements (`precompiled_charsmap`: NFKC and the like, in its own version of Unicode):
 * a double array of keys, in UTF-8, and the texts that stand for them. At each place the longest key is replaced; a
 * character that begins none stays. As in SentencePiece's `normalizer.cc` and darts-clone, the double array it uses.
 */
export class Charsmap {
  private readonly units: Uint32Array;
  private readonly replacements: Uint8Array;

  /** @throws MapleError when the bytes are no such table */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = bytes.length < HEADER ? NaN : view.getUint32(0, true);
    if (!(size >= 4 && size % 4 === 0 && HEADER + size <= bytes.length)) {
      throw new MapleError(
        '`precompiled_charsmap` must be a table of replacements as SentencePiece writes it. ' +
          `Received: ${bytes.length} bytes that do not begin as one.`,
      );
    }
    this.units = Uint32Array.from({ length: size / 4 }, (_, index) => view.getUint32(HEADER + 4 * index, true));
    this.replacements = bytes.subarray(HEADER + size);
  }

  /** From tokenizer.json, which holds the table as base64. */
  static fromBase64(text: string): Charsmap {
    return new Charsmap(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
  }

  /** The text with everything replaced that the table knows. */
  apply(text: string): string {
    const input = new TextEncoder().encode(text);
    const parts: string[] = [];
    let kept = 0;
    for (let at = 0; at < input.length;) {
      const { length, place } = this.longestKey(input, at);
      if (length > 0) {
        parts.push(decode(input.subarray(kept, at)), this.replacement(place));
        kept = at + length;
      }
      at += length || characterLength(input[at]);
    }
    return parts.join('') + decode(input.subarray(kept));
  }

  private longestKey(input: Uint8Array, start: number): { length: number; place: number } {
    const { units } = this;
    const found = { length: 0, place: 0 };
    let position = offset(units[0]);
    for (let at = start; at < input.length; at++) {
      position ^= input[at];
      const unit = units[position];
      if (unit === undefined || label(unit) !== input[at]) {
        break;
      }
      position ^= offset(unit);
      if (endsKey(unit)) {
        found.length = at + 1 - start;
        found.place = units[position] & 0x7fffffff;
      }
    }
    return found;
  }

  private replacement(place: number): string {
    const end = this.replacements.indexOf(0, place);
    return decode(this.replacements.subarray(place, end < 0 ? undefined : end));
  }
}

// The fields of darts-clone's units: a byte and whether a key ends here, and where the next ones stand.
function label(unit: number): number {
  return (unit & 0x800000ff) >>> 0;
}

function endsKey(unit: number): boolean {
  return ((unit >>> 8) & 1) === 1;
}

function offset(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

function characterLength(firstByte: number): number {
  if (firstByte < 0xc0) {
    return 1;
  }
  return firstByte < 0xe0 ? 2 : firstByte < 0xf0 ? 3 : 4;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
