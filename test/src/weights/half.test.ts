import { describe, expect, test } from '@jest/globals';
import { decodeBfloat16, decodeHalf, encodeBfloat16, encodeHalf } from '../../../src/weights/half.js';

const ALL = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);

/** The definition of IEEE half precision, in arithmetic. */
function halfByDefinition(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  if (exponent === 31) {
    return fraction ? NaN : sign * Infinity;
  }
  return exponent === 0 ? sign * 2 ** -14 * fraction : sign * 2 ** (exponent - 15) * (1 + fraction);
}

describe('F16', () => {
  test('decodes all 65,536 as the standard defines them', () => {
    const values = decodeHalf(ALL);
    expect(ALL.findIndex((bits) => !Object.is(values[bits], halfByDefinition(bits)))).toBe(-1);
  });

  test('decode then encode is the identity on all 65,536, NaN payloads included', () => {
    const back = encodeHalf(decodeHalf(ALL));
    expect(back.findIndex((bits, index) => bits !== index)).toBe(-1);
  });

  test.each([
    ['a tie to even, down', 1 + 2 ** -11, 1],
    ['a tie to even, up', 1 + 3 * 2 ** -11, 1 + 2 ** -9],
    ['above a tie', 1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
    ['a carry into the exponent', 2 - 2 ** -12, 2],
    ['the largest', 65504, 65504],
    ['just below the limit', 65519.99609375, 65504],
    ['the limit', 65520, Infinity],
    ['far beyond', -1e30, -Infinity],
    ['the smallest', 2 ** -24, 2 ** -24],
    ['half the smallest: a tie to zero', 2 ** -25, 0],
    ['just above half the smallest', 2 ** -25 * 1.001, 2 ** -24],
    ['below it', 2 ** -26, 0],
    ['minus zero', -0, -0],
    ['the largest subnormal, rounded up to normal', 2 ** -14 - 2 ** -26, 2 ** -14],
    ['a float32 subnormal', 1e-40, 0],
  ])('rounds %s', (_, value, expected) => {
    expect(decodeHalf(encodeHalf(Float32Array.of(value)))[0]).toBe(expected);
  });
});

describe('BF16', () => {
  test('decode then encode is the identity on all 65,536', () => {
    const back = encodeBfloat16(decodeBfloat16(ALL));
    expect(back.findIndex((bits, index) => bits !== index)).toBe(-1);
  });

  test.each([
    ['one', 1, 1],
    ['a tie to even, down', 1 + 2 ** -8, 1],
    ['a tie to even, up', 1 + 3 * 2 ** -8, 1 + 2 ** -6],
    ['a carry into the exponent', 2 - 2 ** -10, 2],
    ['the largest float32', 3.4028234663852886e38, Infinity],
    ['minus zero', -0, -0],
  ])('rounds %s', (_, value, expected) => {
    expect(decodeBfloat16(encodeBfloat16(Float32Array.of(value)))[0]).toBe(expected);
  });

  test('a NaN whose payload is cut off stays a NaN', () => {
    const nan = new Float32Array(Uint32Array.of(0x7f800001).buffer);
    expect(decodeBfloat16(encodeBfloat16(nan))[0]).toBeNaN();
    expect(decodeHalf(encodeHalf(nan))[0]).toBeNaN();
  });
});
