/**
 * 16-bit floating point to and from 32-bit, on bit patterns: passing a NaN through a JavaScript number may change it.
 */

let halfTable: Uint32Array | undefined;

/** IEEE half precision (F16) to float32; exact. */
export function decodeHalf(bits: Uint16Array): Float32Array {
  halfTable ??= Uint32Array.from({ length: 0x10000 }, (_, half) => halfToFloatBits(half));
  const table = halfTable;
  const result = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    result[i] = table[bits[i]];
  }
  return new Float32Array(result.buffer);
}

/** Float32 to IEEE half precision, to nearest, ties to even; beyond 65519 infinite. */
export function encodeHalf(values: Float32Array): Uint16Array {
  return mapBits(values, floatToHalfBits);
}

/** bfloat16 to float32; exact. */
export function decodeBfloat16(bits: Uint16Array): Float32Array {
  const result = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    result[i] = bits[i] << 16;
  }
  return new Float32Array(result.buffer);
}

/** Float32 to bfloat16, to nearest, ties to even. */
export function encodeBfloat16(values: Float32Array): Uint16Array {
  return mapBits(values, floatToBfloat16Bits);
}

function mapBits(values: Float32Array, convert: (bits: number) => number): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const result = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    result[i] = convert(bits[i]);
  }
  return result;
}

function halfToFloatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) {
    return sign | 0x7f800000 | (mantissa << 13);
  }
  if (exponent > 0) {
    return sign | ((exponent + 112) << 23) | (mantissa << 13);
  }
  if (mantissa === 0) {
    return sign;
  }
  // A subnormal half is a normal float: its leading one becomes the implicit bit.
  const shift = Math.clz32(mantissa) - 21;
  return sign | ((113 - shift) << 23) | ((mantissa << (shift + 13)) & 0x7fffff);
}

function floatToHalfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent === 0xff - 112) {
    return sign | 0x7c00 | keepNan(mantissa, mantissa >>> 13);
  }
  if (exponent >= 0x1f) {
    return sign | 0x7c00;
  }
  if (exponent > 0) {
    return sign + roundedShift((exponent << 23) | mantissa, 13);
  }
  return exponent < -10 ? sign : sign + roundedShift(mantissa | 0x800000, 14 - exponent);
}

function floatToBfloat16Bits(bits: number): number {
  const mantissa = bits & 0x7fffff;
  if (((bits >>> 23) & 0xff) === 0xff) {
    return ((bits >>> 16) & 0xff80) | keepNan(mantissa, mantissa >>> 16);
  }
  return ((bits >>> 16) & 0x8000) + roundedShift(bits & 0x7fffffff, 16);
}

/** A NaN whose payload is cut off must not become an infinity. */
function keepNan(mantissa: number, cut: number): number {
  return mantissa !== 0 && cut === 0 ? 1 : cut;
}

/** bits / 2^shift to nearest, ties to even; a carry runs from the mantissa into the exponent, as it should. */
function roundedShift(bits: number, shift: number): number {
  const result = bits >>> shift;
  const rest = bits & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return rest > middle || (rest === middle && (result & 1) === 1) ? result + 1 : result;
}
