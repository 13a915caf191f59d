import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import type { ClipConfig } from '../clip/config.js';
import type { ModelMetadata } from '../backbone/model_metadata.js';
import { officialMethod } from '../weights/official_design.js';
import { describeOfficialCheckpoint } from '../weights/official_summary.js';
import { openClipWeights } from '../weights/open_clip.js';
import { openTensors } from '../weights/open_tensors.js';
import { parsePromptConfig } from '../weights/prompt_config.js';
import { PROMPT_CONFIG_FILE, PROMPT_WEIGHTS_FILE } from '../weights/prompt_files.js';
import type { TensorFile } from '../weights/tensor_file.js';
import { sha256File } from './file_digest.js';
import { findModel } from './find_model.js';
import { fileSource } from './file_source.js';
import { loadBackbone } from './load_backbone.js';
import { loadModelFolder } from './model_folder_load.js';

/** A tensor of a file. */
export interface TensorEntry {
  name: string;
  dtype: string;
  shape: readonly number[];
}

/** What {@link inspect} says of a file or folder. */
export interface Inspection {
  path: string;
  /** `official`: prompts of the official PyTorch code; `record`: figures of a run; `tensors`: of something else. */
  kind: 'backbone' | 'official' | 'prompts' | 'model' | 'record' | 'tensors';
  /** In words: format and what is in it. */
  what: string;
  /** What was found out, by name: architecture, method, design, class names, identity, ... */
  facts: Readonly<Record<string, unknown>>;
  tensors: readonly TensorEntry[];
  /** Numbers in all tensors. */
  parameters: number;
  /** Size on disk of a file, or of the weight file of a folder. */
  bytes?: number;
}

/**
 * Says what a file or folder is: weights of a CLIP, a checkpoint of the official code, prompts, a saved model, a record.
 * Reads headers, not weights, and runs nothing.
 * @throws MapleError when it is none of these, or damaged
 */
export async function inspect(path: string): Promise<Inspection> {
  const found = await stat(path).catch((error: Error) => {
    throw new MapleError(`${path} cannot be read: ${error.message}.`, { cause: error });
  });
  if (!found.isDirectory()) {
    return path.endsWith('.json') ? inspectJson(path) : inspectFile(path, found.size);
  }
  if (existsSync(join(path, PROMPT_CONFIG_FILE))) {
    return inspectPrompts(path);
  }
  if (existsSync(join(path, 'config.json')) || existsSync(join(path, 'open_clip_config.json'))) {
    return inspectBackbone(path);
  }
  const { kind, folder } = await findModel(path, 'model', 'config.json (of a CLIP or SigLIP), ');
  return kind === 'model' ? inspectModel(folder) : inspectPrompts(folder);
}

async function inspectFile(path: string, bytes: number): Promise<Inspection> {
  const file = await openTensors(await fileSource(path));
  const tensors = entriesOf(file);
  const inert = 'inertClasses' in file ? { notRun: (file as { inertClasses: readonly string[] }).inertClasses } : {};
  const own = 'facts' in file ? Object.fromEntries((file as { facts: ReadonlyMap<string, unknown> }).facts) : {};
  const format = 'facts' in file ? 'PyTorch file' : 'safetensors file';
  const common = { path, tensors, parameters: parametersOf(tensors), bytes };
  const facts = { format, sha256: await sha256File(path), ...own, ...inert };
  const official = await describeOfficialCheckpoint(file);
  if (official !== undefined) {
    const what = `${format}: prompts of the official code (${official.method})${official.holdsClip ? ' with their CLIP' : ''}`;
    return { ...common, kind: 'official', what, facts: { ...official, ...facts } };
  }
  try {
    const { config } = await openClipWeights({ weights: file });
    return { ...common, kind: 'backbone', what: `${format}: a ${kindOf(config)}`, facts: { config, ...facts } };
  } catch (error) {
    const reason = (error as Error).message.split('\n').slice(0, 4).join(' ');
    return { ...common, kind: 'tensors', what: `${format}: tensors`, facts: { whyNoClip: reason, ...facts } };
  }
}

