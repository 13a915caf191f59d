import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import type { TransformerBackbone } from '../clip/transformer_backbone.js';
import type { TextTokenizer } from '../backbone/backbone.js';
import type { TowerConfig } from '../clip/config.js';
import { validateDesign, type PromptDesign } from '../prompting/design.js';
import { VERSION } from '../version.js';
import { joinedBytes } from './byte_source.js';
import { fromForeign } from './layouts.js';
import { checkSameClip, officialBackbone } from './official_backbone.js';
import { checkOfficialPrompts, officialDesign, officialWidths, type OfficialTexts } from './official_design.js';
import { isOfficialCheckpoint, officialParts, type OfficialParts } from './official_parts.js';
import { officialRows } from './official_prompts.js';
import { sharedTokens } from './official_texts.js';
import { encodePromptConfig } from './prompt_config.js';
import type { PromptFiles } from './prompt_files.js';
import { sha256 } from './sha256.js';
import { encodeSafetensors, type TensorToWrite } from './safetensors_writer.js';
import type { TensorFile } from './tensor_file.js';

/** What {@link readOfficialCheckpoint} needs. */
export interface OfficialCheckpointArgs extends OfficialTexts {
  /**
   * Names of the classes, in the order of the logits: those it was tuned on, which the checkpoint does not tell, or,
   * with a `backbone`, any others.
   */
  classNames: readonly string[];
  /** What it was tuned on. Default: the CLIP in the checkpoint, where there is one; it knows no other classes. */
  backbone?: TransformerBackbone;
  /** SHA-256 of the file, hex: the identity of the CLIP in it. Not needed with a `backbone`. */
  identity?: string;
  /** Tokeniser of the CLIP in the checkpoint. Not needed with a `backbone`. */
  tokenizer?: TextTokenizer & { readonly vocabularySize: number };
  /** Activation of the CLIP in the checkpoint. Default: quickGelu, OpenAI's. */
  activation?: TowerConfig['activation'];
}

const ARGS: SettingNames<OfficialCheckpointArgs> = {
  prefix: true,
  classPosition: true,
  coupling: true,
  classNames: true,
  backbone: true,
  identity: true,
  tokenizer: true,
  activation: true,
};

/** A checkpoint of the official code in this library's terms. */
export interface OfficialCheckpoint {
  /** Its prompts as {@link promptFiles} makes them of a model: for {@link loadPromptFiles}. */
  prompts: PromptFiles;
  /** The one that was given, or the one in the checkpoint. */
  backbone: TransformerBackbone;
}

/**
 * Reads the prompts of a checkpoint of the official MaPLe code (MaPLe, IVLP, language-only, VPT, CoOp, CoCoOp). Strict,
 * where the official code is not: every tensor must be known and of its shape.
 *
 * ```js
 * const {prompts, backbone} = await readOfficialCheckpoint(await openTensors(source), {classNames, backbone: clip});
 * const model = await loadPromptFiles(prompts, backbone);
 * ```
 *
 * @param file - the state dict, F16 or F32
 * @throws MapleError listing every tensor that is missing, unexpected or mis-shaped, or telling what must be given
 */
export async function readOfficialCheckpoint(
  file: TensorFile,
  args: OfficialCheckpointArgs,
): Promise<OfficialCheckpoint> {
  checkKnown('readOfficialCheckpoint', args, ARGS);
  const { parts, design } = await openOfficial(file, args);
  const backbone = args.backbone ?? (await ownBackbone(file, parts, design, args));
  const { config, imageStatistics, name, identity } = backbone;
  const widths = { text: config.text.width, vision: config.vision.width, embedDim: config.embedDim };
  checkOfficialPrompts(parts, design, widths);
  checkDesign(file, design, backbone);
  checkContexts(parts, design, args.classNames);
  if (args.backbone !== undefined && parts.clip !== undefined) {
    await checkSameClip(parts.clip, backbone);
  }
  const tensors = await ownTensors(parts.prompts, design);
  const weights = joinedBytes(encodeSafetensors(tensors, { format: 'tfjs', tfjs_maple_version: VERSION }));
  const text = encodePromptConfig(
    {
      format: 1,
      classNames: [...args.classNames],
      design,
      config,
      imageStatistics,
      backbone: { name, identity },
    },
    {
      trainedParameters: tensors.reduce((sum, { values }) => sum + values.length, 0),
      weightsSha256: await sha256(weights),
    },
  );
  return { prompts: { config: text, weights }, backbone };
}

/**
 * A checkpoint's tensors told apart, and the design that they are of.
 * @throws MapleError when it holds no prompts of the official code
 */
export async function openOfficial(
  file: TensorFile,
  texts: OfficialTexts,
): Promise<{ parts: OfficialParts; design: Required<PromptDesign> }> {
  if (!isOfficialCheckpoint(file)) {
    throw new MapleError(
      `${file.name} must hold prompts of the official code (prompt_learner.ctx, image_encoder.VPT, ...). ` +
        `Received: ${file.names.slice(0, 5).join(', ') || 'no tensor'}.`,
    );
  }
  const parts = officialParts(file);
  // Only a prefix of more words than vectors leaves words behind them.
  const known = texts.prefix !== undefined ? Infinity : await sharedTokens(file, parts.texts);
  return { parts, design: officialDesign(parts, texts, known) };
}

async function ownBackbone(
  file: TensorFile,
  parts: OfficialParts,
  design: PromptDesign,
  { identity, tokenizer, classNames, activation }: OfficialCheckpointArgs,
): Promise<TransformerBackbone> {
  checkOfficialPrompts(parts, design as Required<PromptDesign>, officialWidths(parts));
  if (parts.clip !== undefined && (identity === undefined || tokenizer === undefined)) {
    throw new MapleError('Give a `backbone`, or `identity` and `tokenizer` for the CLIP in the checkpoint.');
  }
  const [own, words] = [identity as string, tokenizer as NonNullable<typeof tokenizer>];
  return officialBackbone({ file, parts, design, identity: own, tokenizer: words, classNames, activation });
}

function checkDesign(file: TensorFile, design: PromptDesign, backbone: TransformerBackbone): void {
  try {
    validateDesign(design, backbone.config);
  } catch (error) {
    throw new MapleError(`${file.name} does not fit "${backbone.name}": ${(error as Error).message}`, { cause: error });
  }
}

function checkContexts({ prompts }: OfficialParts, design: PromptDesign, classNames: readonly string[]): void {
  const [classes] = design.contexts === 'perClass' ? prompts.shape('prompt_learner.ctx') : [classNames.length];
  if (classes !== classNames.length) {
    throw new MapleError(
      `${prompts.name} holds a context of its own for each of ${classes} classes: \`classNames\` must be those it was ` +
        `tuned on, in their order. Received: ${classNames.length}.`,
    );
  }
}

/** The trained tensors under our names and in our layout. */
async function ownTensors(prompts: TensorFile, design: PromptDesign): Promise<TensorToWrite[]> {
  const tensors: TensorToWrite[] = [];
  for (const { official, name, transposed } of officialRows(design)) {
    if (!tensors.some((tensor) => tensor.name === name)) {
      const { shape, values } = await prompts.read(official);
      const own = transposed ? [shape[1], shape[0]] : shape;
      tensors.push({
        name,
        dtype: 'F32',
        shape: own,
        values: fromForeign(transposed ? 'linear' : 'same', own, values),
      });
    }
  }
  return tensors;
}
