import { stat } from 'node:fs/promises';
import { MapleError } from '../../layers/errors.js';
import { paperStudyData } from '../datasets/paper_study_data.js';
import type { StudyData, StudyOptions } from './study_data.js';

const ROOT_RULE = '`--root` must name the folder of the paper’s data sets.';

/**
 * The paper's data sets as a study's data, `--data paper --root <folder>`.
 * @throws MapleError without a root, or one that is no folder
 */
export async function studyData({ root }: StudyOptions): Promise<StudyData> {
  if (root === undefined) {
    throw new MapleError(`${ROOT_RULE} Received: none.`);
  }
  const found = await stat(root).catch(() => undefined);
  if (!found?.isDirectory()) {
    const received = found === undefined ? 'which does not exist' : 'a file';
    throw new MapleError(`${ROOT_RULE} Received: ${root}, ${received}. docs/reproducing.md tells what is to be in it.`);
  }
  return paperStudyData({ root });
}
