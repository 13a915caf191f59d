import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import type { Backbone, SentenceBackbone, SentenceEncoder } from '../backbone/backbone.js';
import { openSentenceTower, sentenceTowerFiles } from '../sentences/sentence_tower_files.js';
import { writeFilesTogether } from './atomic_files.js';
import { fileSource } from './file_source.js';

const CONFIG_FILE = 'sentence_tower.json';
const WEIGHTS_FILE = 'sentence_tower.safetensors';

/**
 * Saves what `alignTextTower` trained: `sentence_tower.json` and `sentence_tower.safetensors`. On failure the folder
 * stays as it was.
 *
 * ```ts no-run
 * await saveSentenceTower(backbone, 'models/aligned');
 * const again = await loadSentenceTower('models/aligned', { image: clip, encoder });
 * ```
 * @throws MapleError when the folder cannot be written
 */
export async function saveSentenceTower(backbone: SentenceBackbone, folder: string): Promise<void> {
  const { config, weights } = await sentenceTowerFiles(backbone);
  await writeFilesTogether(folder, [
    { name: WEIGHTS_FILE, chunks: [weights] },
    { name: CONFIG_FILE, chunks: [new TextEncoder().encode(config)] },
  ]);
}

/**
 * The backbone that {@link saveSentenceTower} wrote.
 * @param of - the image backbone and the encoder that it was aligned with, which the folder does not hold
 * @throws MapleError naming the file and field that is wrong, or telling that the image tower or the encoder is another
 */
export async function loadSentenceTower(
  folder: string,
  of: { image: Backbone; encoder: SentenceEncoder },
): Promise<SentenceBackbone> {
  const name = join(folder, CONFIG_FILE);
  const config = await readFile(name, 'utf8').catch((error: Error) => {
    throw new MapleError(
      `${name} cannot be read: ${error.message}. Name the folder that saveSentenceTower wrote an aligned text tower to.`,
      { cause: error },
    );
  });
  return openSentenceTower({ name, config, weights: await fileSource(join(folder, WEIGHTS_FILE)) }, of);
}
