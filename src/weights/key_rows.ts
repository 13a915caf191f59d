import type { KeyRow } from './key_map.js';

/** A weight that lies as ours; several sources are joined along their first axis. */
export function same(target: string, ...sources: string[]): KeyRow {
  return { target, sources, layout: 'same' };
}

/** The kernel of a PyTorch Linear. */
export function linear(target: string, ...sources: string[]): KeyRow {
  return { target, sources, layout: 'linear' };
}

/** Both weights of a LayerNorm. */
export function norm(target: string, source: string): KeyRow[] {
  return [same(`${target}/gamma`, `${source}.weight`), same(`${target}/beta`, `${source}.bias`)];
}

/** Both weights of a PyTorch Linear, which may lie in several of unequal length. */
export function dense(target: string, sources: string | readonly string[], shares?: readonly number[]): KeyRow[] {
  const named = (part: string) => [sources].flat().map((source) => `${source}.${part}`);
  const weights = [linear(`${target}/kernel`, ...named('weight')), same(`${target}/bias`, ...named('bias'))];
  return weights.map((row) => (shares === undefined ? row : { ...row, shares }));
}
