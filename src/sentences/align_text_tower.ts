import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../layers/errors.js';
import type { Backbone, SentenceBackbone, SentenceEncoder } from '../backbone/backbone.js';
import type { LoadablePicture } from '../evaluation/picture_outputs.js';
import { imageFeatures, type ImageFeaturesOptions } from './image_features.js';
import { sentenceBackbone } from './sentence_backbone.js';
import { sentenceVectors } from './sentence_vectors.js';
import { checkMapSettings, trainMap, type TrainMapSettings } from './train_map.js';

/** A picture and what is said of it. */
export interface CaptionedPicture {
  picture: LoadablePicture;
  /** Of any length. */
  caption: string;
}

/** What {@link alignTextTower} needs. */
export interface AlignTextTowerArgs extends TrainMapSettings {
  /** Whose image tower is locked; what its own text tower is does not matter. */
  image: Backbone;
  encoder: SentenceEncoder;
  /** Pictures with captions, two or more; the more and the more different, the better. */
  pairs: Iterable<CaptionedPicture> | AsyncIterable<CaptionedPicture>;
  /** Name of the result, for people. */
  name?: string;
  /** Reads pictures that are files on other threads. */
  loader?: ImageFeaturesOptions['loader'];
  /** Told the number of pictures whose features are worked out. */
  onProgress?: ImageFeaturesOptions['onProgress'];
}

const ARGS: SettingNames<AlignTextTowerArgs> = {
  image: true,
  encoder: true,
  pairs: true,
  name: true,
  loader: true,
  onProgress: true,
  epochs: true,
  batchSize: true,
  learningRate: true,
  weightDecay: true,
  seed: true,
  onEpoch: true,
};

/**
 * Makes a sentence encoder the text tower of an image tower that is there: trains a linear map from the encoder's vectors
 * to the image features, on pictures with captions, with the image tower locked (LiT: Zhai et al., "Zero-Shot Transfer
 * with Locked-image text Tuning", CVPR 2022) and the encoder frozen.
 *
 * Neither tower changes, so each picture goes through the image tower once and each caption through the encoder once;
 * an epoch is then a product of small matrices. The loss is CLIP's, over the pairs of a batch, with AdamW.
 *
 * ```ts no-run
 * const encoder = await use.load();
 * const backbone = await alignTextTower({ image: clip, encoder, pairs });
 * const design = promptDesign('maple', backbone.config);
 * const model = await buildClip(backbone, { classNames, design });
 * ```
 * @throws MapleError for fewer than two pairs, an empty caption, a setting out of its range, or what the encoder gives
 */
export async function alignTextTower(args: AlignTextTowerArgs): Promise<SentenceBackbone> {
  checkKnown('alignTextTower', args, ARGS);
  const { image, encoder, name, loader, onProgress } = args;
  checkMapSettings(args);
  const { pictures, captions, captionOf } = await readPairs(args.pairs);
  const vectors = await sentenceVectors(encoder, captions);
  const made: tf.Tensor[] = [vectors];
  try {
    const features = await imageFeatures(image, pictures, { loader, onProgress });
    made.push(features);
    const map = await trainMap({ images: features, captions: vectors, captionOf }, args);
    return await sentenceBackbone({ image, encoder, map, name });
  } finally {
    tf.dispose(made);
  }
}

async function readPairs(pairs: AlignTextTowerArgs['pairs']) {
  const pictures: LoadablePicture[] = [];
  const captionOf: number[] = [];
  const numbers = new Map<string, number>();
  for await (const { picture, caption } of pairs) {
    if (typeof (picture as Partial<LoadablePicture> | undefined)?.load !== 'function') {
      throw new MapleError(
        `Pair ${pictures.length} must hold a \`picture\` with \`name\` and \`load()\`, as readImageFolder gives them in ` +
          `\`examples\`. Received: ${JSON.stringify(picture)} with the caption ${JSON.stringify(caption)}.`,
      );
    }
    if (typeof caption !== 'string' || caption.trim() === '') {
      throw new MapleError(
        `The caption of picture ${pictures.length} ("${picture.name}") must not be empty. ` +
          `Received: ${JSON.stringify(caption)}.`,
      );
    }
    const number = numbers.get(caption) ?? numbers.size;
    numbers.set(caption, number);
    captionOf.push(number);
    pictures.push(picture);
  }
  if (numbers.size < 2) {
    throw new MapleError(
      '`pairs` must hold at least two pictures with different captions, to be told apart. ' +
        `Received: ${pictures.length} pictures, ${numbers.size} captions.`,
    );
  }
  return { pictures, captions: [...numbers.keys()], captionOf };
}
