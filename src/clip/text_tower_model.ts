import * as tfl from '@tensorflow/tfjs-layers';
import type { Towers, TowersConfig } from '../backbone/contract.js';
import type { LayerSource } from '../backbone/layer_source.js';

/**
 * A text tower without prompts as a model of its own: embeddings [N, L, width] and positions [N] to features.
 * @param length - L; default: any
 */
export function textTowerModel(
  towers: Towers,
  { text }: Pick<TowersConfig, 'text'>,
  source: LayerSource,
  pruned: boolean,
  length: number | null = null,
): tfl.LayersModel {
  const embeddings = tfl.input({ shape: [length, text.width], name: 'text/embeddings' });
  const ends = tfl.input({ batchShape: [null], name: 'text/ends' });
  const features = towers.text({ embeddings, ends }, { source, prompt: (tokens) => tokens, pruned, memory: {} });
  return tfl.model({ inputs: [embeddings, ends], outputs: features, name: 'text' });
}
