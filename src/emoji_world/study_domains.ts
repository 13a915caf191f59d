import type { Example, ImageDataset } from '../data/dataset.js';
import { Random } from '../random.js';
import { luminance } from './backgrounds.js';
import { corruptPicture } from './corrupt.js';
import type { Drawing, Drawings } from './drawing.js';
import { FIXED_SEED } from './scene_dataset.js';

/** Another look of the source's classes. */
export interface EmojiStudyDomain {
  /** What records call it. */
  name: string;
  /** What a table calls it. */
  title: string;
  /** Whose drawings, where not those of the style that was tuned on. */
  style?: string;
  /** What is done to each drawing. */
  repaint?: (drawing: Drawing) => Drawing;
  /** What is done to the scenes. */
  spoil?: (dataset: ImageDataset) => ImageDataset;
}

/** The four looks of domain generalisation, in the order of the tables. Pretraining has seen none of them. */
export const EMOJI_STUDY_DOMAINS: readonly EmojiStudyDomain[] = [
  { name: 'older', title: 'Older version', style: 'noto-v1' },
  { name: 'monochrome', title: 'Monochrome', repaint: withoutColour },
  { name: 'high-contrast', title: 'High contrast', style: 'fluent-emoji-high-contrast' },
  { name: 'corrupted', title: 'Corrupted', spoil: corruptScenes },
];

/** Every drawing in other paint. */
export function repaintAll(drawings: Drawings, repaint: (drawing: Drawing) => Drawing): Drawings {
  return new Map([...drawings].map(([id, drawing]) => [id, repaint(drawing)]));
}

/** Every pixel in the grey of its lightness; the ground of the scene keeps its colours. */
function withoutColour({ size, data }: Drawing): Drawing {
  const grey = data.slice();
  for (let at = 0; at < grey.length; at += 4) {
    grey.fill(Math.round(luminance(data[at], data[at + 1], data[at + 2])), at, at + 3);
  }
  return { size, data: grey };
}

/** The same scenes, spoilt when first asked for and kept then. */
function corruptScenes(dataset: ImageDataset): ImageDataset {
  const spoil = (example: Example): Example => {
    let picture: ReturnType<Example['load']> | undefined;
    const corrupt = async () =>
      corruptPicture(await example.load(), new Random(FIXED_SEED).fork('corrupt', example.name));
    return { ...example, load: () => (picture ??= corrupt()) };
  };
  const [train, validation, test] = [dataset.train, dataset.validation, dataset.test].map((split) => split.map(spoil));
  return { ...dataset, train, validation, test };
}
