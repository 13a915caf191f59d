import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import type { Backbone } from '../backbone/backbone.js';
import { buildClip } from '../clip/build_clip.js';
import { learnedTowerLayers } from '../backbone/learned_layers.js';
import { modelMetadata } from '../backbone/model_metadata.js';
import { validateDesign } from '../prompting/design.js';
import type { Descriptions } from '../sentences/class_sentences.js';
import { VERSION } from '../version.js';
import { joinedBytes, memorySource, type ByteSource } from './byte_source.js';
import { encodePromptConfig, parsePromptConfig, type PromptConfig } from './prompt_config.js';
import { readPrompts, writePrompts } from './prompt_tensors.js';
import { checkSameBackbone } from './same_backbone.js';
import { openSafetensors } from './safetensors.js';
import { encodeSafetensors } from './safetensors_writer.js';
import { sha256 } from './sha256.js';

/** Names of the two files, PEFT's. */
export const PROMPT_CONFIG_FILE = 'adapter_config.json';
export const PROMPT_WEIGHTS_FILE = 'adapter_model.safetensors';

/** Prompts and couplers as two files. */
export interface PromptFiles {
  /** Text of adapter_config.json. */
  config: string;
  /** Content of adapter_model.safetensors. */
  weights: Uint8Array;
}

/** The two files wherever they are. */
export interface PromptFilesSource {
  /** Text of adapter_config.json. */
  config: string;
  /** Content of adapter_model.safetensors, or where to read it. */
  weights: Uint8Array | ByteSource;
  /** Name of the config file, for messages. Default: `adapter_config.json`. */
  name?: string;
}

/** Options of {@link loadPromptFiles}. */
export interface LoadPromptsOptions {
  /** Other classes than those the prompts were tuned on, without training again. */
  classNames?: readonly string[];
  /** As in `buildClip`, for a backbone with a sentence encoder. Default: what the prompts were saved with. */
  descriptions?: Descriptions;
  /** As in `buildClip`. Default: true. */
  pruned?: boolean;
  /** As in `buildClip`. Default: as there. */
  textRows?: number;
  /** As in `buildClip`. Default: false. */
  recompute?: boolean;
  /** Takes the warning of a file that a newer version wrote. Default: `console.warn`. */
  warn?: (message: string) => void;
}

/** The names of {@link LoadPromptsOptions}. */
export const LOAD_PROMPTS_OPTIONS: SettingNames<LoadPromptsOptions> = {
  classNames: true,
  descriptions: true,
  pruned: true,
  textRows: true,
  recompute: true,
  warn: true,
};

/**
 * What a model has learned, as two files: prompts, couplers and layers of the towers that were trained too, with all that is needed to build the model again on the
 * same backbone. For a page that keeps or uploads them; in Node `savePrompts` writes a folder.
 * @param model - a model of {@link buildClip}, fresh or loaded; not a folded one
 * @throws MapleError when the model is none of this library's, folded, or has values that are no numbers
 */
export async function promptFiles(model: LayersModel): Promise<PromptFiles> {
  const metadata = unfoldedMetadata(model);
  const tensors = await readPrompts(model);
  const weights = joinedBytes(encodeSafetensors(tensors, { format: 'tfjs', tfjs_maple_version: VERSION }));
  const trainedParameters = tensors.reduce((sum, { values }) => sum + values.length, 0);
  const names = learnedTowerLayers(model);
  const learned = names.length > 0 ? names : undefined;
  const told = { trainedParameters, weightsSha256: await sha256(weights), learned };
  return { config: encodePromptConfig(metadata, told), weights };
}

/**
 * Builds the tuned model from its two files and the backbone they were learned on.
 *
 * ```js
 * const model = await loadPromptFiles({config, weights}, backbone, {classNames: ['tench', 'goldfish']});
 * ```
 *
 * @throws MapleError naming the file and field that is wrong, every tensor that does not fit, or both backbones
 */
