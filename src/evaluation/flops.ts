import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import {
  patchCount,
  validateClipConfig,
  type ClipConfig,
  type TowerConfig,
  type VisionConfig,
} from '../clip/config.js';
import { countsPadding } from '../backbone/contract.js';
import { hasFixedText, metaNetWidth, validateDesign, type PromptDesign } from '../prompting/design.js';
import { canonicalShapes } from '../weights/canonical.js';
import { mustHold } from '../must_hold.js';

/** What a forward pass is counted for. */
export interface FlopsOptions {
  /** Number of classes. */
  classes: number;
  /**
   * Tokens of the longest class text, start and end token included. Default: the text tower's context, which a tower
   * that is read at its last position (SigLIP's) computes whatever the texts.
   */
  textLength?: number;
  /**
   * Of texts that are computed packed: how many tokens all begin with, and how many each class has of its own. Default:
   * `textLength` tokens a class.
   */
  packed?: { shared: number; own: readonly number[] };
  /** Fixed texts a class, whose features are averaged. Default: 1. */
  templates?: number;
  /**
   * Count what this library computes: texts cut to `textLength`, in each tower's last block one query a row where one is
   * read, an attention pool without keys and values. False: what the official code computes, every position of the
   * context, every query, the pool's keys and values. Default: true.
   */
  pruned?: boolean;
}

const OPTIONS: SettingNames<FlopsOptions> = {
  classes: true,
  textLength: true,
  packed: true,
  templates: true,
  pruned: true,
};

/** Floating point operations of a forward pass: see {@link countFlops} for what is counted. */
export interface ForwardFlops {
  /** The image tower, for one picture, its prompts among the tokens. */
  image: number;
  /** The text tower, for all classes and templates. */
  text: number;
  /** Couplers or meta-net. */
  prompts: number;
  /** Cosines of one picture with all classes. */
  head: number;
  /**
   * One picture, with all that training can change worked out anew: a training step's forward pass for one picture, and
   * the official code's test. A text that no prompt changes is not worked out again.
   */
  each: number;
  /** One more picture where text features and coupled prompts are kept; with a meta-net nothing can be. */
  kept: number;
}

/**
 * Counts the floating point operations of a design's forward pass: those of its matrix products, a multiplication and
 * an addition counting as **two**. Biases, LayerNorm, softmax, activations and embeddings are left out: under one in a
 * hundred at ViT-B/16's size. Tools like THOP report multiply-adds instead, half of these numbers, often under the name
 * FLOPs, and some leave the two products within attention out.
 *
 * ```js
 * const design = promptDesign('maple', clipConfigs.vitB16);
 * countFlops(design, clipConfigs.vitB16, {classes: 1, pruned: false}).image; // 35.50e9
 * ```
 *
 * @throws MapleError for a design that does not fit the towers, or counts that are none
 */
export function countFlops(design: PromptDesign, config: ClipConfig, options: FlopsOptions): ForwardFlops {
  checkKnown('countFlops', options, OPTIONS);
  validateClipConfig(config);
  validateDesign(design, config);
  const { classes, textLength = config.text.contextLength, templates = 1, pruned = true, packed } = options;
  const { vision, text, embedDim } = config;
  for (const [name, value] of Object.entries({ classes, textLength, templates })) {
    mustHold(name, value, Number.isInteger(value) && value > 0, 'a positive integer');
  }

  const image =
    imageTower(vision, design.visionLength, pruned) + (vision.projection === false ? 0 : vision.width * embedDim);

  const length = pruned && !countsPadding(text) ? textLength : text.contextLength;
  // Where the last block answers for all tokens, the end token is picked from its row by a product.
  const picked = pruned ? 0 : length * text.width;
  const rows =
    packed && pruned ? packedTower(text, packed) : classes * templates * (tower(text, length, pruned) + picked);
  const texts = rows + classes * templates * text.width * embedDim;

  const prompts = couplersOrMetaNet(design, config);
  const head = classes * embedDim;
  const each = image + head + prompts + (hasFixedText(design) ? 0 : texts);
  const kept = design.conditioning === 'metaNet' ? each : image + head;
  const double = (products: number): number => 2 * products;
  return {
    image: double(image),
    text: double(texts),
    prompts: double(prompts),
    head: double(head),
    each: double(each),
    kept: double(kept),
  };
}

/** Number of parameters of a CLIP model, token embeddings and temperature included. */
export function clipParameters(config: ClipConfig): number {
  validateClipConfig(config);
  const sizes = [...canonicalShapes(config).values()].map((shape) => shape.reduce((size, side) => size * side, 1));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Multiply-adds of an image tower for one picture, up to the feature's map. */
function imageTower(vision: VisionConfig, prompts: number, pruned: boolean): number {
  const patches = patchCount(vision);
  const embedding = patches * 3 * vision.patchSize ** 2 * vision.width;
  if (vision.pooling === 'attention') {
    const tokens = patches + prompts;
    return embedding + tower(vision, tokens, false) + attentionPool(vision, tokens, pruned);
  }
  return embedding + tower(vision, 1 + patches + prompts, pruned);
}

/**
 * Multiply-adds of one probe that looks at `length` tokens, and the MLP behind it. Without keys and values made, each
 * head scores and sums up the tokens at their whole width.
 */
function attentionPool({ width, heads, mlpWidth }: TowerConfig, length: number, pruned: boolean): number {
  const perToken = pruned ? 2 * heads * width : 2 * width * width + 2 * width;
  const queryAndOut = 2 * width * width;
  const values = pruned ? width * width : 0;
  return queryAndOut + values + length * perToken + 2 * width * mlpWidth;
}

/** Multiply-adds of a tower's blocks for one row of `length` tokens. */
function tower({ layers, width, mlpWidth }: TowerConfig, length: number, pruned: boolean): number {
  const block = (queries: number): number => {
    const linear = queries * (width * width + width * width + 2 * width * mlpWidth) + length * 2 * width * width;
    const attention = 2 * queries * length * width;
    return linear + attention;
  };
  return (layers - 1) * block(length) + block(pruned ? 1 : length);
}

/** Multiply-adds of a text tower's blocks for packed texts. */
function packedTower(
  { layers, width, mlpWidth }: TowerConfig,
  { shared, own }: NonNullable<FlopsOptions['packed']>,
): number {
  const tokens = own.reduce((sum, count) => sum + count, shared);
  const longest = Math.max(...own);
  const answering = (queries: number): number => queries * (2 * width * width + 2 * width * mlpWidth);
  const keysAndValues = tokens * 2 * width * width;
  const seen = 2 * width * (shared + longest);
  const block = answering(tokens) + keysAndValues + 2 * width * shared ** 2 + own.length * longest * seen;
  return (layers - 1) * block + answering(own.length) + keysAndValues + own.length * seen;
}

/** Multiply-adds of what makes prompts of others: for one forward pass, or with a meta-net for one picture. */
function couplersOrMetaNet(design: PromptDesign, config: ClipConfig): number {
  const { text, vision, embedDim } = config;
  if (design.conditioning === 'metaNet') {
    return metaNetWidth(config) * (embedDim + text.width);
  }
  return design.coupling === 'none' ? 0 : design.visionDepth * design.visionLength * text.width * vision.width;
}
