import * as tf from '@tensorflow/tfjs-core';
import type { TextTokenizer } from '../backbone/backbone.js';
import { CLIP_IMAGE_STATISTICS, type ClipConfig } from '../clip/config.js';
import { textIds } from '../clip/text_ids.js';
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
  /** Token ids [batch, longest caption], or as long as the context where padding counts. */
  ids: tf.Tensor2D;
}

/** How large a batch and its texts are. */
export interface BatchSizes {
  /** Pictures, of distinct concepts. */
  batchSize: number;
  /** Captions of more tokens are drawn again: a few would make every text of their batch as long. */
  longestCaption: number;
}

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
    private readonly tokenizer: TextTokenizer,
    private readonly config: ClipConfig,
    private readonly random: Random,
    private readonly sizes: BatchSizes,
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
    const size = this.config.vision.imageSize;
    const chosen = random.shuffle(this.concepts).slice(0, this.sizes.batchSize);
    const pictures = chosen.map(({ id }) =>
      renderScene(random.choice(this.drawingsOf.get(id) as Drawing[]), random, {
        size,
        greyscale: GREYSCALE_SHARE,
      }),
    );
    const values = toFloat(pictures, CLIP_IMAGE_STATISTICS);
    return {
      images: tf.tensor4d(values, [chosen.length, size, size, 3]),
      ids: textIds(
        chosen.map((concept) => this.caption(concept, random)),
        this.config.text,
        this.tokenizer,
      ),
    };
  }

  private caption(concept: Concept, random: Random): number[] {
    for (let attempt = 0; attempt < 5; attempt++) {
      const ids = this.tokenizer.encode(randomCaption(concept, random));
      if (ids.length <= this.sizes.longestCaption) {
        return ids;
      }
    }
    return this.tokenizer.encode(concept.label);
  }
}
