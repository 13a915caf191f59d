import type { ImageStatistics } from '../clip/config.js';
import { briefResizing, FILTERS, FITS } from '../clip/image_statistics.js';
import type { ModelMetadata } from '../backbone/model_metadata.js';
import type { PromptDesign } from '../prompting/design.js';
import type { Descriptions } from '../sentences/class_sentences.js';
import { VERSION } from '../version.js';
import { JsonFields } from './json_fields.js';

/** What adapter_config.json says, its types checked. */
export interface PromptConfig {
  /** The file, for messages. */
  file: string;
  /** Names of the classes the prompts were tuned on, in the order of the logits. */
  classNames: string[];
  design: Required<PromptDesign>;
  /** Fixed texts of a method without text prompts. */
  templates?: string[];
  /** What a sentence encoder was told of classes beside their names. */
  descriptions?: Descriptions;
  /** Layers of the towers that were learned with the prompts. */
  learned?: string[];
  imageStatistics: ImageStatistics;
  /** What the prompts were learned on. */
  backbone: { name: string; identity: string };
  /** The backbone's configuration, unchecked: to be compared, not to be built from. */
  architecture: unknown;
  /** Numbers in all tensors. */
  trainedParameters: number;
  /** SHA-256 of adapter_model.safetensors, hex; a folder written by other hands may be without. */
  weightsSha256?: string;
}

const FORMAT = 1;

/** The text of adapter_config.json: sorted keys, indented, as PEFT writes it. */
export function encodePromptConfig(
  metadata: ModelMetadata,
  { trainedParameters, weightsSha256, learned }: Pick<PromptConfig, 'trainedParameters' | 'weightsSha256' | 'learned'>,
): string {
  const json = {
    peft_type: 'MAPLE',
    task_type: 'IMAGE_CLASSIFICATION',
    format_version: FORMAT,
    tfjs_maple_version: VERSION,
    base_model_name_or_path: metadata.backbone.name,
    base_model_sha256: metadata.backbone.identity,
    base_model_config: metadata.config,
    image_statistics: briefResizing(metadata.imageStatistics),
    prompt_design: metadata.design,
    class_names: metadata.classNames,
    templates: metadata.templates ?? null,
    ...(metadata.descriptions === undefined ? {} : { descriptions: metadata.descriptions }),
    ...(learned === undefined ? {} : { learned_layers: learned }),
    trained_parameters: trainedParameters,
    weights_sha256: weightsSha256 ?? null,
  };
  return `${JSON.stringify(sorted(json), undefined, 2)}\n`;
}

/**
 * Reads adapter_config.json, which may come from a stranger: every field is checked for its type. Whether the design
 * fits the towers is the builder's to check.
 * @param warn - told of fields that this version does not know, which are left out
 * @throws MapleError naming the file, the field, what it must be and what it is
 */
export function parsePromptConfig(file: string, text: string, warn: (message: string) => void): PromptConfig {
  const fields = JsonFields.parse(file, text);
  fields.choice('peft_type', ['MAPLE']);
  const writer = fields.ofFormat(FORMAT);
  fields.anyText('task_type');
  const config: PromptConfig = {
    file,
    classNames: fields.texts('class_names'),
    design: readDesign(fields.object('prompt_design'), writer),
    templates: fields.optionalTexts('templates'),
    descriptions: fields.optionalTextsByName('descriptions'),
    learned: fields.optionalTexts('learned_layers'),
    imageStatistics: readStatistics(fields.object('image_statistics')),
    backbone: { name: fields.text('base_model_name_or_path'), identity: fields.text('base_model_sha256') },
    architecture: readArchitecture(fields, text),
    trainedParameters: fields.count('trained_parameters'),
    weightsSha256: fields.optionalText('weights_sha256'),
  };
  const unknown = fields.unread();
  if (unknown.length > 0) {
    warn(
      `${file} was written by tfjs-maple ${writer} and has fields that tfjs-maple ${VERSION} does not know, which are ` +
        `left out: ${unknown.join(', ')}. Upgrade tfjs-maple if you need them.`,
    );
  }
  return config;
}

/** A field that is not known would change what the prompts mean, so here it is an error. */
function readDesign(fields: JsonFields, writer: string): Required<PromptDesign> {
  // Required: a field that the design gains must be read here too.
  const design: Required<PromptDesign> = {
    textDepth: fields.count('textDepth'),
    textLength: fields.count('textLength'),
    visionDepth: fields.count('visionDepth'),
    visionLength: fields.count('visionLength'),
    coupling: fields.choice('coupling', ['none', 'perLayer', 'unified']),
    initialization: fields.choice('initialization', ['words', 'random']),
    prefix: fields.anyText('prefix'),
    classPosition: fields.choice('classPosition', ['end', 'middle', 'front']),
    contexts: fields.choice('contexts', ['shared', 'perClass']),
    conditioning: fields.choice('conditioning', ['none', 'metaNet']),
  };
  const [unknown] = fields.unread();
  if (unknown !== undefined) {
    const key = unknown.slice(unknown.lastIndexOf('.') + 1);
    fields.fail(key, `absent for tfjs-maple ${VERSION} (written by ${writer}; upgrade)`);
  }
  return design;
}

function readArchitecture(fields: JsonFields, text: string): unknown {
  fields.object('base_model_config');
  return (JSON.parse(text) as Record<string, unknown>).base_model_config;
}

function readStatistics(fields: JsonFields): ImageStatistics {
  return briefResizing({
    mean: fields.triple('mean'),
    deviation: fields.triple('deviation'),
    fit: fields.optionalChoice('fit', FITS),
    filter: fields.optionalChoice('filter', FILTERS),
  });
}

/** The same value with the keys of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
