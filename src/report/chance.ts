/** A difference that chance makes more rarely is said to be more than chance. */
export const LEVEL = 0.05;

/** What a p-value says of a difference. */
export function verdict(p: number): string {
  return p < LEVEL ? 'more than chance would make' : 'within what chance can make';
}

/** A p-value to two digits: `0.012`, `< 0.001`. */
export function shortP(p: number): string {
  return p < 0.001 ? '< 0.001' : String(Number(p.toPrecision(2)));
}

/** A p-value within a sentence: `p = 0.012`, `p < 0.001`. */
export function writtenP(p: number): string {
  return p < 0.001 ? `p ${shortP(p)}` : `p = ${shortP(p)}`;
}
