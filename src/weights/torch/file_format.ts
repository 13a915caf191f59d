import { MapleError } from '../../../layers/errors.js';
import type { ByteSource } from '../byte_source.js';

/** The formats of tensors that this library reads. */
export type TensorFormat = 'torchArchive' | 'torchLegacy' | 'safetensors';

/** What people have in place of the file they mean, by how it begins, and what to do about it. */
const LOOKALIKES: readonly { begins: string; at: number; advice: string }[] = [
  {
    begins: 'version https://git-lfs',
    at: 0,
    advice: 'is a Git LFS pointer, not the file it points to. Run `git lfs pull`, or download the file itself.',
  },
  { begins: '<', at: 0, advice: 'is a web page. Download the file itself, not the page that shows it.' },
  {
    begins: 'ustar',
    at: 257,
    advice:
      'is a tar archive. If PyTorch before 0.1.10 wrote it, save it again: torch.save(torch.load(f), g). ' +
      'If it is a packed folder, unpack it.',
  },
  { begins: '\x1f\x8b', at: 0, advice: 'is compressed by gzip. Unpack it first: gunzip.' },
  { begins: '\x89HDF', at: 0, advice: 'is an HDF5 file of Keras, which this library does not read.' },
  { begins: '\x93NUMPY', at: 0, advice: 'is a NumPy array. Save a state dict with torch.save or safetensors instead.' },
];
const LONGEST_START = 262;

/**
 * What kind of file of tensors this is, by its first bytes.
 * @throws MapleError when it is another kind of file, with what to do
 */
export async function tensorFormat(source: ByteSource): Promise<TensorFormat> {
  const bytes = await source.read(0, Math.min(source.size, LONGEST_START));
  const start = String.fromCharCode(...bytes);
  const lookalike = LOOKALIKES.find(({ begins, at }) => start.startsWith(begins, at));
  // A safetensors file begins with a length, of which 0x3c, "<", can be the first byte; a brace follows it.
  if (lookalike !== undefined && start[8] !== '{') {
    throw new MapleError(`${source.name} ${lookalike.advice}`);
  }
  return start.startsWith('PK')
    ? 'torchArchive'
    : start.startsWith('\x80') && start[8] !== '{'
      ? 'torchLegacy'
      : 'safetensors';
}
