import * as tf from '@tensorflow/tfjs-core';
import { idTensor } from '../clip/build_towers.js';
import { CLIP_IMAGE_STATISTICS } from '../clip/config.js';
import type { ClipTokenizer } from '../clip/tokenizer.js';
import { toFloat } from '../data/preprocess.js';
import type { Random } from '../random.js';
import { randomCaption } from './captions.js';
import { emojiConcepts, type Concept } from './concepts.js';
import type { Drawing, Drawings } from './drawing.js';
import { renderScene } from './scenes.js';

/** One step's pictures and their captions. */
export interface PretrainingBatch {
  /** [batch, size, size, 3], normalised. */
  images: tf.Tensor4D;
  /** Token ids [batch, longest caption]. */
  ids: tf.Tensor2D;
}

/** Longer captions are drawn again: a few would make every text of their batch as long. */
const LONGEST_CAPTION = 20;
/** Share of scenes without colour, so that monochrome drawings are no stranger to the model. */
const GREYSCALE_SHARE = 0.15;

/**
 * Makes the batches of pretraining: distinct concepts, each in one of the styles that draw it, as a new scene with a
 * new caption. A step's batch depends on the seed and the step alone, so that training can stop and go on.
 */
export class PretrainingBatches {
  private readonly concepts: readonly Concept[];
  private readonly drawingsOf: ReadonlyMap<string, Drawing[]>;

  constructor(
    styles: readonly Drawings[],
    private readonly tokenizer: ClipTokenizer,
    private readonly random: Random,
    private readonly batchSize: number,
    private readonly imageSize: number,
  ) {
    const drawingsOf = new Map<string, Drawing[]>();
    for (const style of styles) {
      for (const [id, drawing] of style) {
        drawingsOf.set(id, [...(drawingsOf.get(id) ?? []), drawing]);
      }
    }
    this.drawingsOf = drawingsOf;
    this.concepts = emojiConcepts().filter(({ id }) => drawingsOf.has(id));
  }

  /** The batch of a step; the caller disposes it. */
  batch(step: number): PretrainingBatch {
    const random = this.random.fork('step', step);
    const chosen = random.shuffle(this.concepts).slice(0, this.batchSize);
    const pictures = chosen.map(({ id }) =>
      renderScene(random.choice(this.drawingsOf.get(id) as Drawing[]), random, {
        size: this.imageSize,
        greyscale: GREYSCALE_SHARE,
      }),
    );
    const values = toFloat(pictures, CLIP_IMAGE_STATISTICS);
    return {
      images: tf.tensor4d(values, [chosen.length, this.imageSize, this.imageSize, 3]),
      ids: idTensor(chosen.map((concept) => this.caption(concept, random))),
    };
  }

  private caption(concept: Concept, random: Random): number[] {
    for (let attempt = 0; attempt < 5; attempt++) {
      const ids = this.tokenizer.encode(randomCaption(concept, random));
      if (ids.length <= LONGEST_CAPTION) {
        return ids;
      }
    }
    return this.tokenizer.encode(concept.label);
  }
}
