import type { WeightSource } from '../../src/backbone/backbone.js';
import type { TransformerBackbone } from '../../src/clip/transformer_backbone.js';
import { saveBackbone } from '../../src/node/save_backbone.js';
import type { ClipTokenizer } from '../../src/tokenizers/clip_tokenizer.js';

/** Every weight of a source with its values, as `saveBackbone` takes them. */
export async function allWeights(source: WeightSource): Promise<[name: string, values: Float32Array][]> {
  const weights: [string, Float32Array][] = [];
  for (const name of source.names) {
    weights.push([name, (await source.read(name)).values]);
  }
  return weights;
}

/** Saves a backbone with a tokeniser of CLIP's, such as the tiny one, as a folder in Hugging Face's layout. */
export async function saveWhole(folder: string, backbone: TransformerBackbone): Promise<void> {
  const { config, tokenizer, imageStatistics } = backbone;
  const weights = await allWeights(backbone.weights);
  await saveBackbone(folder, { config, tokenizer: tokenizer as ClipTokenizer, imageStatistics, weights });
}
