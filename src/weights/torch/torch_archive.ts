import { MapleError } from '../../../layers/errors.js';
import type { ByteSource } from '../byte_source.js';
import { readPickle } from './pickle_reader.js';
import { scriptClasses } from './script_classes.js';
import type { FindStorage } from './storage_request.js';
import { torchContent } from './torch_content.js';
import { TorchFile } from './torch_file.js';
import { torchKnowledge } from './torch_knowledge.js';
import { openZip } from './zip_archive.js';
import type { ZipArchive } from './zip_archive.js';

/** A checkpoint of a thousand tensors has some 100 kB. */
const LARGEST_PICKLE = 32 * 2 ** 20;
const LARGEST_WORD = 64;

/**
 * Opens the ZIP archive that torch.save writes since PyTorch 1.6, or one of torch.jit.save.
 * @throws MapleError naming file, record and byte
 */
export async function openTorchArchive(source: ByteSource): Promise<TorchFile> {
  const archive = await openZip(source);
  const folder = topFolder(archive, source.name);
  await checkByteOrder(archive, folder, source.name);
  const record = `${folder}data.pkl`;
  const knowledge = torchKnowledge(storagesOf(archive, folder));
  const pickle = await archive.read(record, LARGEST_PICKLE);
  const { value, inertClasses } = readPickle(pickle, `${source.name}: ${record}`, knowledge);
  const attributesOf = await scriptClasses(archive, folder, inertClasses);
  return new TorchFile(source, torchContent(value, source.name, attributesOf), [...inertClasses].sort());
}

/** The one folder of the archive that holds data.pkl. */
function topFolder(archive: ZipArchive, file: string): string {
  const pickles = archive.names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) {
    throw new MapleError(
      `${file} must be an archive of torch.save or torch.jit.save with one record */data.pkl. ` +
        `Received: ${pickles.length > 1 ? pickles.join(', ') : archive.names.slice(0, 5).join(', ') || 'no record'}.`,
    );
  }
  return pickles[0].slice(0, -'data.pkl'.length);
}

/** Archives before PyTorch 2.1 have no such record; all of them are little-endian in practice. */
async function checkByteOrder(archive: ZipArchive, folder: string, file: string): Promise<void> {
  const record = `${folder}byteorder`;
  if (archive.size(record) === undefined) {
    return;
  }
  const order = new TextDecoder().decode(await archive.read(record, LARGEST_WORD));
  if (order !== 'little') {
    throw new MapleError(
      `${file}: the record ${record} must be "little". Received: ${JSON.stringify(order)}. ` +
        'Save the file again on a little-endian machine.',
    );
  }
}

function storagesOf(archive: ZipArchive, folder: string): FindStorage {
  return ({ key, dtype, bytes }, fail) => {
    const record = `${folder}data/${key}`;
    const size = archive.size(record) ?? fail(`the storage ${record} is missing. Is the file complete?`);
    if (bytes > size) {
      fail(`the storage ${record} must have ${bytes} bytes. Received: ${size}.`);
    }
    return { kind: 'storage', record, dtype, bytes, locate: () => archive.locate(record) };
  };
}
