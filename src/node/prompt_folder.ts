import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import type { Backbone } from '../backbone/backbone.js';
import {
  applyPromptFiles,
  loadPromptFiles,
  promptFiles,
  PROMPT_CONFIG_FILE,
  PROMPT_WEIGHTS_FILE,
  type LoadPromptsOptions,
  type PromptFilesSource,
} from '../weights/prompt_files.js';
import { writeFilesTogether } from './atomic_files.js';
import { fileSource } from './file_source.js';

/** Bytes of a larger adapter_config.json are not class names any more. */
const LARGEST_CONFIG = 2 ** 24;

/**
 * Saves what a model has learned, and nothing else: `adapter_config.json` and `adapter_model.safetensors`, the two files
 * that PEFT writes. A ViT-B/16's MaPLe takes 14 MB, where the whole model takes 600. On failure the folder stays as it
 * was.
 *
 * ```ts
 * await savePrompts(model, 'runs/animals');
 * const again = await loadPrompts('runs/animals', backbone);
 * ```
 *
 * @param model - a model of `buildClip`, fresh or loaded; not a folded one
 * @throws MapleError when the model cannot be saved so, or the folder cannot be written
 */
export async function savePrompts(model: LayersModel, folder: string): Promise<void> {
  const { config, weights } = await promptFiles(model);
  await writeFilesTogether(folder, [
    { name: PROMPT_WEIGHTS_FILE, chunks: [weights] },
    { name: PROMPT_CONFIG_FILE, chunks: [new TextEncoder().encode(config)] },
  ]);
}

/**
 * Builds a tuned model from the folder that {@link savePrompts} wrote, for the classes it was tuned on or others.
 * @param backbone - the one the prompts were learned on
 * @throws MapleError naming the file and field that is wrong, every tensor that does not fit, or both backbones
 */
export async function loadPrompts(
  folder: string,
  backbone: Backbone,
  options: LoadPromptsOptions = {},
): Promise<LayersModel> {
  return loadPromptFiles(await promptFolder(folder), backbone, options);
}

/**
 * Sets the prompts of a folder in a model that was built with the same design on the same backbone. When anything does
 * not fit, nothing is set.
 * @throws MapleError as {@link loadPrompts}
 */
export async function applyPrompts(
  model: LayersModel,
  folder: string,
  options: Pick<LoadPromptsOptions, 'warn'> = {},
): Promise<void> {
  await applyPromptFiles(model, await promptFolder(folder), options);
}

/** The two files of a folder. */
export async function promptFolder(folder: string): Promise<PromptFilesSource> {
  const name = join(folder, PROMPT_CONFIG_FILE);
  const source = await fileSource(name);
  if (source.size > LARGEST_CONFIG) {
    throw new MapleError(`${name} must have at most ${LARGEST_CONFIG} bytes. Received: ${source.size}.`);
  }
  const config = new TextDecoder('utf-8').decode(await source.read(0, source.size));
  return { name, config, weights: await fileSource(join(folder, PROMPT_WEIGHTS_FILE)) };
}
