import { MapleError } from '../../../layers/errors.js';

/** Throws a MapleError that names the file and the place. */
export type Fail = (problem: string) => never;

/** The bytes end within a value; with more of the file at hand, reading may succeed. */
export class TruncatedPickle extends MapleError {}

/** Reads numbers and texts off the bytes of a pickle, and refuses to read beyond them. */
export class PickleCursor {
  private readonly view: DataView;

  /**
   * @param bytes - what holds the pickle
   * @param where - for messages: file and record
   * @param position - where it begins
   */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly where: string,
    public position = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Refuses the file, naming where. */
  readonly fail: Fail = (problem) => {
    throw new MapleError(`${this.where}, byte ${this.position}: ${problem}`);
  };

  /** The next bytes, shared with the pickle. */
  take(length: number): Uint8Array {
    return this.bytes.subarray(this.advance(length), this.position);
  }

  /** An unsigned integer of 1, 2 or 4 bytes. */
  unsigned(width: 1 | 2 | 4): number {
    const start = this.advance(width);
    return width === 1
      ? this.view.getUint8(start)
      : width === 2
        ? this.view.getUint16(start, true)
        : this.view.getUint32(start, true);
  }

  /** A signed integer of 4 bytes. */
  signed(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  /** A length of 8 bytes. */
  length8(): number {
    const length = this.view.getBigUint64(this.advance(8), true);
    return length <= Number.MAX_SAFE_INTEGER ? Number(length) : this.fail(`a length of ${length} is beyond any file.`);
  }

  /** A big-endian float64: the only number of a pickle in that order. */
  float(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  /** A text of so many bytes of UTF-8. */
  text(length: number): string {
    return this.decode(this.take(length));
  }

  /** A text that a newline ends. */
  line(): string {
    const end = this.bytes.indexOf(NEWLINE, this.position);
    if (end < 0 || end - this.position > LONGEST_LINE) {
      return end < 0 && this.bytes.length - this.position <= LONGEST_LINE
        ? this.truncated()
        : this.fail(`a name must have at most ${LONGEST_LINE} characters.`);
    }
    const text = this.text(end - this.position);
    this.position = end + 1;
    return text;
  }

  private decode(bytes: Uint8Array): string {
    try {
      return UTF8.decode(bytes);
    } catch {
      return this.fail('a text must be UTF-8.');
    }
  }

  private advance(length: number): number {
    const start = this.position;
    if (length > this.bytes.length - start) {
      this.truncated();
    }
    this.position = start + length;
    return start;
  }

  private truncated(): never {
    throw new TruncatedPickle(
      `${this.where}, byte ${this.position}: the pickle ends in the middle of a value. Is the file complete?`,
    );
  }
}

const NEWLINE = 0x0a;
/** Names of classes are far shorter. */
const LONGEST_LINE = 4096;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
