import * as tf from '@tensorflow/tfjs-core';
import type { TextTokenizer } from '../backbone/backbone.js';
import type { ClipTowers } from '../clip/build_towers.js';
import { CLIP_IMAGE_STATISTICS } from '../clip/config.js';
import { textIds } from '../clip/text_ids.js';
import { toFloat } from '../data/preprocess.js';
import { Random } from '../random.js';
import { EMOJI_GROUPS, emojiConcepts, type EmojiGroup } from './concepts.js';
import type { Drawing, Drawings } from './drawing.js';
import { renderScene } from './scenes.js';

/** The same check scenes whatever the training's seed. */
const CHECK_SEED = 20_230_601;

/**
 * Zero-shot accuracy of a model in training: one scene of every concept of a style, told among all of its group,
 * the mean over groups (or in one group only).
 */
export function zeroShotCheck(
  towers: ClipTowers,
  tokenizer: TextTokenizer,
  drawings: Drawings,
  style: string,
  checked: EmojiGroup | 'all',
): number {
  const random = new Random(CHECK_SEED).fork(style);
  const groups = checked === 'all' ? EMOJI_GROUPS : [checked];
  const accuracies = groups.flatMap((group) => {
    const concepts = emojiConcepts().filter((concept) => concept.group === group && drawings.has(concept.id));
    if (concepts.length < 2) {
      return [];
    }
    const size = towers.config.vision.imageSize;
    const pictures = concepts.map(({ id }) => renderScene(drawings.get(id) as Drawing, random.fork(id), { size }));
    const right = tf.tidy(() => {
      const images = tf.tensor4d(toFloat(pictures, CLIP_IMAGE_STATISTICS), [concepts.length, size, size, 3]);
      const texts = concepts.map(({ label }) => tokenizer.encode(`a photo of a ${label}.`));
      const ids = textIds(texts, towers.config.text, tokenizer);
      const features = [towers.image.predict(images), towers.text.predict(ids)] as tf.Tensor[];
      const said = tf.argMax(towers.logits.apply(features) as tf.Tensor2D, 1).dataSync();
      return Array.from(said).filter((answer, index) => answer === index).length;
    });
    return [right / concepts.length];
  });
  return accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
}
