import { MapleError } from '../../layers/errors.js';
import { validateClipConfig } from '../clip/config.js';
import type { ClipConfig, TowerConfig } from '../clip/config.js';
import type { TensorFile } from './tensor_file.js';

/** OpenAI's models have heads of this width; the weights do not tell. */
const HEAD_WIDTH = 64;
const EPSILON = 1e-5;

/**
 * The architecture of a checkpoint with OpenAI's names, from the shapes of its tensors, as OpenAI's own `build_model`
 * finds it.
 * @param activation - not to be seen in the weights: quickGelu for OpenAI's, gelu for LAION's
 * @throws MapleError when it is a ResNet CLIP or a tensor that tells the shape is missing
 */
export function configFromOpenAi(file: TensorFile, activation: TowerConfig['activation']): ClipConfig {
  const names = new Set(file.names);
  if (names.has('visual.layer1.0.conv1.weight')) {
    throw new MapleError(`${file.name} is a ResNet CLIP, which is not supported. Take a vision transformer (ViT).`);
  }
  const shape = (name: string, rank: number): readonly number[] => {
    if (!names.has(name) || file.shape(name).length !== rank) {
      throw new MapleError(
        `${file.name} needs a tensor "${name}" with ${rank} axes to tell its architecture. ` +
          `Received: ${names.has(name) ? `[${file.shape(name).join(', ')}]` : 'none'}.`,
      );
    }
    return file.shape(name);
  };
  const tower = (prefix: string, width: number): TowerConfig => ({
    width,
    layers: countBlocks(file.names, prefix),
    heads: Math.max(1, Math.floor(width / HEAD_WIDTH)),
    mlpWidth: shape(`${prefix}.0.mlp.c_fc.weight`, 2)[0],
    activation,
    epsilon: EPSILON,
  });
  const [visionWidth, , patchSize] = shape('visual.conv1.weight', 4);
  const [positions] = shape('visual.positional_embedding', 2);
  const [vocabularySize] = shape('token_embedding.weight', 2);
  const [contextLength, textWidth] = shape('positional_embedding', 2);
  const config: ClipConfig = {
    embedDim: shape('text_projection', 2)[1],
    vision: {
      ...tower('visual.transformer.resblocks', visionWidth),
      imageSize: patchSize * Math.round(Math.sqrt(positions - 1)),
      patchSize,
    },
    text: { ...tower('transformer.resblocks', textWidth), contextLength, vocabularySize },
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
