import { MapleError } from '../../layers/errors.js';
import type { TensorFile } from './tensor_file.js';

/** Shards lie beside their index: a name with a folder in it could lead anywhere. */
const SHARD_NAME = /^[\w][\w.-]*$/;

/**
 * The shards that an index file (model.safetensors.index.json) names, sorted.
 * @param file - the index's name, for messages
 * @throws MapleError when `weight_map` is missing or empty, or a shard is not a plain file name
 */
export function shardNames(file: string, index: object): string[] {
  return [...new Set(weightMap(file, index).values())].sort();
}

/**
 * Several files as one: each tensor is read from the shard that the index puts it in. The index and the shards must
 * tell of the same tensors.
 * @param file - the index's name, for messages
 * @param shards - the open shards by their names
 * @throws MapleError listing every tensor that is not where the index puts it, or that the index does not know
 */
export function joinShards(file: string, index: object, shards: ReadonlyMap<string, TensorFile>): TensorFile {
  const map = weightMap(file, index);
  const found = new Map([...shards].map(([name, shard]) => [name, new Set(shard.names)]));
  const missing = [...map].filter(([tensor, shard]) => found.get(shard)?.has(tensor) !== true);
  const unknown = [...found].flatMap(([shard, names]) => [...names].filter((name) => map.get(name) !== shard));
  if (missing.length + unknown.length > 0) {
    throw new MapleError(
      `${file} does not fit its shards. Missing: ${missing.map(([tensor, shard]) => `${tensor} in ${shard}`).join(', ') || 'none'}. ` +
        `Not in the index: ${unknown.join(', ') || 'none'}. Fetch all files of one revision.`,
    );
  }
  const shardOf = (tensor: string): TensorFile => {
    const shard = shards.get(map.get(tensor) ?? '');
    if (shard === undefined) {
      throw new MapleError(`${file} has no tensor "${tensor}".`);
    }
    return shard;
  };
  return {
    name: file,
    names: [...map.keys()],
    dtype: (tensor) => shardOf(tensor).dtype(tensor),
    shape: (tensor) => shardOf(tensor).shape(tensor),
    read: (tensor) => shardOf(tensor).read(tensor),
  };
}

function weightMap(file: string, index: object): Map<string, string> {
  const { weight_map: map } = index as { weight_map?: unknown };
  if (typeof map !== 'object' || map === null || Array.isArray(map) || Object.keys(map).length === 0) {
    throw new MapleError(`\`weight_map\` of ${file} must be an object that tells the shard of every tensor.`);
  }
  return new Map(
    Object.entries(map).map(([tensor, shard]) => {
      if (typeof shard !== 'string' || !SHARD_NAME.test(shard)) {
        throw new MapleError(
          `\`weight_map\` of ${file} must name files beside it. Received for ${tensor}: ${JSON.stringify(shard)}.`,
        );
      }
      return [tensor, shard];
    }),
  );
}
