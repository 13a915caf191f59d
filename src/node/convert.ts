import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { foldClassifier } from '../clip/fold_classifier.js';
import type { ClipBackbone } from '../weights/open_clip.js';
import { PROMPT_CONFIG_FILE, PROMPT_WEIGHTS_FILE } from '../weights/prompt_files.js';
import type { StoredDtype } from '../weights/safetensors_writer.js';
import { writeFilesTogether } from './atomic_files.js';
import { fileHandler } from './file_handler.js';
import { inspect, type Inspection } from './inspect.js';
import { loadBackbone } from './load_backbone.js';
import {
  isTensorFileName,
  loadOfficialPrompts,
  openOfficialPrompts,
  saveOfficialPrompts,
  writeOfficialPrompts,
  type LoadOfficialPromptsArgs,
} from './official_checkpoint.js';
import { loadPrompts, promptFolder, savePrompts } from './prompt_folder.js';
import { saveBackbone } from './save_backbone.js';
import { TRAIN_PARTS } from './train_folder.js';

/** What {@link convert} writes. */
export type Form = 'prompts' | 'official' | 'model' | 'folded' | 'backbone';

/** Options of {@link convert}. */
export interface ConvertArgs extends Partial<Pick<LoadOfficialPromptsArgs, 'classNames' | 'prefix' | 'classPosition'>> {
  /** What to write. Default: as the input and the target's ending tell. */
  to?: Form;
  /** What prompts were tuned on; opened when it is needed. */
  backbone?: () => Promise<ClipBackbone>;
  /** How a backbone's values are stored. Default: F32. */
  dtype?: StoredDtype;
  /** Replace what is at the target. Default: false. */
  force?: boolean;
}

const ARGS: SettingNames<ConvertArgs> = {
  classNames: true,
  prefix: true,
  classPosition: true,
  to: true,
  backbone: true,
  dtype: true,
  force: true,
};

/** What {@link convert} did. */
export interface Converted {
  from: Inspection['kind'];
  to: Form;
  /** The file or folder that was written. */
  path: string;
  /** For `official`: what the official settings must say; none where the prompts are of other towers than CLIP's. */
  settings?: Readonly<Record<string, unknown>>;
}

/** The forms that each kind of input can take, the usual one first. */
const FORMS: Readonly<Record<Inspection['kind'], readonly Form[]>> = {
  official: ['prompts', 'model', 'folded'],
  prompts: ['official', 'model', 'folded', 'prompts'],
  model: ['folded', 'prompts', 'official', 'model'],
  backbone: ['backbone'],
  record: [],
  tensors: [],
};

/**
 * Turns one form of weights into another: a checkpoint of the official code into prompts or a model, prompts or a model
 * into a checkpoint of the official code, a model into a folded one, any CLIP or SigLIP into a folder in Hugging Face's layout.
 * @throws MapleError when the input has no such form, something must be given, or the target exists; nothing is written
 */
export async function convert(path: string, target: string, args: ConvertArgs = {}): Promise<Converted> {
  checkKnown('convert', args, ARGS);
  const from = await trainedPart(path, target, args);
  const { kind, what, facts } = await inspect(from);
  const to = formOf(kind, what, target, args.to);
  await refuseExisting(target, args.force ?? false);
  const done = { from: kind, to, path: target };
  if (to === 'backbone') {
    await convertBackbone(from, target, args.dtype);
    return done;
  }
  if (kind === 'official' && to === 'prompts') {
    const { prompts } = await openOfficialPrompts(from, await officialArgs(from, facts, args));
    await writeFilesTogether(target, [
      { name: PROMPT_WEIGHTS_FILE, chunks: [prompts.weights] },
      { name: PROMPT_CONFIG_FILE, chunks: [new TextEncoder().encode(prompts.config)] },
    ]);
    return done;
  }
  if (kind === 'prompts' && to === 'official') {
    return { ...done, ...(await writeOfficialPrompts(await promptFolder(from), target)) };
  }
  const model = await modelOf(from, kind, facts, args);
  try {
    return { ...done, ...(await write(model, to, target)) };
  } finally {
    model.dispose();
  }
}

