import { MapleError } from '../../../layers/errors.js';
import type { ByteSource } from '../byte_source.js';
import { tensorFormat } from './file_format.js';
import { openTorchArchive } from './torch_archive.js';
import type { TorchFile } from './torch_file.js';
import { openTorchLegacy } from './torch_legacy.js';

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
  return format === 'torchArchive' ? openTorchArchive(source) : openTorchLegacy(source);
}
