import * as tf from '@tensorflow/tfjs-core';
import { MapleError } from '../../layers/errors.js';
import type { TokenBackbone, WeightValues } from '../backbone/backbone.js';
import { countsPadding } from '../backbone/contract.js';
import { prefixIds } from '../prompting/class_prompts.js';
import { classTexts } from '../prompting/class_texts.js';
import { hasFixedText, startsFromWords, type PromptDesign } from '../prompting/design.js';
import { isPackable } from '../prompting/packing.js';
import type { Descriptions } from '../sentences/class_sentences.js';
import { classChunks } from './class_chunks.js';
import type { ClassSource } from './class_source.js';
import { paddedIds } from './text_ids.js';
import { towersOf } from './transformer_towers.js';

/** What {@link tokenTexts} makes texts of. */
export interface ClassTextArgs {
  design: PromptDesign;
  classNames: readonly string[];
  /** Fixed texts with `{}` in the class name's place, for designs without text prompts. */
  templates?: readonly string[];
  /** What is said of a class word for word, for sentence encoders. */
  descriptions?: Descriptions;
  /** Whether to leave out tokens that change no result. */
  pruned: boolean;
  /**
   * Classes that the text tower takes at once, where learned prompts stand in it that are the same for all images.
   * Default: as {@link classChunks} has it.
   */
  textRows?: number;
}

/**
 * Class texts for a tower that reads tokens.
 * @throws MapleError for class names or templates that cannot be used
 */
export function tokenTexts(
  backbone: TokenBackbone,
  { design, classNames, templates, descriptions, pruned, textRows }: ClassTextArgs,
): ClassSource {
  if (descriptions !== undefined) {
    throw new MapleError(
      '`descriptions` are for backbones with a sentence encoder. A text tower that reads tokens takes what is said of a ' +
        'class as its name (`classNames`), or as fixed texts (`templates`) where no text prompt is learned.',
    );
  }
  const { config, tokenizer } = backbone;
  const { pooling = 'end', contextLength } = config.text;
  const texts = classTexts(backbone, design, classNames, templates);
  const ids = texts.ids.flat();
  const shortens = pruned && !countsPadding(config.text);
  const length = shortens ? Math.max(...ids.map((text) => text.length)) : contextLength;
  const endOf = (text: readonly number[]): number => (pooling === 'last' ? length : text.length) - 1;
  const { packs: takesPacked = false } = towersOf(backbone);
  const packs = takesPacked && shortens && !hasFixedText(design) && isPackable(design, texts);
  const inChunks = !hasFixedText(design) && design.conditioning !== 'metaNet';
  return {
    classes: texts.ids.length,
    templates: texts.ids[0].length,
    length,
    chunks: classChunks(texts, { packs, length, tower: config.text, rows: inChunks ? textRows : Infinity }),
    async read() {
      const table = await readTokenTable(backbone);
      return {
        rows(from, to) {
          const rows = ids.slice(from, to);
          const padded = rows.map((text) => paddedIds(text, length, tokenizer.padding));
          return [embed(padded.flat(), table, [rows.length, length]), tf.tensor1d(rows.map(endOf))];
        },
        packed: (packing) => embed(packing.ids, table, [packing.ids.length]),
        firstPrompt: startsFromWords(design)
          ? () => {
              const words = prefixIds(backbone, design);
              return embed(words, table, [words.length]);
            }
          : undefined,
      };
    },
  };
}

/** A backbone's token embeddings: at CLIP's size 100 MB, to be read once for all that is looked up in them. */
async function readTokenTable({ weights }: TokenBackbone): Promise<WeightValues> {
  return weights.read('text/token_embedding/embeddings');
}

/**
 * Rows of the embedding table, laid out as `shape` plus the width.
 * @throws MapleError for an id that the table does not have
 */
function embed(ids: readonly number[], table: WeightValues, shape: number[]): tf.Tensor {
  const [count, width] = table.shape;
  const wrong = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < count));
  if (wrong !== undefined) {
    throw new MapleError(
      `Ids of the tokeniser must be integers from 0 to ${count - 1}, for the text tower has ${count} token embeddings. ` +
        `Received: ${JSON.stringify(wrong)}. Give the tokeniser that the tower was trained with.`,
    );
  }
  const values = new Float32Array(ids.length * width);
  ids.forEach((id, row) => values.set(table.values.subarray(id * width, (id + 1) * width), row * width));
  return tf.tensor(values, [...shape, width]);
}
