import * as tfl from '@tensorflow/tfjs-layers';
import { recomputedModel } from '../../layers/index.js';
import type { Towers, TowersConfig } from '../backbone/contract.js';
import type { LayerSource } from '../backbone/layer_source.js';
import { givenTextHook } from '../prompting/attach.js';
import type { PromptDesign } from '../prompting/design.js';
import type { ClassStream } from './class_streams.js';

/** What {@link textFeaturesInChunks} builds a text tower of. */
export interface ChunkedTextArgs {
  config: TowersConfig;
  towers: Towers;
  design: PromptDesign;
  source: LayerSource;
  pruned: boolean;
  /** Compute blocks once more for each chunk's gradient, too. */
  recompute: boolean;
}

/** The texts of a part of the classes, and the prompts that stand in them before each block. */
export interface TextChunk {
  stream: ClassStream;
  prompts: tfl.SymbolicTensor[];
}

/**
 * Text features of classes that take too much memory at once. The tower, a model of its own, keeps nothing of a chunk
 * but its inputs and computes it once more in the backward pass, so that memory does not grow with the classes; each
 * prompt's gradient is the sum of those that the chunks give, which is exact.
 *
 * Layer: `text/tower`, with the backbone's in it.
 */
export function textFeaturesInChunks(chunks: readonly TextChunk[], args: ChunkedTextArgs): tfl.SymbolicTensor {
  const [{ prompts }] = chunks;
  const learned = prompts.length;
  const shared = args.design.contexts === 'perClass' ? 0 : learned;
  const model = (): tfl.LayersModel => towerModel(chunks[0], args);
  const tower = args.source('text/tower', (name) => recomputedModel({ name, model: model(), learned, shared }));
  const ofEach = chunks.flatMap((chunk) => inputsOf(chunk).slice(shared));
  return tower.apply([...prompts.slice(0, shared), ...ofEach]) as tfl.SymbolicTensor;
}

/** What the tower takes: the prompts, which learn, and then the texts. */
function inputsOf({ prompts, stream: { embeddings, ends, slots, packing } }: TextChunk): tfl.SymbolicTensor[] {
  const packed = packing ? [packing.positions, packing.places, packing.real] : [];
  return [...prompts, embeddings, ends, ...(slots ? [slots] : []), ...packed];
}

/** The text tower, with prompts in it that are given, for chunks like one of them, of any size. */
function towerModel(
  { stream, prompts }: TextChunk,
  { config, towers, design, source, pruned, recompute }: ChunkedTextArgs,
): tfl.LayersModel {
  const like = ({ shape }: tfl.SymbolicTensor, name: string, free: number[]): tfl.SymbolicTensor =>
    tfl.input({
      batchShape: shape.map((side, axis) => (free.includes(axis) ? null : side)),
      name: `text/chunk/${name}`,
    });
  // The first axis is the classes, but for prompts that all classes share and for packed texts, which are one row.
  const { embeddings, ends, slots, packing } = stream;
  const inner: TextChunk = {
    prompts: prompts.map((prompt, block) => like(prompt, `prompt_${block}`, prompt.shape.length === 3 ? [0] : [])),
    stream: {
      embeddings: like(embeddings, 'embeddings', packing ? [1] : [0]),
      ends: like(ends, 'ends', [0]),
      slots: slots && like(slots, 'slots', [0]),
      packing: packing && {
        positions: like(packing.positions, 'positions', [0]),
        places: like(packing.places, 'places', [0, 1]),
        real: like(packing.real, 'real', [0]),
      },
    },
  };
  const prompt = givenTextHook({ design, config, source, slots: inner.stream.slots }, inner.prompts);
  const features = towers.text(inner.stream, { source, prompt, pruned, memory: { recompute } });
  return tfl.model({ inputs: inputsOf(inner), outputs: features, name: 'text' });
}
