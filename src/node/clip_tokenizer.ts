import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ClipTokenizer } from '../clip/tokenizer.js';
import { packageFolder } from './package_folder.js';

/** OpenAI's tokeniser (49,408 ids), which comes with the package and serves every CLIP of OpenAI's and LAION's. */
export async function loadClipTokenizer(): Promise<ClipTokenizer> {
  const packed = await readFile(join(packageFolder(), 'assets', 'clip-tokenizer', 'merges.txt.gz'));
  return ClipTokenizer.fromMerges((await promisify(gunzip)(packed)).toString('utf8'));
}
