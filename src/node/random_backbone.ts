import type { TextTokenizer } from '../backbone/backbone.js';
import { promptStart } from '../backbone/contract.js';
import type { TransformerBackbone } from '../clip/transformer_backbone.js';
import { CLIP_IMAGE_STATISTICS, type ClipConfig, type TextConfig } from '../clip/config.js';
import { randomWeights } from '../weights/random_weights.js';
import { loadClipTokenizer } from './clip_tokenizer.js';

/**
 * A backbone of random weights, for measuring what an architecture costs. Texts have as many tokens as CLIP's own
 * tokeniser makes of them.
 */
export async function randomBackbone(config: ClipConfig, name: string): Promise<TransformerBackbone> {
  return {
    name,
    identity: 'random',
    config,
    tokenizer: standIn(await loadClipTokenizer(), config.text),
    weights: randomWeights(config, 1),
    imageStatistics: CLIP_IMAGE_STATISTICS,
  };
}

/**
 * CLIP's tokeniser for a text tower of other words: ids of its vocabulary, the last of them at the end, and a start token
 * where it has one.
 */
function standIn(clips: TextTokenizer, text: TextConfig): TextTokenizer {
  const end = text.vocabularySize - 1;
  const start = promptStart(text);
  return {
    encode: (words) => [
      ...clips
        .encode(words)
        .slice(1 - start, -1)
        .map((id) => id % end),
      end,
    ],
  };
}
