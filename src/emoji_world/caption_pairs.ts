import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { Random } from '../random.js';
import type { CaptionedPicture } from '../sentences/align_text_tower.js';
import { randomCaption } from './captions.js';
import { emojiConcepts } from './concepts.js';
import type { Drawing } from './drawing.js';
import { loadDrawings, type LoadDrawingsOptions } from './drawings.js';
import { renderScene } from './scenes.js';
import { pretrainingStyles } from './styles.js';

/** Which pairs {@link emojiCaptionPairs} makes. */
export interface CaptionPairOptions {
  /** Pretraining styles; default: all of them. */
  styles?: readonly string[];
  /** Scenes of each drawing; default: 3. */
  scenes?: number;
  /** Side of a scene in pixels; default: 48, the tiny CLIP's. */
  size?: number;
  /** Share of scenes without colour; default: 0.15, as in pretraining. */
  greyscale?: number;
  /** Decides scenes and captions; default: 1. */
  seed?: number;
  cacheFolder?: LoadDrawingsOptions['cacheFolder'];
}

const OPTIONS: SettingNames<CaptionPairOptions> = {
  styles: true,
  scenes: true,
  size: true,
  greyscale: true,
  seed: true,
  cacheFolder: true,
};

/**
 * Pictures of Emoji World with captions, as the tiny CLIP was pretrained on: scenes of the pretraining styles. Nothing of
 * the held-out styles is among them, nor any test scene.
 * @throws MapleError for a style that is to stay unseen
 */
export async function emojiCaptionPairs(options: CaptionPairOptions = {}): Promise<CaptionedPicture[]> {
  checkKnown('emojiCaptionPairs', options, OPTIONS);
  const { scenes = 3, size = 48, greyscale = 0.15, seed = 1, cacheFolder } = options;
  const styles = pretrainingStyles(options.styles);
  const random = new Random(seed).fork('caption pairs');
  const pairs: CaptionedPicture[] = [];
  for (const style of styles) {
    const drawings = await loadDrawings(style, { cacheFolder });
    for (const concept of emojiConcepts().filter(({ id }) => drawings.has(id))) {
      const drawing = drawings.get(concept.id) as Drawing;
      for (let scene = 0; scene < scenes; scene++) {
        const stream = () => random.fork(style, concept.id, scene);
        pairs.push({
          caption: randomCaption(concept, stream().fork('caption')),
          picture: {
            name: `${style}/${concept.label}/${scene}`,
            load: async () => renderScene(drawing, stream(), { size, greyscale }),
          },
        });
      }
    }
  }
  return pairs;
}
