import { MapleError } from '../../layers/errors.js';
import type { TransformerBackbone } from '../clip/transformer_backbone.js';
import type { TextTokenizer, WeightSource } from '../backbone/backbone.js';
import { CLIP_IMAGE_STATISTICS, type ClipConfig, type TowerConfig } from '../clip/config.js';
import type { PromptDesign } from '../prompting/design.js';
import { configFromOpenAi } from './clip_config_openai.js';
import { mapWeights, type KeyScheme } from './key_map.js';
import type { OfficialParts } from './official_parts.js';
import { renamed } from './official_parts.js';
import { tokenTable, type TokenTable } from './official_texts.js';
import { OPENAI_NAMES } from './openai.js';
import type { TensorFile } from './tensor_file.js';

/** What {@link officialBackbone} needs. */
export interface OfficialBackboneArgs {
  file: TensorFile;
  parts: OfficialParts;
  design: PromptDesign;
  /** SHA-256 of the checkpoint, hex. */
  identity: string;
  /** The classes it was tuned on, in their order. */
  classNames: readonly string[];
  tokenizer: TextTokenizer & { readonly vocabularySize: number };
  activation?: TowerConfig['activation'];
}

const TOKENS = 'token_embedding.weight';

/**
 * The frozen CLIP within a checkpoint as a backbone: both towers, and the embeddings of those tokens that its classes'
 * texts are made of. Its tokeniser refuses all other texts.
 * @throws MapleError when the checkpoint holds no CLIP or no texts, or `classNames` are not those it was tuned on
 */
export async function officialBackbone(args: OfficialBackboneArgs): Promise<TransformerBackbone> {
  const { file, parts, design, tokenizer, identity } = args;
  const clip = parts.clip;
  const why =
    clip === undefined
      ? 'holds no CLIP, as CoOp and CoCoOp save their prompts alone'
      : parts.texts === undefined
        ? 'holds no token embeddings, as VPT saves none'
        : undefined;
  if (clip === undefined || parts.texts === undefined) {
    throw new MapleError(`${file.name} ${why}. Give the \`backbone\` it was tuned on.`);
  }
  const tokens = await tokenTable({ ...args, texts: parts.texts, vocabularySize: tokenizer.vocabularySize });
  const whole = withTokens(clip, tokens);
  const config = configFromOpenAi(underOpenAiNames(whole), args.activation ?? 'quickGelu');
  return {
    name: file.name,
    identity,
    config,
    weights: mapWeights(whole, config, OFFICIAL_NAMES),
    tokenizer: knownTextsOnly(file.name, tokenizer, tokens.known, design.textLength),
    imageStatistics: CLIP_IMAGE_STATISTICS,
  };
}

/** The architecture of the CLIP in a checkpoint; the vocabulary is not in it. */
export function officialClipConfig(clip: TensorFile, vocabularySize: number): ClipConfig {
  const [, width] = clip.names.includes('text_encoder.positional_embedding')
    ? clip.shape('text_encoder.positional_embedding')
    : [0, 1];
  const table = { shape: [vocabularySize, width], values: new Float32Array(0) };
  return configFromOpenAi(underOpenAiNames(withTokens(clip, { table })), 'quickGelu');
}

/**
 * Checks that the CLIP in a checkpoint is the backbone that was given, as far as rounding to 16 bits lets them be told.
 * @throws MapleError naming the weights that differ
 */
export async function checkSameClip(clip: TensorFile, { name, config, weights }: TransformerBackbone): Promise<void> {
  const table = { shape: [config.text.vocabularySize, config.text.width], values: new Float32Array(0) };
  const own = mapWeights(withTokens(clip, { table }), config, OFFICIAL_NAMES);
  const differing: string[] = [];
  // The blocks' kernels are by far the most of it, and another model differs everywhere.
  for (const weight of own.names.filter((candidate) => !/embeddings$|\/block_.*kernel$/.test(candidate))) {
    if (!(await sameValues(own, weights, weight))) {
      differing.push(weight);
    }
  }
  if (differing.length > 0) {
    throw new MapleError(
      `${clip.name} was tuned on another CLIP than "${name}": ${differing.slice(0, 3).join(', ')} and ` +
        `${Math.max(0, differing.length - 3)} more differ. Give the backbone it was tuned on, or none.`,
    );
  }
}

async function sameValues(one: WeightSource, other: WeightSource, name: string): Promise<boolean> {
  const [found, expected] = [(await one.read(name)).values, (await other.read(name)).values];
  // Half precision: 11 significant bits, and nothing below 2 ** -25.
  return found.every((value, index) => Math.abs(value - expected[index]) <= Math.abs(value) * 2 ** -10 + 2 ** -24);
}

const OFFICIAL_NAMES: KeyScheme = {
  name: "the official MaPLe code's",
  ignored: new Set(),
  rows: (config) => OPENAI_NAMES.rows(config).map((row) => ({ ...row, sources: row.sources.map(officialName) })),
};

/** OpenAI's name of a weight as the official code has it, which keeps the towers as modules of their own. */
function officialName(openai: string): string {
  if (openai.startsWith('visual.')) {
    return openai.replace('visual.', 'image_encoder.');
  }
  return openai === 'logit_scale' || openai === TOKENS ? openai : `text_encoder.${openai}`;
}

function underOpenAiNames(clip: TensorFile): TensorFile {
  const openai = (name: string): string =>
    name.startsWith('image_encoder.') ? name.replace('image_encoder', 'visual') : name.replace(/^text_encoder\./, '');
  return renamed(clip, new Map(clip.names.map((name) => [openai(name), name])));
}

function withTokens(clip: TensorFile, { table }: Pick<TokenTable, 'table'>): TensorFile {
  return {
    name: clip.name,
    names: [...clip.names, TOKENS],
    dtype: (name) => (name === TOKENS ? 'F32' : clip.dtype(name)),
    shape: (name) => (name === TOKENS ? table.shape : clip.shape(name)),
    read: async (name) => (name === TOKENS ? table : clip.read(name)),
  };
}

/** The places of the prompt vectors may hold any token, since they are written over. */
function knownTextsOnly(
  file: string,
  tokenizer: TextTokenizer,
  known: ReadonlySet<number>,
  textLength: number,
): TextTokenizer {
  return {
    encode: (text) => {
      const ids = tokenizer.encode(text);
      if (ids.some((id, position) => (position === 0 || position > textLength) && !known.has(id))) {
        throw new MapleError(
          `${file} holds the token embeddings of the classes it was tuned on alone, not those of "${text}". ` +
            'Give the `backbone` for other classes.',
        );
      }
      return ids;
    },
  };
}
