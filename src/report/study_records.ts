import type {
  AnyRecord,
  BaseToNewRecord,
  ComplexityRecord,
  ExperimentRecord,
  FewShotRecord,
  GalleryRecord,
  TransferRecord,
} from '../evaluation/record.js';
import { RUN_METHODS } from '../evaluation/run_methods.js';
import { fewShotKinds } from './compared_runs.js';
import { counted } from './numbers.js';
import { withoutRepeats } from './repeated_runs.js';

/** The records of a report by what they are for; every list in the order of the paper's methods. */
export interface StudyRecords {
  /** Base to new, every method in its usual form. */
  baseToNew: BaseToNewRecord[];
  /** Base to new with a `setting`. */
  ablations: BaseToNewRecord[];
  transfer: TransferRecord[];
  /** Of a study: curves over shots, data sets and seeds. */
  fewShot: FewShotRecord[];
  /** Of trainings, to be compared run by run. */
  trainings: FewShotRecord[];
  gallery: GalleryRecord[];
  complexity: ComplexityRecord[];
  /** All but the complexity records. */
  runs: ExperimentRecord[];
  /** What is not shown and why, in sentences. */
  leftOut: string[];
}

/** Sorts records, each run once. Where there are runs on test pictures, those on validation pictures are left out. */
export function studyRecords(records: readonly AnyRecord[]): StudyRecords {
  const runs = withoutRepeats(records.filter((record): record is ExperimentRecord => record.protocol !== 'complexity'));
  const onTest = runs.filter(({ split }) => split === 'test');
  const shown = onTest.length === 0 ? runs : onTest;
  const ordered = RUN_METHODS.flatMap((method) => shown.filter((record) => record.method === method));
  const usual = <P extends ExperimentRecord['protocol']>(protocol: P) =>
    ordered.filter(
      (record): record is Extract<ExperimentRecord, { protocol: P }> =>
        record.protocol === protocol && record.setting === undefined,
    );
  const ablations = ordered.filter(
    (record): record is BaseToNewRecord => record.protocol === 'base-to-new' && record.setting !== undefined,
  );
  const fewShot = fewShotKinds(ordered.filter((record): record is FewShotRecord => record.protocol === 'few-shot'));
  const otherSettings = shown.filter(
    (record) =>
      record.protocol !== 'base-to-new' &&
      record.setting !== undefined &&
      !(fewShot.trainings as ExperimentRecord[]).includes(record),
  );
  return {
    baseToNew: usual('base-to-new'),
    ablations,
    transfer: usual('transfer'),
    fewShot: fewShot.study.filter(({ setting }) => setting === undefined),
    trainings: fewShot.trainings,
    gallery: usual('gallery'),
    complexity: records.filter((record) => record.protocol === 'complexity'),
    runs: shown,
    leftOut: [
      ...(shown.length < runs.length
        ? [`${counted(runs.length - shown.length, 'run')} on validation pictures not shown.`]
        : []),
      ...(otherSettings.length > 0
        ? [`${counted(otherSettings.length, 'run')} of other protocols than base to new with a setting not shown.`]
        : []),
    ],
  };
}
