import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { TransformerBlockArgs } from '../../layers/index.js';
import type { LayerSource } from './layer_source.js';

/** What prompting asks of an image tower, as data. */
export interface ImageTowerFacts {
  /** Width of its tokens, and of image prompts. */
  width: number;
  /** Blocks before which image prompts may stand; 0 for a tower without tokens, a convolutional one. */
  layers: number;
  /** Side of the square pictures it takes, in pixels. */
  imageSize: number;
}

/** What prompting asks of a text tower, as data. */
export interface TextTowerFacts {
  /** Width of its tokens, and of text prompts. */
  width: number;
  /** Blocks before which text prompts may stand; 0 where there are none to stand before. */
  layers: number;
  /** Tokens a text may have, learned ones included. */
  contextLength: number;
  /** Whether a token sees only itself and what stands before it. Default: true. */
  causal?: boolean;
  /** Where a text's feature is read: at its `end` token, or at the `last` position of the padded text. Default: `end`. */
  pooling?: 'end' | 'last';
  /** Whether texts begin with a start token, which learned ones stand behind. Default: true. */
  startToken?: boolean;
  /**
   * How learned vectors enter: as `tokens` among the text's, or as a `shift` of the one vector that stands for the whole
   * text (a sentence encoder's). Default: `tokens`.
   */
  prompts?: 'tokens' | 'shift';
}

/** What prompting asks of a pair of towers; a {@link ClipConfig} tells it of CLIP's. */
export interface TowersConfig {
  /** Width of the shared image-text space. */
  embedDim: number;
  vision: ImageTowerFacts;
  text: TextTowerFacts;
  /** Whether a bias is added to the scaled cosines, as in SigLIP. Default: false. */
  logitBias?: boolean;
}

/** What stands before a block: takes the tokens [N, L, d] and gives them back with prompts in. */
export type PromptHook = (tokens: SymbolicTensor, block: number) => SymbolicTensor;

/** What the blocks of a frozen tower keep for a backward pass; see `transformerBlock`. */
export type BlockMemory = Pick<TransformerBlockArgs, 'recompute' | 'constant'>;

/** The texts a text tower reads. */
export interface TextStream {
  /** Token embeddings [N, L, width]; packed [1, tokens, width]. */
  embeddings: SymbolicTensor;
  /** Position at which each text's feature is read [N]; packed: among its own tokens. */
  ends: SymbolicTensor;
  /** Of packed texts, as `packedClassTokens` gives them. */
  packing?: { positions: SymbolicTensor; places: SymbolicTensor; real: SymbolicTensor };
}

/** What a tower is built with. */
export interface TowerContext {
  /** Makes a layer, or gives the one of that name that there is. Every layer with weights comes from here. */
  source: LayerSource;
  /** To be called before every block, with its number from 0. */
  prompt: PromptHook;
  /** Whether to leave out what changes no result. */
  pruned: boolean;
  /** What blocks may keep for a backward pass. */
  memory: BlockMemory;
}

/** Two towers as functions that add them to a graph. */
export interface Towers {
  /** Whether `text` takes packed texts, which needs a causal tower that is read at the `end`. Default: false. */
  readonly packs?: boolean;
  /** Images [B, imageSize, imageSize, 3], normalised, to features [B, embedDim], of any length. */
  image(images: SymbolicTensor, context: TowerContext): SymbolicTensor;
  /** Texts to features [N, embedDim], of any length. */
  text(stream: TextStream, context: TowerContext): SymbolicTensor;
}

/** The first position a learned token may take in a text. */
export function promptStart({ startToken = true }: TextTowerFacts): number {
  return startToken ? 1 : 0;
}

/** Whether what stands behind a text's end token changes its feature: then a text is as long as the context. */
export function countsPadding({ causal = true, pooling = 'end' }: Pick<TextTowerFacts, 'causal' | 'pooling'>): boolean {
  return !causal || pooling === 'last';
}
