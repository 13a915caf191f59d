import type * as tfl from '@tensorflow/tfjs-layers';
import { classTokens, packedClassTokens } from '../../layers/index.js';
import type { TextStream } from '../backbone/contract.js';
import type { LayerSource } from '../backbone/layer_source.js';
import type { Packing } from '../prompting/packing.js';
import type { ClassChunk } from './class_source.js';

/** What {@link classStream} is made with. */
export interface ClassStreamArgs {
  /** Name of the source. */
  name: string;
  /** Tokens of a text that is not packed. */
  length: number;
  /** Width of the token embeddings. */
  units: number;
  source: LayerSource;
}

/** A text stream, and the prompt vectors' positions, where they differ between classes. */
export interface ClassStream extends TextStream {
  slots?: tfl.SymbolicTensor;
}

/** The texts of classes in the graph: packed where they can be, else a row a class. */
export function classStream(images: tfl.SymbolicTensor, chunk: ClassChunk, args: ClassStreamArgs): ClassStream {
  return chunk.packing ? packedStream(images, chunk.packing, args) : rowsStream(images, chunk, args);
}

function rowsStream(
  images: tfl.SymbolicTensor,
  { classes, slots }: ClassChunk,
  { name, length, units, source }: ClassStreamArgs,
): ClassStream {
  const layer = source(name, () => classTokens({ name, classes, length, units, slots: slots?.[0].length }));
  const outputs = layer.apply(images) as tfl.SymbolicTensor[];
  return { embeddings: outputs[0], ends: outputs[1], slots: outputs[2] };
}

/** What all classes begin with once, then the classes' own tokens. */
function packedStream(
  images: tfl.SymbolicTensor,
  { ids, shared, places }: Packing,
  { name, units, source }: ClassStreamArgs,
): ClassStream {
  const counts = { classes: places.length, shared, tokens: ids.length, longest: places[0].length };
  const layer = source(name, () => packedClassTokens({ name, ...counts, units }));
  const [embeddings, positions, placed, real, ends] = layer.apply(images) as tfl.SymbolicTensor[];
  return { embeddings, ends, packing: { positions, places: placed, real } };
}
