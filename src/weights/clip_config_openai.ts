import { MapleError } from '../../layers/errors.js';
import { validateClipConfig } from '../clip/config.js';
import type { ClipConfig, TowerConfig } from '../clip/config.js';
import type { TensorFile } from './tensor_file.js';

/** The weights do not tell how wide a head is: 64 everywhere, save in OpenCLIP's large image towers. */
const HEAD_WIDTH = 64;
/** Heads of OpenCLIP's ViT-H/14, g/14 and bigG/14 by the image tower's width. */
const LARGE_VISION_HEADS: Record<number, number> = { 1280: 16, 1408: 16, 1664: 16 };
const EPSILON = 1e-5;

/**
 * The architecture of a checkpoint with OpenAI's names, from the shapes of its tensors, as OpenAI's own `build_model`
 * finds it.
 * @param activation - not to be seen in the weights: quickGelu for OpenAI's, gelu for LAION's. Default: quickGelu for
 * the sizes that OpenAI published
 * @param textPrefix - what stands before the names of the text tower's tensors
 * @throws MapleError when a tensor that tells the shape is missing, or the activation cannot be known
 */
export function configFromOpenAi(
  file: TensorFile,
  activation?: TowerConfig['activation'],
  textPrefix = '',
): ClipConfig {
  const names = new Set(file.names);
  const shape = (name: string, rank: number): readonly number[] => {
    if (!names.has(name) || file.shape(name).length !== rank) {
      throw new MapleError(
        `${file.name} needs a tensor "${name}" with ${rank} axes to tell its architecture. ` +
          `Received: ${names.has(name) ? `[${file.shape(name).join(', ')}]` : 'none'}.`,
      );
    }
    return file.shape(name);
  };
  const [visionWidth, , patchSize] = shape('visual.conv1.weight', 4);
  const [positions] = shape('visual.positional_embedding', 2);
  const [vocabularySize] = shape(`${textPrefix}token_embedding.weight`, 2);
  const [contextLength, textWidth] = shape(`${textPrefix}positional_embedding`, 2);
  if (activation === undefined && visionWidth in LARGE_VISION_HEADS) {
    throw new MapleError(
      `${file.name} has an image tower ${visionWidth} wide, of which there are models with QuickGELU and with the exact ` +
        "GELU. Say which: `loadBackbone(path, { activation: 'gelu' })` for LAION's, or load the folder with its configuration.",
    );
  }
  const tower = (prefix: string, width: number): TowerConfig => ({
    width,
    layers: countBlocks(file.names, prefix),
    heads: Math.max(1, Math.floor(width / HEAD_WIDTH)),
    mlpWidth: shape(`${prefix}.0.mlp.c_fc.weight`, 2)[0],
    activation: activation ?? 'quickGelu',
    epsilon: EPSILON,
  });
  const vision = tower('visual.transformer.resblocks', visionWidth);
  const config: ClipConfig = {
    embedDim: shape(`${textPrefix}text_projection`, 2)[1],
    vision: {
      ...vision,
      heads: LARGE_VISION_HEADS[visionWidth] ?? vision.heads,
      imageSize: patchSize * Math.round(Math.sqrt(positions - 1)),
      patchSize,
    },
    text: { ...tower(`${textPrefix}transformer.resblocks`, textWidth), contextLength, vocabularySize },
  };
  try {
    validateClipConfig(config);
  } catch (error) {
    throw new MapleError(`${file.name}: ${(error as Error).message}`, { cause: error });
  }
  return config;
}

function countBlocks(names: readonly string[], prefix: string): number {
  const blocks = names.filter((name) => name.startsWith(`${prefix}.`)).map((name) => name.slice(prefix.length + 1));
  return new Set(blocks.map((name) => name.split('.')[0])).size;
}
