import { existsSync } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { writeFilesTogether } from './atomic_files.js';
import { LOG_FILE, TENSORBOARD_FOLDER } from './training_log.js';

/** The first field of a log's first line, by which a folder is known to be a training's. */
export const TRAIN_PROGRAM = 'tfjs-maple train';

/** What a training writes. */
export const TRAIN_PARTS = {
  model: 'model',
  prompts: 'prompts',
  checkpoint: 'checkpoint',
  search: 'search.json',
  record: 'record.json',
  report: 'report.html',
  log: LOG_FILE,
  tensorboard: TENSORBOARD_FOLDER,
} as const;

/** What is to be done with what is in the folder. */
export interface FolderClaim {
  /** Goes on with the training that is there. */
  resume?: boolean;
  /** Begins anew: what a training wrote there is removed. */
  force?: boolean;
}

/** What {@link claimFolder} found. */
export interface ClaimedFolder {
  /** Whether there is a training to go on with. */
  goesOn: boolean;
  /** Makes the folder, or removes what a training before wrote, if that is to be. */
  prepare(): Promise<void>;
}

/**
 * Makes sure that a training may write into a folder; changes nothing yet.
 * @throws MapleError when something else is in the folder, or a training and neither `resume` nor `force`; or when it
 * lies among the pictures
 */
export async function claimFolder(folder: string, pictures: string, claim: FolderClaim): Promise<ClaimedFolder> {
  const { resume = false, force = false } = claim;
  if (resume && force) {
    throw new MapleError('`resume` goes on with a training and `force` begins anew: give one of them.');
  }
  mustLieOutside(folder, pictures);
  const names = await namesIn(folder);
  const training = names.length > 0 && (await isTraining(folder));
  if (names.length > 0 && !training && !force) {
    throw new MapleError(
      `${folder} must be a new or empty folder. Received: one that holds ${names.slice(0, 3).join(', ')}` +
        `${names.length > 3 ? ' and more' : ''}, which no training wrote. Name another by --out (\`out\`), or write into it nevertheless by --force.`,
    );
  }
  if (training && !force && !resume) {
    const done = existsSync(join(folder, TRAIN_PARTS.record)) ? 'a finished training' : 'a training that was stopped';
    throw new MapleError(
      `${folder} holds ${done} already. Go on with it by --resume, begin anew by --force, or name another folder by --out.`,
    );
  }
  const prepare = async (): Promise<void> => {
    for (const part of training && force ? Object.values(TRAIN_PARTS) : []) {
      await rm(join(folder, part), { recursive: true, force: true });
    }
    // Before minutes of training: whether the results can be kept.
    await writeFilesTogether(folder, []);
  };
  return { goesOn: training && resume, prepare };
}

/** Or the next training would take what this one wrote for pictures. */
function mustLieOutside(folder: string, pictures: string): void {
  const path = relative(resolve(pictures), resolve(folder));
  if (path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path)) {
    throw new MapleError(
      `The output folder must lie outside the pictures' folder ${pictures}. Received: ${folder}. Name another by --out.`,
    );
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined) {
    return [];
  }
  if (!found.isDirectory()) {
    throw new MapleError(`${folder} must be a folder. Received: a file. Name another by --out.`);
  }
  return (await readdir(folder)).filter((name) => !name.startsWith('.'));
}

/** By the first line of its log. */
async function isTraining(folder: string): Promise<boolean> {
  const file = await open(join(folder, LOG_FILE)).catch(() => undefined);
  if (file === undefined) {
    return false;
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.subarray(0, bytesRead).toString().startsWith(`{"event":"start","program":"${TRAIN_PROGRAM}"`);
  } finally {
    await file.close();
  }
}
