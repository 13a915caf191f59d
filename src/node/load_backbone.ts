import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { stat } from 'node:fs/promises';
import { MapleError } from '../../layers/errors.js';
import type { ClipConfig, TowerConfig } from '../clip/config.js';
import { openClip } from '../weights/open_clip.js';
import type { ClipBackbone } from '../weights/open_clip.js';
import { openTensors } from '../weights/open_tensors.js';
import { folderFiles } from './backbone_files.js';
import { loadBackboneFolder } from './backbone_folder.js';
import type { BackboneFolderArgs } from './backbone_folder.js';
import { loadClipTokenizer } from './clip_tokenizer.js';
import { sha256File } from './file_digest.js';
import { fileSource } from './file_source.js';
import { HUB_ARGS, openHub, type HubArgs } from './hub.js';
import { isHubName } from './hub_name.js';

/** Options of {@link loadBackbone}: of the model, and of the hub where a hub name is given. */
export interface LoadBackboneArgs extends BackboneFolderArgs, HubArgs {
  /** For a single file only: quickGelu (default; OpenAI's weights) or gelu (LAION's). */
  activation?: TowerConfig['activation'];
  /** For a single file only: the architecture, where it is not to be read off the shapes, e.g. `clipConfigs.vitH14`. */
  config?: ClipConfig;
}

const ARGS: SettingNames<LoadBackboneArgs> = {
  ...HUB_ARGS,
  tokenizer: true,
  imageSize: true,
  activation: true,
  config: true,
};

/**
 * A CLIP or SigLIP from disk or from the Hugging Face hub:
 * - a folder in Hugging Face's layout (config.json, model.safetensors or its shards or pytorch_model.bin,
 *   tokenizer.json or vocab.json and merges.txt or spiece.model, preprocessor_config.json if there is one),
 * - a folder in open_clip's (open_clip_config.json, open_clip_model.safetensors or open_clip_pytorch_model.bin),
 * - one .safetensors, .pt or .bin file with OpenAI's names,
 * - a hub name, `owner/name` or `owner/name@revision`, of a repository in one of these layouts: the files that are
 *   needed are downloaded once and kept. What is on disk under that path goes first.
 *
 * Reads the weights' header only, beside their SHA-256; each weight is read when the model is built.
 *
 * ```ts
 * const backbone = await loadBackbone('openai/clip-vit-base-patch16');
 * console.log(backbone.config.vision.layers); // 12
 * ```
 * @throws MapleError naming the file that is missing, damaged or does not fit the others, or what the hub said
 */
export async function loadBackbone(path: string, args: LoadBackboneArgs = {}): Promise<ClipBackbone> {
  checkKnown('loadBackbone', args, ARGS);
  const found = await stat(path).catch((error: Error) => {
    if (isHubName(path)) {
      return undefined;
    }
    throw new MapleError(
      `The backbone ${path} cannot be read: ${error.message}. Name a folder with a CLIP or SigLIP, a file of weights, or owner/name ` +
        'on the Hugging Face hub.',
      { cause: error },
    );
  });
  if (found === undefined) {
    return loadBackboneFolder(await openHub(path, args).catch((error: unknown) => notThere(path, error)), args);
  }
  return found.isDirectory() ? loadBackboneFolder(await folderFiles(path), args) : loadFile(path, args);
}

/** A name on the hub may be a path that was meant: that it is not there comes first. */
function notThere(path: string, error: unknown): never {
  if (!(error instanceof MapleError)) {
    throw error;
  }
  throw new MapleError(
    `There is no file or folder ${path}, so that it was taken for a name on the hub. ${error.message}`,
    {
      cause: error,
    },
  );
}

async function loadFile(path: string, args: LoadBackboneArgs): Promise<ClipBackbone> {
  const source = await fileSource(path);
  const tokenizer = args.tokenizer ?? (await loadClipTokenizer());
  const { activation, config, imageSize } = args;
  const identity = await sha256File(path);
  const weights = await openTensors(source);
  return openClip({ name: path, identity, weights, tokenizer, activation, config, imageSize });
}
