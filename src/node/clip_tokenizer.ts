import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { MapleError } from '../../layers/errors.js';
import { ClipTokenizer } from '../tokenizers/clip_tokenizer.js';
import { namingFile } from './naming_file.js';
import { packageFolder } from './package_folder.js';

const FORMS = 'tokenizer.json, vocab.json with merges.txt, or a file of merges (bpe_simple_vocab_16e6.txt or .txt.gz)';

/**
 * A CLIP tokeniser from disk. Without a path it is OpenAI's (49,408 ids), which comes with the package and serves every
 * CLIP of OpenAI's and LAION's.
 * @param path - a tokenizer.json; a file of merges, packed by gzip or not; or a folder that holds tokenizer.json, or
 * vocab.json and merges.txt
 * @throws MapleError naming the file when there is none or it is no CLIP tokeniser
 */
export async function loadClipTokenizer(path?: string): Promise<ClipTokenizer> {
  if (path === undefined) {
    return ClipTokenizer.fromMerges(await readText(join(packageFolder(), 'assets', 'clip-tokenizer', 'merges.txt.gz')));
  }
  const found = await stat(path).catch((error: Error) => {
    throw new MapleError(`${path} cannot be read: ${error.message}. Expected: ${FORMS}.`, { cause: error });
  });
  if (found.isDirectory()) {
    return fromFolder(path);
  }
  return path.endsWith('.json')
    ? namingFile(path, async () => ClipTokenizer.fromJson(await readJson(path)))
    : namingFile(path, async () => ClipTokenizer.fromMerges(await readText(path)));
}

async function fromFolder(folder: string): Promise<ClipTokenizer> {
  const [whole, vocabulary, merges] = ['tokenizer.json', 'vocab.json', 'merges.txt'].map((name) => join(folder, name));
  if (existsSync(whole)) {
    return loadClipTokenizer(whole);
  }
  if (!existsSync(vocabulary) || !existsSync(merges)) {
    throw new MapleError(
      `${folder} must hold tokenizer.json, or vocab.json and merges.txt. ` +
        "For CLIP's own tokeniser call loadClipTokenizer() without a path.",
    );
  }
  return namingFile(`${vocabulary} with merges.txt`, async () =>
    ClipTokenizer.fromVocabularyAndMerges(
      (await readJson(vocabulary)) as Record<string, number>,
      await readText(merges),
    ),
  );
}

async function readJson(path: string): Promise<object> {
  const value: unknown = JSON.parse(await readText(path));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MapleError('It must hold a JSON object.');
  }
  return value;
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (packed ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
}