/**
 * Of the folder that `tfjs-maple train` writes, the part that the form is made of: the whole model there is folded, so
 * all but a folded model without anything new comes from the prompts. Any other path as it is.
 */
async function trainedPart(path: string, target: string, { to, classNames }: ConvertArgs): Promise<string> {
  const parts = [TRAIN_PARTS.prompts, TRAIN_PARTS.model].map((part) => join(path, part));
  const isTraining = existsSync(join(parts[0], PROMPT_CONFIG_FILE)) && existsSync(join(parts[1], 'model.json'));
  if (!isTraining) {
    return path;
  }
  const asItIs = to === 'folded' && classNames === undefined && !isTensorFileName(target);
  return asItIs ? parts[1] : parts[0];
}

async function write(model: LayersModel, to: Form, target: string): Promise<Partial<Converted>> {
  if (to === 'official') {
    return saveOfficialPrompts(model, target);
  }
  if (to === 'prompts') {
    await savePrompts(model, target);
    return {};
  }
  await (to === 'folded' ? await foldClassifier(model) : model).save(fileHandler(target));
  return {};
}

async function modelOf(
  from: string,
  kind: Inspection['kind'],
  facts: Inspection['facts'],
  args: ConvertArgs,
): Promise<LayersModel> {
  if (kind === 'model') {
    return loadLayersModel(fileHandler(from));
  }
  if (kind === 'official') {
    return loadOfficialPrompts(from, await officialArgs(from, facts, args));
  }
  if (args.backbone === undefined) {
    const { name } = facts.backbone as { name: string };
    throw new MapleError(`${from} holds prompts alone. Give the backbone they were tuned on, ${name} (--backbone).`);
  }
  const options = args.classNames === undefined ? {} : { classNames: args.classNames };
  return loadPrompts(from, await args.backbone(), options);
}

async function officialArgs(
  from: string,
  facts: Inspection['facts'],
  { classNames, prefix, classPosition, backbone }: ConvertArgs,
): Promise<LoadOfficialPromptsArgs> {
  if (classNames === undefined) {
    const count = facts.classes === undefined ? '' : ` ${String(facts.classes)}`;
    throw new MapleError(
      `${from} does not tell its class names. Give the${count} names, in the order of its labels (--classes).`,
    );
  }
  if (backbone === undefined && facts.holdsClip !== true) {
    throw new MapleError(`${from} holds no CLIP. Give the backbone its prompts were tuned on (--backbone).`);
  }
  return {
    classNames,
    ...(prefix === undefined ? {} : { prefix }),
    ...(classPosition === undefined ? {} : { classPosition }),
    ...(backbone === undefined ? {} : { backbone: await backbone() }),
  };
}

async function convertBackbone(from: string, target: string, dtype: StoredDtype | undefined): Promise<void> {
  const { config, tokenizer, imageStatistics, weights } = await loadBackbone(from);
  const values: [string, Float32Array][] = [];
  for (const name of weights.names) {
    values.push([name, (await weights.read(name)).values]);
  }
  await saveBackbone(target, { config, tokenizer, imageStatistics, weights: values, ...(dtype && { dtype }) });
}

function formOf(kind: Inspection['kind'], what: string, target: string, asked: Form | undefined): Form {
  const possible = FORMS[kind];
  const byEnding = isTensorFileName(target) ? 'official' : undefined;
  const form = asked ?? byEnding ?? possible[0];
  if (form === undefined || !possible.includes(form)) {
    throw new MapleError(
      `A ${what} can be turned into ${possible.join(', ') || 'nothing else'}. Received: ${form ?? 'nothing'}` +
        `${asked === undefined && byEnding !== undefined ? ` (by the ending of ${target})` : ''}.`,
    );
  }
  if (form !== 'official' && isTensorFileName(target)) {
    throw new MapleError(`${form} is written as a folder. Received: ${target}, a file's name.`);
  }
  return form;
}

async function refuseExisting(target: string, force: boolean): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  if (found === undefined || force) {
    return;
  }
  if (found.isFile() || (await readdir(target)).length > 0) {
    throw new MapleError(`${target} is there already. Choose another target, or allow it to be replaced (--force).`);
  }
}
