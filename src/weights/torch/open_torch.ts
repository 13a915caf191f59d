import { MapleError } from '../../../layers/errors.js';
import type { ByteSource } from '../byte_source.js';
import { tensorFormat } from './file_format.js';
import type { TorchFile } from './torch_file.js';

/**
 * Opens a file of torch.save or torch.jit.save without running anything it says: tensors, containers and plain values
 * are read, all other objects stay closed. Reads the structure only; a tensor is read from its place in the file when
 * it is asked for.
 *
 * ```ts
 * const file = await openTorch(blobSource('model.pth.tar-5', blob));
 * const { shape, values } = await file.read('prompt_learner.ctx');
 * file.facts.get('epoch');
 * ```
 * @throws MapleError naming file, record and byte
 */
export async function openTorch(source: ByteSource): Promise<TorchFile> {
  const format = await tensorFormat(source);
  if (format === 'safetensors') {
    throw new MapleError(`${source.name} must be a file of torch.save or torch.jit.save. Is it a safetensors file?`);
  }
  // A page that opens no such file does not fetch what reads it.
  return format === 'torchArchive'
    ? (await import('./torch_archive.js')).openTorchArchive(source)
    : (await import('./torch_legacy.js')).openTorchLegacy(source);
}
