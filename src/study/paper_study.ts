import { MapleError } from '../../layers/errors.js';
import { paperStudyData } from '../datasets/paper_study_data.js';
import type { StudyData, StudyOptions } from './study_data.js';

/**
 * The paper's data sets as a study's data, `--data paper --root <folder>`.
 * @throws MapleError without a root
 */
export function studyData({ root }: StudyOptions): StudyData {
  if (root === undefined) {
    throw new MapleError('`--root` must name the folder of the paper’s data sets. Received: none.');
  }
  return paperStudyData({ root });
}
