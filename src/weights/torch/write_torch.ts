import { MapleError } from '../../../layers/errors.js';
import { checkTensorToWrite, encodeValues } from '../safetensors_writer.js';
import type { TensorToWrite } from '../safetensors_writer.js';
import { pickleCheckpoint } from './pickle_writer.js';
import type { TorchFact } from './torch_file.js';

/** PyTorch names the archive's top folder after the file; no reader minds which name it is. */
const FOLDER = 'archive';
/** The version of archives since PyTorch 1.6. */
const VERSION_RECORD = '3\n';
/** The same bytes for the same tensors, whenever and wherever they are written. */
const FIXED = {
  level: 0,
  lastModDate: new Date(1980, 0, 1),
  extendedTimestamp: false,
  msDosCompatible: true,
  useWebWorkers: false,
} as const;

/**
 * A file that `torch.load` reads, with `weights_only=True` too: `{'state_dict': OrderedDict(...), 'epoch': 5, ...}`, as
 * pieces of bytes to be written one after the other. The same tensors and facts give the same bytes.
 *
 * ```ts
 * const chunks = await writeTorch([{ name: 'prompt_learner.ctx', dtype: 'F32', shape: [2, 4], values }], { epoch: 5 });
 * ```
 * @param tensors - of the state dict, in its order; F32, F16 or BF16
 * @param facts - plain values beside the state dict
 * @throws MapleError when a name comes twice, a shape does not fit its values or a value does not fit its type
 */
export async function writeTorch(
  tensors: Iterable<TensorToWrite>,
  facts: Readonly<Record<string, TorchFact>> = {},
): Promise<Uint8Array<ArrayBuffer>[]> {
  const all = [...tensors];
  const names = new Set<string>();
  for (const tensor of all) {
    checkTensorToWrite(tensor, names);
    names.add(tensor.name);
  }
  if ('state_dict' in facts) {
    throw new MapleError('`facts` must not have the key "state_dict", which is for the tensors.');
  }
  const stored = all.map(({ name, dtype, shape, values }, index) => ({
    name,
    dtype,
    shape,
    elements: values.length,
    key: String(index),
  }));
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  // Pages that write no such file need not load zip.js.
  const { Uint8ArrayReader, ZipWriter } = await import('@zip.js/zip.js/lib/zip-core-native.js');
  const zip = new ZipWriter(
    new WritableStream<Uint8Array<ArrayBuffer>>({ write: (chunk) => void chunks.push(chunk) }),
    FIXED,
  );
  const add = (record: string, bytes: Uint8Array): Promise<unknown> =>
    zip.add(`${FOLDER}/${record}`, new Uint8ArrayReader(bytes));
  await add('data.pkl', pickleCheckpoint(stored, new Map(Object.entries(facts))));
  await add('byteorder', new TextEncoder().encode('little'));
  for (const [index, tensor] of all.entries()) {
    await add(`data/${index}`, encodeValues(tensor));
  }
  await add('version', new TextEncoder().encode(VERSION_RECORD));
  await zip.close();
  return chunks;
}
