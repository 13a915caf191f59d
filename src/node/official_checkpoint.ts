import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { basename, dirname, join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TextTokenizer } from '../backbone/backbone.js';
import {
  readOfficialCheckpoint,
  type OfficialCheckpoint,
  type OfficialCheckpointArgs,
} from '../weights/official_checkpoint.js';
import { officialTensors, type OfficialTensors } from '../weights/official_tensors.js';
import { openTensors } from '../weights/open_tensors.js';
import {
  LOAD_PROMPTS_OPTIONS,
  loadPromptFiles,
  promptFiles,
  type LoadPromptsOptions,
  type PromptFilesSource,
} from '../weights/prompt_files.js';
import { encodeSafetensors } from '../weights/safetensors_writer.js';
import { writeTorch } from '../weights/torch/write_torch.js';
import { VERSION } from '../version.js';
import { writeFilesTogether } from './atomic_files.js';
import { loadClipTokenizer } from './clip_tokenizer.js';
import { sha256File } from './file_digest.js';
import { fileSource } from './file_source.js';

/** Options of {@link loadOfficialPrompts}. */
export interface LoadOfficialPromptsArgs
  extends Omit<OfficialCheckpointArgs, 'identity' | 'tokenizer'>, Omit<LoadPromptsOptions, 'classNames'> {
  /** Of the CLIP in the checkpoint. Default: CLIP's own. */
  tokenizer?: TextTokenizer & { readonly vocabularySize: number };
}

const ARGS: SettingNames<LoadOfficialPromptsArgs> = {
  ...LOAD_PROMPTS_OPTIONS,
  tokenizer: true,
  prefix: true,
  classPosition: true,
  coupling: true,
  backbone: true,
  activation: true,
};

/**
 * The tuned model in a checkpoint of the official PyTorch code (`model.pth.tar-5` of MaPLe, IVLP, VPT, CoOp or CoCoOp),
 * or in a safetensors file of the same names. Nothing in the file is run; every tensor must be known and of its shape.
 *
 * ```ts no-run
 * const backbone = await loadBackbone('ViT-B-16.pt');
 * const model = await loadOfficialPrompts('model.pth.tar-5', {backbone, classNames: ['cat', 'dog']});
 * ```
 *
 * @param args - the class names, which no checkpoint tells, and the backbone. A checkpoint of MaPLe or IVLP holds its
 * CLIP; without a `backbone` that is taken, and `classNames` must be those it was tuned on, in their order.
 * @throws MapleError listing every tensor that is missing, unexpected or mis-shaped, or telling what must be given
 */
export async function loadOfficialPrompts(path: string, args: LoadOfficialPromptsArgs): Promise<LayersModel> {
  checkKnown('loadOfficialPrompts', args, ARGS);
  const { prompts, backbone } = await openOfficialPrompts(path, args);
  const { descriptions, pruned, textRows, recompute, warn } = args;
  return loadPromptFiles(prompts, backbone, { descriptions, pruned, textRows, recompute, warn });
}

/**
 * The prompts in a checkpoint as the two files of `savePrompts`, and the backbone they belong to, without building a
 * model: `loadPrompts` of such a folder needs that backbone again.
 * @throws MapleError as {@link loadOfficialPrompts}
 */
export async function openOfficialPrompts(path: string, args: LoadOfficialPromptsArgs): Promise<OfficialCheckpoint> {
  checkKnown('openOfficialPrompts', args, ARGS);
  const { classNames, backbone, prefix, classPosition, coupling, activation } = args;
  const told = { classNames, backbone, prefix, classPosition, coupling, activation };
  const file = await openTensors(await fileSource(path));
  if (backbone !== undefined) {
    return readOfficialCheckpoint(file, told);
  }
  const tokenizer = args.tokenizer ?? (await loadClipTokenizer());
  return readOfficialCheckpoint(file, { ...told, tokenizer, identity: await sha256File(path) });
}

/** What {@link saveOfficialPrompts} wrote. */
export interface SavedOfficialPrompts {
  path: string;
  /** What the official settings must say, by their yaml keys, for these prompts to fit; none where no CLIP's are. */
  settings?: OfficialTensors['settings'];
}

/**
 * Writes a model's prompts under the official names, so that the official code loads them. CLIP itself is not written:
 * the official code has its own.
 * @param path - a file that ends in .safetensors, .pth, .pt or .pth.tar-N; or the folder for the official `--model-dir`,
 * in which the file is written where its trainer looks, e.g. `MultiModalPromptLearner/model.pth.tar-5`
 * @param options - `epoch` for `--load-epoch`. Default: the N of the file name, or 5.
 * @throws MapleError when the model is folded, has learned nothing, or the file cannot be written
 */
export async function saveOfficialPrompts(
  model: LayersModel,
  path: string,
  options: { epoch?: number } = {},
): Promise<SavedOfficialPrompts> {
  return writeOfficialPrompts(await promptFiles(model), path, options);
}

/**
 * {@link saveOfficialPrompts} for prompts that lie in files, which needs no backbone.
 * @throws MapleError when the files are damaged, hold nothing, or the file cannot be written
 */
export async function writeOfficialPrompts(
  files: PromptFilesSource,
  path: string,
  options: { epoch?: number } = {},
): Promise<SavedOfficialPrompts> {
  checkKnown('saveOfficialPrompts', options, { epoch: true });
  const { epoch } = options;
  const { tensors, folder, settings } = await officialTensors(files);
  const target = officialTarget(path, folder, epoch);
  const chunks = target.path.endsWith('.safetensors')
    ? encodeSafetensors(tensors, { format: 'pt', tfjs_maple_version: VERSION })
    : await writeTorch(tensors, { epoch: target.epoch });
  await writeFilesTogether(dirname(target.path), [{ name: basename(target.path), chunks }]);
  return { path: target.path, ...(settings && { settings }) };
}

/** Whether a path is of a file of tensors, by its ending. */
export function isTensorFileName(path: string): boolean {
  return /\.(safetensors|pt|pth|bin|pth\.tar(-\d+)?)$/i.test(path);
}

function officialTarget(path: string, folder: string, epoch: number | undefined): { path: string; epoch: number } {
  const named = /\.tar-(\d+)$/.exec(path)?.[1];
  const number = epoch ?? Number(named ?? 5);
  return isTensorFileName(path)
    ? { path, epoch: number }
    : { path: join(path, folder, `model.pth.tar-${number}`), epoch: number };
}
