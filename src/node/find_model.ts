import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import { PROMPT_CONFIG_FILE } from '../weights/prompt_files.js';

/** What a path leads to. */
export interface FoundModel {
  /** `model`: a whole tfjs model, as `model.save` writes it; `prompts`: what `savePrompts` writes, to be put on a backbone. */
  kind: 'model' | 'prompts';
  folder: string;
}

const PLACES = {
  model: ['model.json', join('model', 'model.json')],
  prompts: [PROMPT_CONFIG_FILE, join('prompts', PROMPT_CONFIG_FILE)],
} as const;

/** What a training keeps before it has a model. */
const UNFINISHED = 'checkpoint';

/**
 * The model in a folder: a saved model, a folder of prompts, or the folder that `tfjs-maple train` wrote, which holds
 * both.
 * @param path - the folder, or model.json in it
 * @param preferred - what to take where both are there. Default: the whole model.
 * @param alsoTaken - what else the caller takes, for the message
 * @throws MapleError when there is neither
 */
export async function findModel(
  path: string,
  preferred: FoundModel['kind'] = 'model',
  alsoTaken = '',
): Promise<FoundModel> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    throw new MapleError(`A model must be a folder on this machine. Received: ${path}. Download it first.`);
  }
  const folder = basename(path) === 'model.json' ? dirname(path) : path;
  for (const kind of preferred === 'model' ? (['model', 'prompts'] as const) : (['prompts', 'model'] as const)) {
    const place = PLACES[kind].find((name) => existsSync(join(folder, name)));
    if (place !== undefined) {
      return { kind, folder: dirname(join(folder, place)) };
    }
  }
  const found = await stat(folder).catch(() => undefined);
  if (existsSync(join(folder, UNFINISHED))) {
    throw new MapleError(
      `${path} must be a model. Received: a training that was stopped before it had one. Go on with it: the same ` +
        `\`tfjs-maple train\` with --resume.`,
    );
  }
  const received = found === undefined ? 'no such folder' : found.isDirectory() ? 'none of these' : 'a file';
  throw new MapleError(
    `${path} must be a model. Received: ${received}. Name a folder that holds a model.json (from model.save), ` +
      `${PROMPT_CONFIG_FILE} (from savePrompts), ${alsoTaken}or what \`tfjs-maple train\` wrote.`,
  );
}
