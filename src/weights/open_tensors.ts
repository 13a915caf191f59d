import type { ByteSource } from './byte_source.js';
import { openSafetensors } from './safetensors.js';
import type { TensorFile } from './tensor_file.js';
import { tensorFormat } from './torch/file_format.js';
import { openTorch } from './torch/open_torch.js';

/**
 * Opens a file of named tensors by what its first bytes say it is: safetensors, or PyTorch's.
 *
 * ```ts
 * const file = await openTensors(blobSource('ViT-B-16.pt', blob));
 * ```
 * @throws MapleError when it is neither, or damaged
 */
export async function openTensors(source: ByteSource): Promise<TensorFile> {
  return (await tensorFormat(source)) === 'safetensors' ? openSafetensors(source) : openTorch(source);
}
