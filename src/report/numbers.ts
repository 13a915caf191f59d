/** A share as a percentage with one decimal, without the sign: 0.6284 -> `62.8`. */
export function percent(share: number): string {
  return (100 * share).toFixed(1);
}

/** A whole number with commas: `3,555,072`. */
export function thousands(value: number): string {
  return value.toLocaleString('en-US');
}

/** The size of a difference of two shares, in percentage points: `2.6 points`, `1.0 point`. */
export function points(difference: number): string {
  const size = Math.abs(100 * difference).toFixed(1);
  return `${size} ${size === '1.0' ? 'point' : 'points'}`;
}
