import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingState } from '../training/training_state.js';
import { decodeTrainingState, encodeTrainingState } from '../training/training_state_file.js';
import { writeFilesTogether } from './atomic_files.js';
import { fileSource } from './file_source.js';

const FILE = 'state.safetensors';

/**
 * Keeps a training's state in a folder; the one before stays until the new one is whole.
 * @throws MapleError when it cannot be written
 */
export async function writeCheckpoint(folder: string, state: TrainingState): Promise<void> {
  await writeFilesTogether(folder, [{ name: FILE, chunks: await encodeTrainingState(state) }]);
}

/**
 * The state that {@link writeCheckpoint} kept in a folder; undefined where there is none.
 * @throws MapleError when the file is damaged
 */
export async function readCheckpoint(folder: string): Promise<TrainingState | undefined> {
  const path = join(folder, FILE);
  return existsSync(path) ? decodeTrainingState(await fileSource(path)) : undefined;
}
