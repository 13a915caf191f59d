import type { Picture } from '../data/picture.js';

/** The parts of a GIF that its first picture needs. */
interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
  interlaced: boolean;
  /** Red, green and blue of each index; grey where the file has none. */
  palette: Uint8Array;
  /** The index of the canvas around the picture. */
  surround: number;
  codeSize: number;
  codes: Uint8Array;
}

/** First row and step of each pass of an interlaced picture. */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

/**
 * The first picture of a GIF as Pillow has it. Common decoders forget the colours that lie under transparency; these are
 * kept: a transparent pixel has the colour of its palette, and so has the canvas around a smaller picture.
 * @param bytes - the file, its header checked
 * @param pixelLimit - largest canvas
 * @throws Error when the file is damaged
 */
export function decodeGif(bytes: Uint8Array, pixelLimit: number): Picture {
  const { canvas, frame } = readFrame(bytes);
  const width = Math.max(canvas.width, frame.left + frame.width);
  const height = Math.max(canvas.height, frame.top + frame.height);
  if (width * height > pixelLimit) {
    throw new Error(`its first picture needs a canvas of ${width} x ${height}, over the limit`);
  }
  const indices = new Uint8Array(width * height).fill(frame.surround);
  const pixels = unpack(frame);
  rowOrder(frame).forEach((row, index) => {
    const from = index * frame.width;
    indices.set(pixels.subarray(from, from + frame.width), (frame.top + row) * width + frame.left);
  });
  const data = new Uint8Array(indices.length * 3);
  for (let at = 0, to = 0; at < indices.length; at++, to += 3) {
    const colour = indices[at] * 3;
    data[to] = frame.palette[colour];
    data[to + 1] = frame.palette[colour + 1];
    data[to + 2] = frame.palette[colour + 2];
  }
  return { width, height, data };
}

function readFrame(bytes: Uint8Array): { canvas: { width: number; height: number }; frame: Frame } {
  let at = 6;
  const byte = (): number => {
    if (at >= bytes.length) {
      throw new Error('it ends before its first picture does');
    }
    return bytes[at++];
  };
  const word = (): number => byte() + 256 * byte();
  const colours = (flags: number): Uint8Array => {
    const palette = Uint8Array.from({ length: 768 }, (_, index) => Math.floor(index / 3));
    const length = flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
    for (let index = 0; index < length; index++) palette[index] = byte();
    return palette;
  };
  const blocks = (): Uint8Array => {
    const parts: Uint8Array[] = [];
    for (let length = byte(); length > 0; length = byte()) {
      parts.push(bytes.subarray(at, at + length));
      at += length;
    }
    return Buffer.concat(parts);
  };

  const canvas = { width: word(), height: word() };
  const flags = byte();
  at += 2;
  const shared = colours(flags);
  let surround = 0;
  for (let kind = byte(); kind !== 0x2c; kind = byte()) {
    if (kind === 0x21) {
      const label = byte();
      const [control, , , transparent] = blocks();
      surround = label === 0xf9 && control & 1 ? transparent : surround;
    } else if (kind !== 0) {
      throw new Error('it has no picture');
    }
  }
  const place = { left: word(), top: word(), width: word(), height: word() };
  const own = byte();
  const palette = own & 0x80 ? colours(own) : shared;
  const codeSize = byte();
  return { canvas, frame: { ...place, interlaced: (own & 0x40) !== 0, palette, surround, codeSize, codes: blocks() } };
}

/** The LZW codes' indices, row by row as stored. */
function unpack({ width, height, codeSize, codes }: Frame): Uint8Array {
  if (codeSize < 1 || codeSize > 8) {
    throw new Error(`its code size is ${codeSize}`);
  }
  const result = new Uint8Array(width * height);
  const [clear, end] = [1 << codeSize, (1 << codeSize) + 1];
  // A code's string is that of an earlier code and one index more; both run to 12 bits.
  const before = new Int16Array(4096);
  const last = new Uint8Array(4096).map((_, code) => code & 255);
  const length = new Uint16Array(4096).fill(1);
  let [size, next, previous, bits, bitCount, at] = [codeSize + 1, end + 1, -1, 0, 0, 0];
  for (let filled = 0; filled < result.length;) {
    while (bitCount < size) {
      if (at >= codes.length) {
        throw new Error('its first picture is truncated');
      }
      bits |= codes[at++] << bitCount;
      bitCount += 8;
    }
    const code = bits & ((1 << size) - 1);
    bits >>>= size;
    bitCount -= size;
    if (code === clear) {
      [size, next, previous] = [codeSize + 1, end + 1, -1];
      continue;
    }
    if (code === end || code > next || (code === next && previous < 0) || (previous < 0 && code > end)) {
      throw new Error(code === end ? 'its first picture is truncated' : 'its codes are damaged');
    }
    const known = code < next;
    if (previous >= 0 && next < 4096) {
      before[next] = previous;
      length[next] = length[previous] + 1;
      last[next] = firstOf(known ? code : previous, before, length, last);
      next++;
      if (next === 1 << size && size < 12) {
        size++;
      }
    } else if (!known) {
      throw new Error('its codes are damaged');
    }
    let step = code;
    for (let to = filled + length[code] - 1; to >= filled; to--, step = before[step]) {
      if (to < result.length) result[to] = last[step];
    }
    filled += length[code];
    previous = code;
  }
  return result;
}

function firstOf(code: number, before: Int16Array, length: Uint16Array, last: Uint8Array): number {
  let step = code;
  while (length[step] > 1) step = before[step];
  return last[step];
}

/** The row of the picture that each stored row is. */
function rowOrder({ height, interlaced }: Frame): number[] {
  const rows = Array.from({ length: height }, (_, row) => row);
  return interlaced
    ? PASSES.flatMap(([first, step]) => rows.filter((row) => row >= first && (row - first) % step === 0))
    : rows;
}
