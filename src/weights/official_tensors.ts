import { MapleError } from '../../layers/errors.js';
import type { TowersConfig } from '../backbone/contract.js';
import { completeDesign, startsFromWords, type PromptDesign } from '../prompting/design.js';
import { memorySource } from './byte_source.js';
import { toForeign } from './layouts.js';
import { officialMethod } from './official_design.js';
import { officialRows } from './official_prompts.js';
import { parsePromptConfig } from './prompt_config.js';
import { PROMPT_CONFIG_FILE, PROMPT_WEIGHTS_FILE, type PromptFilesSource } from './prompt_files.js';
import { openSafetensors } from './safetensors.js';
import type { TensorToWrite } from './safetensors_writer.js';

/** Prompts as the official code loads them. */
export interface OfficialTensors {
  /** F32, under the names that the official trainer's `load_model` expects. */
  tensors: TensorToWrite[];
  design: PromptDesign;
  /** The folder that the official trainer looks in, below its `--model-dir`. */
  folder: 'MultiModalPromptLearner' | 'VLPromptLearner' | 'prompt_learner';
  /**
   * What the official settings must say, by their yaml keys. The official code loads prompts of another depth or length
   * without a word, and leaves out what does not fit. None where the prompts are of other towers than CLIP's: the
   * official code has no others, and such tensors are for this library alone, with their backbone.
   */
  settings?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Prompts under the official code's names. The frozen CLIP is not among them: the official code loads its own. A unified
 * coupler, which it does not have, becomes a copy at each depth, which computes the same.
 * @param files - as {@link promptFiles} makes them
 * @throws MapleError when the files are damaged, or nothing was learned
 */
export async function officialTensors(files: PromptFilesSource): Promise<OfficialTensors> {
  const config = parsePromptConfig(files.name ?? PROMPT_CONFIG_FILE, files.config, () => undefined);
  const design = completeDesign(config.design);
  const source = files.weights instanceof Uint8Array ? memorySource(PROMPT_WEIGHTS_FILE, files.weights) : files.weights;
  const file = await openSafetensors(source);
  const rows = officialRows(design);
  const missing = rows.filter(({ name }) => !file.names.includes(name));
  const unexpected = file.names.filter((name) => !rows.some((row) => row.name === name));
  if (missing.length + unexpected.length > 0) {
    throw new MapleError(
      `${file.name} does not hold the prompts that ${config.file} tells of. ` +
        `Missing: ${missing.map(({ name }) => name).join(', ') || 'none'}. ` +
        `Unexpected: ${unexpected.join(', ') || 'none'}. Do the two files belong together?`,
    );
  }
  if (rows.length === 0) {
    throw new MapleError(`${config.file} is of a method without learned prompts, so there is nothing to save.`);
  }
  const folder = folderOf(design);
  // CoOp and CoCoOp load into the prompt learner, the others into the whole model.
  const alone = folder === 'prompt_learner' && design.textDepth > 0;
  const tensors: TensorToWrite[] = [];
  for (const { official, name, transposed } of rows) {
    const { shape, values } = await file.read(name);
    tensors.push({
      name: alone ? official.replace('prompt_learner.', '') : official,
      dtype: 'F32',
      shape: transposed ? [shape[1], shape[0]] : shape,
      values: toForeign(transposed ? 'linear' : 'same', shape, values),
    });
  }
  const settings = isOfClip(config.architecture) ? { settings: officialSettings(design) } : {};
  return { tensors, design, folder, ...settings };
}

/** Whether prompts stand in their towers as in CLIP's: behind a start token, in a causal text, without a bias of logits. */
function isOfClip(architecture: unknown): boolean {
  const { text, logitBias = false } = architecture as Partial<TowersConfig>;
  const { causal = true, startToken = true, pooling = 'end', prompts = 'tokens' } = text ?? {};
  return causal && startToken && pooling === 'end' && prompts === 'tokens' && !logitBias;
}

function folderOf(design: PromptDesign): OfficialTensors['folder'] {
  const method = officialMethod(design);
  if (design.coupling !== 'none') {
    return 'MultiModalPromptLearner';
  }
  return method === 'ivlp' || method === 'deepLanguage' ? 'VLPromptLearner' : 'prompt_learner';
}

/** The official settings that make the same design. */
export function officialSettings(design: PromptDesign): NonNullable<OfficialTensors['settings']> {
  const { textDepth, textLength, visionDepth, visionLength } = design;
  const init = startsFromWords(design) ? design.prefix : '';
  if (design.coupling !== 'none') {
    const key = 'TRAINER.MAPLE';
    return { [`${key}.N_CTX`]: textLength, [`${key}.PROMPT_DEPTH`]: textDepth, [`${key}.CTX_INIT`]: init };
  }
  switch (officialMethod(design)) {
    case 'vpt':
      return { 'TRAINER.VPT.N_CTX_VISION': visionLength, 'TRAINER.VPT.PROMPT_DEPTH_VISION': visionDepth };
    case 'cocoop':
      return { 'TRAINER.COCOOP.N_CTX': textLength, 'TRAINER.COCOOP.CTX_INIT': init };
    case 'coop':
      return {
        'TRAINER.COOP.N_CTX': textLength,
        'TRAINER.COOP.CTX_INIT': init,
        'TRAINER.COOP.CSC': design.contexts === 'perClass',
        'TRAINER.COOP.CLASS_TOKEN_POSITION': design.classPosition ?? 'end',
      };
    default:
      return {
        'TRAINER.IVLP.N_CTX_TEXT': textLength,
        'TRAINER.IVLP.PROMPT_DEPTH_TEXT': textDepth,
        'TRAINER.IVLP.N_CTX_VISION': visionLength,
        'TRAINER.IVLP.PROMPT_DEPTH_VISION': visionDepth,
        'TRAINER.IVLP.CTX_INIT': init,
      };
  }
}
