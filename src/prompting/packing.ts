import type { ClassTexts } from './class_texts.js';
import { completeDesign, type PromptDesign } from './design.js';

/** Texts that begin alike as one row of tokens: what all share once, then each text's own. */
export interface Packing {
  /** Token ids [tokens]. */
  ids: number[];
  /** Each token's position in its text [tokens]. */
  positions: number[];
  /** Number of tokens that all texts begin with; each keeps one of its own. */
  shared: number;
  /** Where each text's own tokens lie behind the shared ones [texts, longest]; -1 behind its end. */
  places: number[][];
  /** The inverse: where each of those tokens lies in `places`, row by row [tokens - shared]. */
  real: number[];
  /** Where each text's end token lies among its own [texts]. */
  ends: number[];
}

/** The packing of class texts, where it is exact. */
export function packedClassTexts(design: PromptDesign, texts: ClassTexts): Packing | undefined {
  return isPackable(design, texts) ? packTexts(texts.ids.flat()) : undefined;
}

/**
 * Whether packing class texts is exact: prompt vectors, if any, are the same for all classes and images, and stand among
 * the tokens that all texts begin with.
 */
export function isPackable(design: PromptDesign, { ids, slots }: ClassTexts): boolean {
  const { contexts, conditioning } = completeDesign(design);
  const sameForAll = contexts === 'shared' && conditioning === 'none' && slots === undefined;
  return sameForAll && sharedTokens(ids.flat()) > design.textLength;
}

/** Packs texts, token ids with start and end token. */
export function packTexts(texts: readonly (readonly number[])[]): Packing {
  const shared = sharedTokens(texts);
  const own = texts.map((text) => text.slice(shared));
  const longest = Math.max(...own.map(({ length }) => length));
  let tokens = 0;
  const places = own.map(({ length }) => Array.from({ length: longest }, (_, at) => (at < length ? tokens++ : -1)));
  return {
    ids: [...texts[0].slice(0, shared), ...own.flat()],
    positions: [...texts[0].keys()].slice(0, shared).concat(own.flatMap((text) => text.map((_, at) => shared + at))),
    shared,
    places,
    real: own.flatMap(({ length }, text) => Array.from({ length }, (_, at) => text * longest + at)),
    ends: own.map(({ length }) => length - 1),
  };
}

/** How many tokens all texts begin with, short of the shortest text's end. */
export function sharedTokens(texts: readonly (readonly number[])[]): number {
  const most = Math.min(...texts.map(({ length }) => length)) - 1;
  const differing = texts[0].slice(0, most).findIndex((id, at) => texts.some((text) => text[at] !== id));
  return differing < 0 ? most : differing;
}
