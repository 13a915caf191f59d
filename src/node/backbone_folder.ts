import { MapleError } from '../../layers/errors.js';
import type { ImageStatistics } from '../clip/config.js';
import type { StoredTokenizer } from '../tokenizers/stored_tokenizer.js';
import { isHuggingFaceModel } from '../weights/huggingface_config.js';
import { joinShards, shardNames } from '../weights/joined_shards.js';
import { configFromJson, openClip } from '../weights/open_clip.js';
import type { ClipBackbone } from '../weights/open_clip.js';
import { openTensors } from '../weights/open_tensors.js';
import { imageProcessorOf, statisticsFromPreprocessor } from '../weights/preprocessor_config.js';
import type { TensorFile } from '../weights/tensor_file.js';
import type { BackboneFiles } from './backbone_files.js';
import { joinedIdentity, sha256File } from './file_digest.js';
import { fileSource } from './file_source.js';
import { findTokenizer } from './folder_tokenizer.js';
import { readJsonObject } from './json_file.js';
import { namingFile } from './naming_file.js';

/** Weight files by the configuration that goes with them; the first that is there is taken. */
const WEIGHTS = {
  'config.json': [
    'model.safetensors',
    'model.safetensors.index.json',
    'pytorch_model.bin',
    'pytorch_model.bin.index.json',
  ],
  'open_clip_config.json': [
    'open_clip_model.safetensors',
    'model.safetensors',
    'open_clip_pytorch_model.safetensors',
    'open_clip_pytorch_model.bin',
    'pytorch_model.bin',
  ],
} as const;

type ConfigFile = keyof typeof WEIGHTS;

/** Options of `loadBackbone` for what it loads. */
export interface BackboneFolderArgs {
  /** Instead of the folder's own. */
  tokenizer?: StoredTokenizer;
  /** Side of the pictures in pixels, where another is wanted than the weights were trained for. */
  imageSize?: number;
}

/**
 * A CLIP or SigLIP from a folder in Hugging Face's layout or in open_clip's. Only the files that are needed are asked for.
 * @throws MapleError naming the file that is missing, damaged or does not fit the others
 */
export async function loadBackboneFolder(files: BackboneFiles, args: BackboneFolderArgs): Promise<ClipBackbone> {
  const configFile = await chooseConfig(files);
  const configPath = await files.path(configFile);
  const configJson = await readJsonObject(configPath);
  await namingFile(configPath, () => configFromJson(configJson));
  const weightFile = WEIGHTS[configFile].find((name) => files.names.has(name));
  if (weightFile === undefined) {
    throw new MapleError(`${files.name} must hold ${WEIGHTS[configFile].join(' or ')}. ${files.remedy}`);
  }
  // Small files first: what is wrong with them is told before a large one is fetched.
  const tokenizer = args.tokenizer ?? (await findTokenizer(files, configJson));
  const imageStatistics = await findStatistics(files, configFile, configJson);
  const { tensors, identity } = await openWeights(files, weightFile);
  return openClip({
    name: files.name,
    identity,
    weights: tensors,
    configJson,
    tokenizer,
    imageStatistics,
    imageSize: args.imageSize,
  });
}

/** Both layouts may lie in one folder; a config.json of another model (timm writes one) gives way to open_clip's. */
async function chooseConfig(files: BackboneFiles): Promise<ConfigFile> {
  const hasOpenClip = files.names.has('open_clip_config.json');
  if (files.names.has('config.json')) {
    if (!hasOpenClip) {
      return 'config.json';
    }
    const json = await readJsonObject(await files.path('config.json'));
    const hasWeights = WEIGHTS['config.json'].some((name) => files.names.has(name));
    return isHuggingFaceModel(json) && hasWeights ? 'config.json' : 'open_clip_config.json';
  }
  if (hasOpenClip) {
    return 'open_clip_config.json';
  }
  throw new MapleError(`${files.name} must hold config.json or open_clip_config.json. ${files.remedy}`);
}

async function openWeights(
  files: BackboneFiles,
  weightFile: string,
): Promise<{ tensors: TensorFile; identity: string }> {
  if (!weightFile.endsWith('.index.json')) {
    const { tensors, digest } = await openWeightFile(files, weightFile);
    return { tensors, identity: digest };
  }
  const path = await files.path(weightFile);
  const index = await readJsonObject(path);
  const names = shardNames(path, index);
  const missing = names.filter((name) => !files.names.has(name));
  if (missing.length > 0) {
    throw new MapleError(`${files.name} must hold ${missing.join(', ')}, as ${weightFile} says. ${files.remedy}`);
  }
  const shards = new Map<string, TensorFile>();
  const digests: string[] = [];
  for (const name of names) {
    const { tensors, digest } = await openWeightFile(files, name);
    shards.set(name, tensors);
    digests.push(digest);
  }
  return { tensors: joinShards(path, index, shards), identity: joinedIdentity(digests) };
}

async function openWeightFile(files: BackboneFiles, name: string): Promise<{ tensors: TensorFile; digest: string }> {
  const path = await files.path(name);
  const source = await fileSource(path);
  const digest = await sha256File(path);
  const expected = files.sha256?.(name);
  if (expected !== undefined && expected !== digest) {
    throw new MapleError(
      `${path} is damaged: its SHA-256 must be ${expected}, as the hub says. Received: ${digest}. ` +
        'Delete it, and it is downloaded again.',
    );
  }
  return { tensors: await openTensors(source), digest };
}

async function findStatistics(
  files: BackboneFiles,
  configFile: ConfigFile,
  configJson: object,
): Promise<ImageStatistics | undefined> {
  if (configFile !== 'config.json') {
    return undefined;
  }
  const model = { imageSize: configFromJson(configJson).vision.imageSize, from: configFile };
  // Newer versions write one file for tokeniser and pictures, which goes first.
  for (const name of ['processor_config.json', 'preprocessor_config.json']) {
    if (files.names.has(name)) {
      const path = await files.path(name);
      const json = await readJsonObject(path);
      if (name === 'preprocessor_config.json' || imageProcessorOf(json) !== undefined) {
        return statisticsFromPreprocessor(path, json, model);
      }
    }
  }
  return undefined;
}