export async function loadPromptFiles(
  files: PromptFilesSource,
  backbone: Backbone,
  options: LoadPromptsOptions = {},
): Promise<LayersModel> {
  checkKnown('loadPrompts', options, LOAD_PROMPTS_OPTIONS);
  const { config, weights } = await openPrompts(files, options.warn);
  const { name, identity } = backbone;
  checkSameBackbone(config, { ...backbone, backbone: { name, identity } });
  const { design, templates, learned: learn } = config;
  const { pruned, textRows, recompute } = options;
  checkDesign(config, backbone);
  const classNames = options.classNames ?? config.classNames;
  checkOwnContexts(config, classNames, 'Leave `classNames` out.');
  const descriptions = options.descriptions ?? config.descriptions;
  const told = { classNames, descriptions, design, templates, learn };
  const model = await buildClip(backbone, { ...told, pruned, textRows, recompute }).catch((error: Error) => {
    throw learn === undefined
      ? error
      : new MapleError(
          `The model of ${config.file}, which learned ${learn.join(', ')} too (\`learned_layers\`), cannot be built. ` +
            `${error.message} Give the backbone with the towers it was tuned with.`,
          { cause: error },
        );
  });
  try {
    await writePrompts(model, config, weights);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

/**
 * Sets the values of prompt files in a model that was built with the same design on the same backbone; its class names
 * may be others, unless each has learned a context of its own. When anything does not fit, nothing is set.
 * @throws MapleError naming the file and field that is wrong, every tensor that does not fit, or both backbones
 */
export async function applyPromptFiles(
  model: LayersModel,
  files: PromptFilesSource,
  options: Pick<LoadPromptsOptions, 'warn'> = {},
): Promise<void> {
  checkKnown('applyPrompts', options, { warn: true });
  const { config, weights } = await openPrompts(files, options.warn);
  const metadata = unfoldedMetadata(model);
  checkSameBackbone(config, metadata);
  checkSameTexts(config, metadata);
  checkSameLayers(config, learnedTowerLayers(model));
  checkOwnContexts(config, metadata.classNames, 'Give a model of the same class names, in the same order.');
  await writePrompts(model, config, weights);
}

function unfoldedMetadata(model: LayersModel): ReturnType<typeof modelMetadata> {
  const metadata = modelMetadata(model);
  if (metadata.head !== undefined) {
    throw new MapleError(
      `A model with a head (${metadata.head.kind}) has no text prompts and couplers any more. Give the model that the head ` +
        'was put on, or save this one whole with model.save.',
    );
  }
  if (metadata.folded) {
    throw new MapleError(
      'A folded model has no text prompts and couplers any more. Give the model that it was folded from.',
    );
  }
  return metadata;
}

interface OpenPrompts {
  config: PromptConfig;
  weights: ByteSource;
}

async function openPrompts(files: PromptFilesSource, warn = console.warn): Promise<OpenPrompts> {
  const config = parsePromptConfig(files.name ?? PROMPT_CONFIG_FILE, files.config, warn);
  const { weights } = files;
  const source = weights instanceof Uint8Array ? memorySource(PROMPT_WEIGHTS_FILE, weights) : weights;
  // Here already, so that a damaged file costs no building.
  await openSafetensors(source);
  return { config, weights: source };
}

function checkDesign({ file, design }: PromptConfig, backbone: Backbone): void {
  try {
    validateDesign(design, backbone.config);
  } catch (error) {
    throw new MapleError(`\`prompt_design\` of ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function checkSameTexts(config: PromptConfig, model: Pick<PromptConfig, 'design' | 'templates'>): void {
  const fieldsOf = ({ design, templates }: typeof model): Record<string, unknown> => ({
    ...design,
    templates: templates?.join(' | '),
  });
  const [own, found] = [fieldsOf(model), fieldsOf(config)];
  const differing = Object.keys(own).filter((field) => own[field] !== found[field]);
  if (differing.length > 0) {
    const list = differing.map((field) => `${field} ${String(found[field])}, the model's is ${String(own[field])}`);
    throw new MapleError(
      `The prompts of ${config.file} are of another design: ${list.join('; ')}. Load them into a model of their own ` +
        '(loadPromptFiles, loadPrompts).',
    );
  }
}

function checkSameLayers({ file, learned: found = [] }: PromptConfig, own: readonly string[]): void {
  const [told, here] = [found, own].map((names) => [...names].sort().join(', ') || 'none');
  if (told !== here) {
    throw new MapleError(
      `The prompts of ${file} were learned with these layers of the towers: ${told}. The model's: ${here}. Build it with ` +
        '`learn` as these, or load the prompts into a model of their own (loadPromptFiles, loadPrompts).',
    );
  }
}

/** Contexts that were learned one a class are those classes' alone. */
function checkOwnContexts({ file, design, classNames }: PromptConfig, asked: readonly string[], remedy: string): void {
  const same = asked.length === classNames.length && asked.every((name, index) => name === classNames[index]);
  if (design.contexts === 'perClass' && !same) {
    throw new MapleError(`Every class of ${file} learned a context of its own, and other classes have none. ${remedy}`);
  }
}
