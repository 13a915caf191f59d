import sharp, { type OverlayOptions } from 'sharp';
import { MapleError } from '../../layers/errors.js';
import { Random } from '../random.js';
import { emojiConcepts, type Concept } from './concepts.js';
import type { Drawings } from './drawing.js';
import { loadDrawings, type LoadDrawingsOptions } from './drawings.js';
import { renderScene } from './scenes.js';

/** What a contact sheet shows. */
export interface ContactSheetOptions {
  /** One row each. */
  styles: readonly string[];
  /** One column each: labels of concepts. */
  labels: readonly string[];
  /** Side of a scene in pixels, default 48. */
  size?: number;
  /** Decides the scenes, default 1. */
  seed?: number;
  cacheFolder?: LoadDrawingsOptions['cacheFolder'];
}

/**
 * A table of scenes, styles down and concepts across; white where a style does not draw a concept.
 * @returns the picture as JPEG: noise makes a PNG ten times larger
 * @throws MapleError for a label that no concept has
 */
export async function contactSheet(options: ContactSheetOptions): Promise<Uint8Array> {
  const { styles, labels, size = 48, seed = 1, cacheFolder } = options;
  const concepts = labels.map(findConcept);
  const step = size + 2;
  const random = new Random(seed);
  const tiles: OverlayOptions[] = [];
  for (const [row, style] of styles.entries()) {
    const drawings = await drawingsOf(style, concepts, cacheFolder);
    for (const [column, { id }] of concepts.entries()) {
      const drawing = drawings.get(id);
      if (drawing !== undefined) {
        const { data } = renderScene(drawing, random.fork(style, id), { size });
        const raw = { width: size, height: size, channels: 3 } as const;
        tiles.push({ input: Buffer.from(data), raw, left: 1 + column * step, top: 1 + row * step });
      }
    }
  }
  const canvas = {
    width: labels.length * step,
    height: styles.length * step,
    channels: 3,
    background: 'white',
  } as const;
  return sharp({ create: canvas }).composite(tiles).jpeg({ quality: 80 }).toBuffer();
}

/** The drawings of the groups that the concepts are in. */
async function drawingsOf(
  style: string,
  concepts: readonly Concept[],
  cacheFolder: ContactSheetOptions['cacheFolder'],
): Promise<Drawings> {
  const groups = [...new Set(concepts.map(({ group }) => group))];
  const loaded = await Promise.all(groups.map((group) => loadDrawings(style, { group, cacheFolder })));
  return new Map(loaded.flatMap((drawings) => [...drawings]));
}

function findConcept(label: string): Concept {
  const concept = emojiConcepts().find((candidate) => candidate.label === label);
  if (concept === undefined) {
    throw new MapleError(`No concept has the label ${label}. Labels are in lower case without punctuation.`);
  }
  return concept;
}
