import { MapleError } from '../../layers/errors.js';
import type { WeightSource, WeightValues } from '../backbone/backbone.js';
import type { ClipConfig } from '../clip/config.js';
import { canonicalShapes } from './canonical.js';
import { tensorMismatches } from './exact_match.js';
import { foreignShape, fromForeign, toForeign } from './layouts.js';
import type { Layout } from './layouts.js';
import type { TensorFile } from './tensor_file.js';

/** One weight of ours and where a scheme of names keeps it. */
export interface KeyRow {
  /** Our name, one of {@link canonicalShapes}. */
  target: string;
  /** Foreign tensors; several lie one after the other along their first axis (query, key, value). */
  sources: readonly string[];
  /** How large the sources are beside each other: [1, 2] for a query, and key and value in one. Default: alike. */
  shares?: readonly number[];
  /** How the foreign values lie; the model's kernels are [in, out]. */
  layout: Layout;
}

/** A scheme of foreign names as data: how a release of checkpoints calls the weights of a CLIP. */
export interface KeyScheme {
  /** For messages. */
  readonly name: string;
  /** A row for each weight of a model of this configuration. */
  rows(config: ClipConfig): KeyRow[];
  /** Tensors that a checkpoint may hold beside the weights and that say nothing. */
  readonly ignored: ReadonlySet<string>;
}

/**
 * The weights in a checkpoint under our names, read one at a time when asked for. The match is exact.
 * @param file - an open checkpoint, from {@link openTensors}
 * @param scheme - the names it uses, as data
 * @throws MapleError listing every missing, unexpected, mis-shaped and mis-typed tensor at once
 */
export function mapWeights(file: TensorFile, config: ClipConfig, scheme: KeyScheme): WeightSource {
  const shapes = canonicalShapes(config);
  const rows = new Map(scheme.rows(config).map((row) => [row.target, row]));
  checkMatch(file, [...rows.values()], shapes, scheme);

  const find = (name: string): [KeyRow, readonly number[]] => {
    const [row, shape] = [rows.get(name), shapes.get(name)];
    if (row === undefined || shape === undefined) {
      throw new MapleError(`${file.name} has no weight "${name}". Weights are named as in ${[...rows.keys()][0]}.`);
    }
    return [row, shape];
  };
  return {
    names: [...rows.keys()],
    shape: (name) => find(name)[1],
    read: async (name): Promise<WeightValues> => {
      const [row, shape] = find(name);
      return { shape: [...shape], values: fromForeign(row.layout, shape, await readSources(file, row, shape)) };
    },
  };
}

/** A tensor under a scheme's name. */
export interface ForeignTensor {
  name: string;
  shape: number[];
  values: Float32Array;
}

/**
 * Weights under our names as a scheme's tensors, for writing.
 * @param weights - a value for each weight of the configuration, row-major
 * @throws MapleError when a weight is missing, unexpected or of another size
 */
export function toForeignTensors(
  config: ClipConfig,
  scheme: KeyScheme,
  weights: Iterable<readonly [string, Float32Array]>,
): ForeignTensor[] {
  const values = new Map(weights);
  const shapes = canonicalShapes(config);
  const unexpected = [...values.keys()].filter((name) => !shapes.has(name));
  const missing = [...shapes.keys()].filter((name) => !values.has(name));
  if (unexpected.length + missing.length > 0) {
    throw new MapleError(
      'The weights must be those of the configuration. ' +
        `Missing: ${missing.join(', ') || 'none'}. Unexpected: ${unexpected.join(', ') || 'none'}.`,
    );
  }
  return scheme.rows(config).flatMap((row) => {
    const { target } = row;
    const shape = shapes.get(target) as number[];
    const own = values.get(target) as Float32Array;
    const size = product(shape);
    if (own.length !== size) {
      throw new MapleError(`Weight "${target}" must have ${size} values. Received: ${own.length}.`);
    }
    const whole = toForeign(row.layout, shape, own);
    let end = 0;
    return sourceShapes(row, shape).map(([name, sides]) => {
      const start = end;
      end += product(sides);
      return { name, shape: sides, values: whole.subarray(start, end) };
    });
  });
}

async function readSources(file: TensorFile, { sources }: KeyRow, shape: readonly number[]): Promise<Float32Array> {
  if (sources.length === 1) {
    return (await file.read(sources[0])).values;
  }
  const joined = new Float32Array(product(shape));
  let end = 0;
  for (const name of sources) {
    const { values } = await file.read(name);
    joined.set(values, end);
    end += values.length;
  }
  return joined;
}

/** Name and shape of each source of our weight of shape `shape`. */
function sourceShapes({ sources, shares, layout }: KeyRow, shape: readonly number[]): [string, number[]][] {
  const [first, ...rest] = foreignShape(layout, shape);
  if (sources.length === 1) {
    return [[sources[0], foreignShape(layout, shape)]];
  }
  const parts = shares ?? sources.map(() => 1);
  const sum = parts.reduce((total, part) => total + part, 0);
  return sources.map((name, index) => [name, [(first * parts[index]) / sum, ...rest]]);
}

function product(sides: readonly number[]): number {
  return sides.reduce((result, side) => result * side, 1);
}

function checkMatch(
  file: TensorFile,
  rows: readonly KeyRow[],
  shapes: ReadonlyMap<string, number[]>,
  scheme: KeyScheme,
): void {
  const expected = new Map(rows.flatMap((row) => sourceShapes(row, shapes.get(row.target) as number[])));
  const problems = tensorMismatches(file, expected, scheme.ignored);
  if (problems.length > 0) {
    throw new MapleError(
      `${file.name} does not hold the weights of this configuration under ${scheme.name} names:\n  ` +
        `${problems.join('\n  ')}\nDo the checkpoint and the configuration (config.json) belong to the same model?`,
    );
  }
}
