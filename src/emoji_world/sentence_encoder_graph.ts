/** One node of a graph in tfjs' `model.json`. */
export interface GraphNode {
  name: string;
  op: string;
  input?: string[];
  attr?: Record<string, unknown>;
}

/** Values of a graph's constants, by their names. */
export interface GraphWeight {
  name: string;
  dtype: 'float32' | 'int32';
  shape: number[];
  values: Float32Array | Int32Array;
}

const FLOAT = { T: { type: 'DT_FLOAT' } };
const INTEGER = { T: { type: 'DT_INT32' } };

/** A constant whose values stand among the weights. */
function constant({ name, dtype, shape }: GraphWeight): GraphNode {
  const type = dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32';
  const tensorShape = { dim: shape.map((size) => ({ size: String(size) })) };
  return { name, op: 'Const', attr: { dtype: { type }, value: { tensor: { dtype: type, tensorShape } } } };
}

function input(name: string, sizes: number[]): GraphNode {
  const dim = sizes.map((size) => ({ size: String(size) }));
  return { name, op: 'Placeholder', attr: { dtype: { type: 'DT_INT32' }, shape: { shape: { dim } } } };
}

/** Small whole numbers that operations take as inputs: axes, sizes, one. */
function numbers(name: string, values: number[], scalar = false): GraphWeight {
  return { name, dtype: 'int32', shape: scalar ? [] : [values.length], values: Int32Array.from(values) };
}

/**
 * The graph of a bag of pieces with the signature of the universal sentence encoder's lite model: `indices` int32
 * [tokens, 2] (the sentence and the place in it), `values` int32 [tokens] (ids of pieces), out float32 [sentences, width].
 *
 * Known pieces (ids above 0) are looked up in `embeddings`, summed by sentence, sent through tanh(x kernel + bias) and
 * scaled to unit length.
 * @param weights - `embeddings` [vocabulary, pieceWidth], `kernel` [pieceWidth, width], `bias` [width]
 */
export function bagOfPiecesGraph(weights: GraphWeight[]): { nodes: GraphNode[]; weights: GraphWeight[] } {
  const all = [
    ...weights,
    numbers('first_column', [0, 0]),
    numbers('one_column', [-1, 1]),
    numbers('flat', [-1]),
    numbers('all_axes', [0, 1]),
    numbers('last_axis', [1]),
    numbers('zero', [0], true),
    numbers('one', [1], true),
  ];
  const gather = { Tparams: { type: 'DT_FLOAT' }, Tindices: { type: 'DT_INT32' }, Taxis: { type: 'DT_INT32' } };
  const nodes: GraphNode[] = [
    input('indices', [-1, 2]),
    input('values', [-1]),
    ...all.map(constant),
    // Which sentence each piece is of, [tokens, 1], and the sentences' numbers.
    { name: 'rows', op: 'Slice', input: ['indices', 'first_column', 'one_column'], attr: INTEGER },
    { name: 'last', op: 'Max', input: ['rows', 'all_axes'], attr: { ...INTEGER, keep_dims: { b: false } } },
    { name: 'count', op: 'AddV2', input: ['last', 'one'], attr: INTEGER },
    { name: 'sentences', op: 'Range', input: ['zero', 'count', 'one'], attr: { Tidx: { type: 'DT_INT32' } } },
    // Pieces outside the vocabulary have the id 0, and say nothing.
    { name: 'known', op: 'Greater', input: ['values', 'zero'], attr: INTEGER },
    { name: 'where', op: 'Where', input: ['known'], attr: { T: { type: 'DT_BOOL' } } },
    { name: 'places', op: 'Reshape', input: ['where', 'flat'], attr: INTEGER },
    { name: 'pieces', op: 'GatherV2', input: ['values', 'places', 'zero'], attr: gather },
    { name: 'piece_rows', op: 'GatherV2', input: ['rows', 'places', 'zero'], attr: gather },
    { name: 'vectors', op: 'GatherV2', input: ['embeddings', 'pieces', 'zero'], attr: gather },
    { name: 'is_of', op: 'Equal', input: ['piece_rows', 'sentences'], attr: INTEGER },
    { name: 'member', op: 'Cast', input: ['is_of'], attr: { SrcT: { type: 'DT_BOOL' }, DstT: { type: 'DT_FLOAT' } } },
    {
      name: 'sums',
      op: 'MatMul',
      input: ['member', 'vectors'],
      attr: { ...FLOAT, transpose_a: { b: true }, transpose_b: { b: false } },
    },
    {
      name: 'mixed',
      op: 'MatMul',
      input: ['sums', 'kernel'],
      attr: { ...FLOAT, transpose_a: { b: false }, transpose_b: { b: false } },
    },
    { name: 'shifted', op: 'AddV2', input: ['mixed', 'bias'], attr: FLOAT },
    { name: 'hidden', op: 'Tanh', input: ['shifted'], attr: FLOAT },
    { name: 'squares', op: 'Square', input: ['hidden'], attr: FLOAT },
    { name: 'length', op: 'Sum', input: ['squares', 'last_axis'], attr: { ...FLOAT, keep_dims: { b: true } } },
    { name: 'inverse', op: 'Rsqrt', input: ['length'], attr: FLOAT },
    { name: 'embedding', op: 'Mul', input: ['hidden', 'inverse'], attr: FLOAT },
  ];
  return { nodes, weights: all };
}
