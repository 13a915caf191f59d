import type { TextTowerFacts } from '../backbone/contract.js';
import type { ClassTexts } from '../prompting/class_texts.js';
import { packTexts } from '../prompting/packing.js';
import type { ClassChunk } from './class_source.js';

/** What {@link classChunks} needs to know of texts and tower. */
export interface ClassChunkArgs {
  /** Whether the texts are packed. */
  packs: boolean;
  /** Tokens of a text that is not packed. */
  length: number;
  tower: Pick<TextTowerFacts, 'width' | 'layers'>;
  /** Most classes of a chunk. Default: all, up to {@link VALUES_AT_ONCE}; beyond, as many as {@link CHUNK_VALUES}. */
  rows?: number;
}

/**
 * Values of all tokens in all blocks whose gradient is computed in one: 4,900 tokens of ViT-B/16's text tower, some 1,100
 * classes, which take about 4 GB (docs/performance.md).
 */
const VALUES_AT_ONCE = 30e6;

/** Values of a chunk, where there are more: smaller chunks save little more, larger ones are no faster. */
const CHUNK_VALUES = 10e6;

/** Class texts in as few chunks as there can be, of numbers of classes that differ by one at most. */
export function classChunks({ ids, slots }: ClassTexts, { packs, length, tower, rows }: ClassChunkArgs): ClassChunk[] {
  const classes = ids.length;
  const tokens = packs ? packTexts(ids.flat()).ids.length : classes * length;
  const values = tokens * tower.width * Math.max(1, tower.layers);
  const most = rows ?? (values <= VALUES_AT_ONCE ? classes : Math.max(1, (classes * CHUNK_VALUES) / values));
  const count = Math.max(1, Math.ceil(classes / most));
  const start = (chunk: number): number => Math.floor((chunk * classes) / count);
  return Array.from({ length: count }, (_, chunk) => {
    const [from, to] = [start(chunk), start(chunk + 1)];
    return {
      from,
      classes: to - from,
      slots: slots?.slice(from, to),
      packing: packs ? packTexts(ids.slice(from, to).flat()) : undefined,
    };
  });
}
