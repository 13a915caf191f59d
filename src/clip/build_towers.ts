import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { cosineLogits, tokenEmbedding, type CosineLogits } from '../../layers/index.js';
import type { WeightSource, WeightValues } from '../backbone/backbone.js';
import type { ClipConfig } from './config.js';
import type { TowerContext, Towers, TowersConfig } from '../backbone/contract.js';
import { newLayers } from '../backbone/layer_source.js';
import { loadWeights } from '../backbone/load_weights.js';
import { towersOf } from './transformer_towers.js';

/** A pair of towers as two models that can be trained whole. */
export interface ClipTowers<Config extends TowersConfig = ClipConfig> {
  config: Config;
  /** Images [B, imageSize, imageSize, 3], normalised, to features [B, embedDim]. */
  image: tfl.LayersModel;
  /** Token ids [N, L], L at most the context, to features [N, embedDim]. */
  text: tfl.LayersModel;
  /** The head with the trained temperature: [image features, text features] to logits. */
  logits: CosineLogits;
}

/** What a pair of towers of one's own is described by, to be trained whole. */
export interface OwnTowersConfig extends TowersConfig {
  text: TowersConfig['text'] & {
    /** Rows of the token embedding. */
    vocabularySize: number;
  };
}

/**
 * Builds the two transformers that a configuration describes, without prompts, every weight trainable.
 * @throws MapleError when the configuration is not of a model that can be built
 */
export function buildTowers(config: ClipConfig): ClipTowers;
/**
 * Builds two towers of one's own, without prompts, every weight trainable.
 *
 * ```ts no-run
 * const pair = buildTowers(config, { image, text });
 * contrastiveStep(pair, optimizer, images, ids);
 * ```
 * @param towers - the functions that add them to a graph
 * @throws MapleError when they do not hold to what the configuration says
 */
export function buildTowers<Config extends OwnTowersConfig>(config: Config, towers: Towers): ClipTowers<Config>;
export function buildTowers(config: OwnTowersConfig, towers?: Towers): ClipTowers<OwnTowersConfig> {
  const { image, text } = towersOf({ config, towers });
  const { imageSize } = config.vision;
  const { vocabularySize, width, pooling = 'end' } = config.text;
  const context: TowerContext = { source: newLayers, prompt: (tokens) => tokens, pruned: true, memory: {} };
  const images = tfl.input({ shape: [imageSize, imageSize, 3], name: 'images' });
  const imageFeatures = image(images, context);

  const ids = tfl.input({ shape: [null], name: 'ids' });
  const ends = pooling === 'last' ? 'last' : 'highest';
  const embedding = tokenEmbedding({ name: 'text/token_embedding', vocabularySize, units: width, ends });
  const [embeddings, positions] = embedding.apply(ids) as tfl.SymbolicTensor[];
  const textFeatures = text({ embeddings, ends: positions }, context);

  const logits = cosineLogits({ name: 'logits', useBias: config.logitBias });
  logits.apply([imageFeatures, textFeatures]);
  return {
    config,
    image: tfl.model({ inputs: images, outputs: imageFeatures, name: 'vision' }),
    text: tfl.model({ inputs: ids, outputs: textFeatures, name: 'text' }),
    logits,
  };
}

/** Every weight of the towers, by the library's names. */
export function towerVariables(towers: ClipTowers<TowersConfig>): tfl.LayerVariable[] {
  return [...towers.image.layers, ...towers.text.layers, towers.logits].flatMap((layer) => layer.weights);
}

/** Loads a backbone's weights into the towers. */
export async function loadTowers(towers: ClipTowers<TowersConfig>, source: WeightSource): Promise<void> {
  await loadWeights([...towers.image.layers, ...towers.text.layers, towers.logits], source);
}

/**
 * The values of every weight, read from the backend.
 * @throws MapleError when two weights have one name
 */
export async function readTowers(towers: ClipTowers<TowersConfig>): Promise<Map<string, WeightValues>> {
  const entries = towerVariables(towers).map(async (variable): Promise<[string, WeightValues]> => {
    const tensor = variable.read();
    return [variable.originalName, { shape: tensor.shape, values: (await tensor.data()) as Float32Array }];
  });
  const read = await Promise.all(entries);
  const twice = read.map(([name]) => name).filter((name, index, names) => names.indexOf(name) !== index);
  if (twice.length > 0) {
    throw new MapleError(`Each weight of the towers needs a name of its own. Twice there: ${twice.join(', ')}.`);
  }
  return new Map(read);
}
