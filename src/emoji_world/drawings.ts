import { createHash } from 'node:crypto';
import { emojiConcepts, type Concept, type EmojiGroup } from './concepts.js';
import type { Drawings } from './drawing.js';
import { readCachedDrawings, writeCachedDrawings } from './drawing_cache.js';
import { renderIcon } from './drawing_render.js';
import { styleIcons, type Icon } from './icons.js';
import { readPackageJson } from './packages.js';
import { findStyle } from './styles.js';

/** Side of a drawing in pixels, unless another is asked for. */
export const DRAWING_SIZE = 64;
/** Raised when the same icon comes out differently, so that nobody gets drawings of an older kind from a cache. */
const RENDERING = 1;
/** SVGs in the hands of sharp's threads at once. */
const CONCURRENT = 8;

/** What {@link loadDrawings} takes besides the style. */
export interface LoadDrawingsOptions {
  /** Only this group; default: all of them. */
  group?: EmojiGroup | 'all';
  /** Only these concepts, instead of a group. */
  concepts?: readonly Concept[];
  /** Side in pixels, default 64. */
  size?: number;
  /** Where rendered drawings are kept; null: nowhere. Default: MAPLE_CACHE, or the user's cache folder. */
  cacheFolder?: string | null;
  /** Called as drawings get ready, with how many of how many are. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * A style's drawings, from the user's cache or rendered now (about 3 ms each) and kept there for next time.
 * @param styleId - an entry of EMOJI_STYLES
 * @throws MapleError for an unknown style, or one whose package is not installed
 */
export async function loadDrawings(styleId: string, options: LoadDrawingsOptions = {}): Promise<Drawings> {
  const { group = 'all', concepts = conceptsOf(group), size = DRAWING_SIZE, onProgress } = options;
  const style = findStyle(styleId);
  const { version } = readPackageJson<{ version: string }>(`@iconify-json/${style.id}/package.json`);
  const emojibase = readPackageJson<{ version: string }>('emojibase-data/package.json').version;
  const part = options.concepts === undefined ? group : fingerprint(options.concepts);
  const key = `${style.id}-${version}-emojibase-${emojibase}-${part}-${size}-r${RENDERING}`;
  const cached = await readCachedDrawings(options.cacheFolder, key, size);
  if (cached !== undefined) {
    onProgress?.(cached.size, cached.size);
    return cached;
  }
  const ids = new Set(concepts.map(({ id }) => id));
  const wanted = [...styleIcons(style)].filter(([id]) => ids.has(id));
  const drawings = await renderAll(wanted, size, onProgress);
  await writeCachedDrawings(options.cacheFolder, key, drawings, size);
  return drawings;
}

function conceptsOf(group: EmojiGroup | 'all'): readonly Concept[] {
  return emojiConcepts().filter((concept) => group === 'all' || concept.group === group);
}

function fingerprint(concepts: readonly Concept[]): string {
  const ids = concepts.map(({ id }) => id).sort();
  return createHash('sha256').update(ids.join()).digest('hex').slice(0, 12);
}

async function renderAll(
  icons: [string, Icon][],
  size: number,
  onProgress: LoadDrawingsOptions['onProgress'],
): Promise<Drawings> {
  const rendered = new Array<Uint8Array | undefined>(icons.length);
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    while (next < icons.length) {
      const index = next++;
      rendered[index] = await renderIcon(icons[index][1], size);
      onProgress?.(++done, icons.length);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, work));
  const drawings: Drawings = new Map();
  for (const [index, data] of rendered.entries()) {
    if (data !== undefined) {
      drawings.set(icons[index][0], { size, data });
    }
  }
  return drawings;
}