/** CLIP's form, SigLIP's, or what lies between. */
function kindOf({ vision, logitBias = false }: ClipConfig): string {
  return vision.pooling === 'attention' && logitBias ? 'SigLIP' : 'CLIP';
}

async function inspectBackbone(path: string): Promise<Inspection> {
  const { config, identity, weights, imageStatistics } = await loadBackbone(path);
  const tensors = weights.names.map((name) => ({ name, dtype: 'F32', shape: weights.shape(name) }));
  return {
    path,
    kind: 'backbone',
    what: `folder: a ${kindOf(config)}`,
    facts: { config, imageStatistics, identity },
    tensors,
    parameters: parametersOf(tensors),
  };
}

async function inspectPrompts(path: string): Promise<Inspection> {
  const configFile = join(path, PROMPT_CONFIG_FILE);
  const config = parsePromptConfig(configFile, await readFile(configFile, 'utf8'), () => undefined);
  const source = await fileSource(join(path, PROMPT_WEIGHTS_FILE));
  const tensors = entriesOf(await openTensors(source));
  const { design, classNames, backbone, weightsSha256, templates } = config;
  const method = officialMethod(design);
  return {
    path,
    kind: 'prompts',
    what: `folder: prompts of savePrompts (${method})`,
    facts: { method, design, classNames, ...(templates && { templates }), backbone, weightsSha256 },
    tensors,
    parameters: parametersOf(tensors),
    bytes: source.size,
  };
}

async function inspectModel(path: string): Promise<Inspection> {
  const { userDefinedMetadata, weightSpecs = [], weightData } = await loadModelFolder(join(path, 'model.json'));
  const metadata = (userDefinedMetadata as { tfjsMaple?: ModelMetadata } | undefined)?.tfjsMaple;
  const tensors = weightSpecs.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  const common = { path, kind: 'model', tensors, parameters: parametersOf(tensors) } as const;
  const bytes =
    weightData === undefined ? undefined : [weightData].flat().reduce((sum, part) => sum + part.byteLength, 0);
  if (metadata === undefined) {
    return { ...common, what: "folder: a tfjs model, none of tfjs-maple's", facts: {}, bytes };
  }
  const { design, classNames, config, backbone, folded = false, templates } = metadata;
  const method = officialMethod(design);
  const what = `folder: a ${folded ? 'folded ' : ''}tfjs model of tfjs-maple (${method})`;
  return {
    ...common,
    what,
    facts: { method, design, classNames, ...(templates && { templates }), folded, backbone, config },
    bytes,
  };
}

async function inspectJson(path: string): Promise<Inspection> {
  const { problemOf } = await import('../report/check_record.js');
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new MapleError(`${path} must be JSON: ${(error as Error).message}.`, { cause: error });
  }
  // `train` keeps those of zero-shot and of the method in one file.
  const records = (Array.isArray(value) && value.length > 0 ? value : [value]) as Record<string, unknown>[];
  const problem = records.map(problemOf).find((one) => one !== undefined);
  if (problem !== undefined) {
    throw new MapleError(`${path} is no record of tfjs-maple: ${problem} To inspect a model, name its folder.`);
  }
  const shown = [
    'protocol',
    'method',
    'dataset',
    'split',
    'seed',
    'setting',
    'trainedParameters',
    'finished',
    'backbone',
  ];
  const [facts, ...others] = records.map((record) =>
    Object.fromEntries(shown.filter((key) => key in record).map((key) => [key, record[key]])),
  );
  const protocols = [...new Set(records.map(({ protocol }) => String(protocol)))].join(', ');
  return {
    path,
    kind: 'record',
    what: others.length === 0 ? `record of ${protocols}` : `${records.length} records of ${protocols}`,
    facts: others.length === 0 ? facts : { records: [facts, ...others] },
    tensors: [],
    parameters: 0,
  };
}

function entriesOf(file: TensorFile): TensorEntry[] {
  return file.names.map((name) => ({ name, dtype: file.dtype(name), shape: file.shape(name) }));
}

function parametersOf(tensors: readonly TensorEntry[]): number {
  return tensors.reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
}
