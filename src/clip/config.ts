import { ACTIVATIONS, type Activation } from '../../layers/activations.js';
import { MapleError } from '../../layers/errors.js';
import type { ImageTowerFacts, TextTowerFacts, TowersConfig } from '../backbone/contract.js';
import { mustHold } from '../must_hold.js';

/** What both towers of a CLIP-like model are described by. */
export interface TowerConfig {
  /** Width of the token vectors; a multiple of `heads`. */
  width: number;
  /** Number of transformer blocks. */
  layers: number;
  /** Attention heads a block. */
  heads: number;
  /** Hidden width of a block's MLP. */
  mlpWidth: number;
  /** OpenAI's weights take QuickGELU, LAION's the exact GELU, SigLIP's its approximation by tanh. */
  activation: Activation;
  /** Epsilon of every LayerNorm. */
  epsilon: number;
}

/** A vision transformer; what a field does not say is as in CLIP. */
export interface VisionConfig extends TowerConfig, ImageTowerFacts {
  /** Side of the square input, in pixels. What is left over of a whole number of patches, right and below, is not seen. */
  imageSize: number;
  /** Side of a patch, in pixels. */
  patchSize: number;
  /**
   * Where the feature comes from: a class token that stands first, or `attention`, a learned query that looks at all
   * tokens, of which none is a class token (SigLIP). Default: `classToken`.
   */
  pooling?: 'classToken' | 'attention';
  /** Whether the tokens are normalised before the first block. Default: true. */
  preNorm?: boolean;
  /** Whether the patch embedding has a bias. Default: false. */
  patchBias?: boolean;
  /** Whether the feature is mapped to `embedDim`; else the width is. Default: true. */
  projection?: boolean;
}

/** A text transformer; what a field does not say is as in CLIP: causal, read at the end token. */
export interface TextConfig extends TowerConfig, TextTowerFacts {
  /** Number of learned positions, start and end token included. */
  contextLength: number;
  /** Rows of the token embedding. */
  vocabularySize: number;
  /** Whether the map to `embedDim` has a bias. Default: false. */
  projectionBias?: boolean;
}

/** The architecture of a CLIP-like model as data: a backbone is an entry of this form, not a program. */
export interface ClipConfig extends TowersConfig {
  vision: VisionConfig;
  text: TextConfig;
}

/** Patches of a picture; what is left over at its right and lower side belongs to none. */
export function patchCount({ imageSize, patchSize }: Pick<VisionConfig, 'imageSize' | 'patchSize'>): number {
  return Math.floor(imageSize / patchSize) ** 2;
}

/**
 * How pictures become a model's input. It travels with the weights, and it is all that is done to a picture: resized by
 * `filter`, cut as `fit` says, then (value / 255 - mean) / deviation for each of red, green, blue.
 */
export interface ImageStatistics {
  mean: readonly [number, number, number];
  deviation: readonly [number, number, number];
  /**
   * How a picture becomes a square. `crop`: its short side is brought to the model's size, and the centre cut out (CLIP).
   * `squash`: both sides are brought to it, whatever their ratio (SigLIP). Default: `crop`.
   */
  fit?: 'crop' | 'squash';
  /** How it is resized, always antialiased as Pillow does it; SigLIP 2 takes `bilinear`. Default: `bicubic`. */
  filter?: 'bicubic' | 'bilinear';
}

/** CLIP's own image statistics, used unless the files say otherwise. */
export const CLIP_IMAGE_STATISTICS: ImageStatistics = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};

/** SigLIP's; SigLIP 2 has the same with `filter: 'bilinear'`. */
export const SIGLIP_IMAGE_STATISTICS: ImageStatistics = {
  mean: [0.5, 0.5, 0.5],
  deviation: [0.5, 0.5, 0.5],
  fit: 'squash',
};

/**
 * Checks that a configuration describes a model that can be built.
 * @throws MapleError naming the field, the value received and what it must be
 */
export function validateClipConfig(config: ClipConfig): void {
  const fields: [string, number][] = [['embedDim', config.embedDim]];
  for (const tower of ['vision', 'text'] as const) {
    for (const field of ['width', 'layers', 'heads', 'mlpWidth'] as const) {
      fields.push([`${tower}.${field}`, config[tower][field]]);
    }
    if (config[tower].width % config[tower].heads !== 0) {
      throw new MapleError(
        `\`${tower}.width\` must be a multiple of \`${tower}.heads\`. ` +
          `Received: width=${config[tower].width}, heads=${config[tower].heads}.`,
      );
    }
    const { activation, epsilon } = config[tower];
    mustHold(`${tower}.activation`, activation, ACTIVATIONS.includes(activation), ACTIVATIONS.join(' or '));
    mustHold(`${tower}.epsilon`, epsilon, epsilon > 0, 'a positive number');
  }
  fields.push(['vision.imageSize', config.vision.imageSize], ['vision.patchSize', config.vision.patchSize]);
  fields.push(['text.contextLength', config.text.contextLength], ['text.vocabularySize', config.text.vocabularySize]);
  for (const [field, value] of fields) {
    mustHold(field, value, Number.isInteger(value) && value > 0, 'a positive integer');
  }
  const { vision, text, embedDim } = config;
  if (vision.imageSize < vision.patchSize) {
    throw new MapleError(
      '`vision.imageSize` must be at least `vision.patchSize`. ' +
        `Received: imageSize=${vision.imageSize}, patchSize=${vision.patchSize}.`,
    );
  }
  const [from, at] = [vision.pooling ?? 'classToken', text.pooling ?? 'end'];
  mustHold('vision.pooling', from, ['classToken', 'attention'].includes(from), 'classToken or attention');
  mustHold('text.pooling', at, ['end', 'last'].includes(at), 'end or last');
  if (vision.projection === false && vision.width !== embedDim) {
    throw new MapleError(
      'Without `vision.projection` the image feature is as wide as the tower: `embedDim` must be `vision.width`. ' +
        `Received: embedDim=${embedDim}, width=${vision.width}.`,
    );
  }
  if (text.causal === false && at === 'end') {
    throw new MapleError(
      '`text.causal: false` needs `text.pooling: last`: what stands behind the end token would be seen, and how far a ' +
        'text is padded would count. Received: pooling=end.',
    );
  }
}
