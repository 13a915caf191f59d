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
