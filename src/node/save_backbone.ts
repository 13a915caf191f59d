import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import type { Backbone } from '../backbone/backbone.js';
import { validateClipConfig } from '../clip/config.js';
import type { ClipConfig, ImageStatistics } from '../clip/config.js';
import type { StoredTokenizer } from '../tokenizers/stored_tokenizer.js';
import { huggingFaceModel } from '../weights/huggingface_config.js';
import { toForeignTensors } from '../weights/key_map.js';
import { preprocessorOf } from '../weights/preprocessor_config.js';
import { encodeSafetensors } from '../weights/safetensors_writer.js';
import type { StoredDtype } from '../weights/safetensors_writer.js';
import { writeFilesTogether } from './atomic_files.js';

/** What {@link saveBackbone} writes. */
export interface SaveBackboneArgs {
  config: ClipConfig;
  tokenizer: StoredTokenizer;
  imageStatistics: ImageStatistics;
  /** Every weight of the configuration under this library's names, row-major. */
  weights: Iterable<readonly [string, Float32Array]>;
  /** How values are stored: F32 (default), BF16 or F16. */
  dtype?: StoredDtype;
  /** Free text for the weight file's header. */
  metadata?: Readonly<Record<string, string>>;
}

/** With what else a backbone that is saved as it was opened has. */
const ARGS: SettingNames<SaveBackboneArgs & Pick<Backbone, 'name' | 'identity'>> = {
  name: true,
  identity: true,
  config: true,
  tokenizer: true,
  imageStatistics: true,
  weights: true,
  dtype: true,
  metadata: true,
};

/**
 * Writes a CLIP or a SigLIP in Hugging Face's layout (config.json, model.safetensors, tokenizer.json and for SigLIP
 * tokenizer_config.json, preprocessor_config.json), which `loadBackbone` and Hugging Face's CLIPModel or SiglipModel read. On failure the folder stays as it was.
 * @throws MapleError when a weight is missing, unexpected or of another size, or the folder cannot be written
 */
export async function saveBackbone(folder: string, args: SaveBackboneArgs): Promise<void> {
  checkKnown('saveBackbone', args, ARGS);
  const { config, tokenizer, dtype = 'F32' } = args;
  validateClipConfig(config);
  const model = huggingFaceModel(config);
  const tensors = toForeignTensors(config, model.names, args.weights).map((tensor) => ({ ...tensor, dtype }));
  await writeFilesTogether(folder, [
    { name: 'config.json', chunks: [json(model.write(config, tokenizer), 2)] },
    // Hugging Face reads this field to tell whose tensors they are.
    { name: 'model.safetensors', chunks: encodeSafetensors(tensors, { format: 'pt', ...args.metadata }) },
    ...Object.entries(tokenizer.files).map(([name, content]) => ({ name, chunks: [json(content)] })),
    {
      name: 'preprocessor_config.json',
      chunks: [json(preprocessorOf(config.vision.imageSize, args.imageStatistics), 2)],
    },
  ]);
}

function json(value: object, indentation?: number): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, undefined, indentation)}\n`);
}
