import { MapleError } from '../../layers/errors.js';
import type { ByteSource } from '../weights/byte_source.js';
import { sha256 } from '../weights/sha256.js';
import { openSafetensors, type SafetensorsFile } from '../weights/safetensors.js';
import { encodeSafetensors } from '../weights/safetensors_writer.js';
import type { NamedValues, TrainingState } from './training_state.js';

const FORMAT = 'tfjs-maple-training-1';
const GROUPS = ['weights', 'optimizer'] as const;

/**
 * A training's state as the bytes of a safetensors file, whose metadata hold what is no tensor.
 * @returns pieces to be written one after the other
 */
export async function encodeTrainingState({ weights, optimizer, ...rest }: TrainingState): Promise<Uint8Array[]> {
  const groups = { weights, optimizer };
  // Numbers in the names keep the order, which safetensors files do not.
  const tensors = GROUPS.flatMap((group) =>
    groups[group].map(({ name, shape, values }, index) => ({
      name: `${group}/${String(index).padStart(4, '0')}/${name}`,
      dtype: 'F32' as const,
      shape,
      values,
    })),
  );
  const state = JSON.stringify(rest);
  const digest = await digestOf(state, [...weights, ...optimizer]);
  return encodeSafetensors(tensors, { format: FORMAT, state, ...(digest === undefined ? {} : { digest }) });
}

/**
 * Reads what {@link encodeTrainingState} wrote.
 * @throws MapleError when it is something else, or damaged
 */
export async function decodeTrainingState(source: ByteSource): Promise<TrainingState> {
  const file = await openSafetensors(source).catch((error: Error) => {
    throw damaged(source.name, error.message, error);
  });
  if (file.metadata.get('format') !== FORMAT) {
    throw new MapleError(
      `${source.name} must be a training's state of this version (format ${FORMAT}). ` +
        `Received: ${file.metadata.get('format') ?? 'another safetensors file'}. Begin a new training.`,
    );
  }
  const text = file.metadata.get('state') ?? '';
  const [weights, optimizer] = [await readGroup(file, 'weights'), await readGroup(file, 'optimizer')];
  const digest = await digestOf(text, [...weights, ...optimizer]);
  const written = file.metadata.get('digest');
  if (written !== undefined && digest !== undefined && written !== digest) {
    throw damaged(source.name, 'its content is not what was written');
  }
  try {
    return { ...(JSON.parse(text) as Omit<TrainingState, 'weights' | 'optimizer'>), weights, optimizer };
  } catch (error) {
    throw damaged(source.name, (error as Error).message, error);
  }
}

async function readGroup(file: SafetensorsFile, group: (typeof GROUPS)[number]): Promise<NamedValues[]> {
  const own = file.names.filter((name) => name.startsWith(`${group}/`)).sort();
  const read: NamedValues[] = [];
  for (const name of own) {
    const { shape, values } = await file.read(name);
    read.push({ name: name.split('/').slice(2).join('/'), shape: [...shape], values });
  }
  return read;
}

async function digestOf(state: string, tensors: readonly NamedValues[]): Promise<string | undefined> {
  const parts = [
    new TextEncoder().encode(state),
    ...tensors.map(({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return sha256(bytes);
}

function damaged(name: string, reason: string, cause?: unknown): MapleError {
  return new MapleError(
    `${name} is damaged, and no training can go on from it: ${sentence(reason)} Begin a new training.`,
    {
      cause,
    },
  );
}

function sentence(text: string): string {
  return /[.?]$/.test(text) ? text : `${text}.`;
}
