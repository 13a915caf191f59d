import type { AnyRecord, FewShotRecord, TransferRecord } from '../evaluation/record.js';
import { resample, type Resampled } from './bootstrap.js';
import { comparableRuns } from './comparable.js';
import { datasetsOf } from './base_to_new_tables.js';
import { fewShotCurves } from './few_shot_tables.js';
import { findingOf, type StudyFinding } from './finding.js';
import { METHOD_TITLES, methodInText } from './methods.js';
import { counted, listed, percent, points, thousands } from './numbers.js';
import { studyRecords, type StudyRecords } from './study_records.js';
import { meanOverDatasets, summarise, testPictures, type MethodSummary } from './summary.js';
import { trainFinding } from './train_finding.js';
import { commonTargets, meanOnTargets } from './transfer_tables.js';

/** What some records say in sentences, as their report does at its top. */
export function recordsFinding(records: readonly AnyRecord[]): StudyFinding {
  const study = studyRecords(records);
  const summaries = study.baseToNew.length === 0 ? [] : summarise(study.baseToNew);
  return studyFinding(study, summaries, summaries.length === 0 ? undefined : resample(summaries));
}

/** Base to new comes first; where it is missing, what there is gives the headline. */
export function studyFinding(
  { transfer, fewShot, trainings, complexity, runs }: StudyRecords,
  summaries: readonly MethodSummary[],
  resampled: Resampled | undefined,
): StudyFinding {
  const compared = trainings.length === 0 ? undefined : trainFinding(trainings);
  const others = [
    ...transferSentences(transfer, 'dataset'),
    ...transferSentences(transfer, 'domain'),
    ...fewShotSentences(fewShot),
    ...(compared === undefined ? [] : [compared.headline]),
  ];
  if (resampled !== undefined) {
    const { headline, details } = findingOf(summaries, resampled);
    return { headline, lead: protocolOf(summaries), details: [...details, ...others] };
  }
  if (compared !== undefined && runs.length === trainings.length) {
    return compared;
  }
  const plain =
    complexity.length === 0 || runs.length > 0 ? 'Runs without a comparison of methods.' : 'What methods cost.';
  const [headline = plain, ...details] = others;
  const extent = `${counted(runs.length, 'run')} on ${counted(datasetsOf(runs).length, 'data set')}`;
  return { headline, lead: runs.length === 0 ? 'From measurements of cost.' : `From ${extent}.`, details };
}

/** How base to new was tested. */
function protocolOf(summaries: readonly MethodSummary[]): string {
  const { runs } = summaries[0];
  const datasets = datasetsOf(runs).length;
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  const shots = summaries.flatMap((summary) => summary.runs).find(({ recipe }) => recipe)?.recipe?.shots;
  const tuned = shots === undefined ? '' : `Tuned on ${counted(shots, 'picture')} of each base class. `;
  const [base, novel] = (['base', 'new'] as const).map((split) => ({
    pictures: thousands(testPictures(summaries[0], split)),
    names: datasets === 1 ? `the ${runs[0][split].classNames.length} ${split}` : `their data set’s ${split}`,
  }));
  return (
    `${tuned}Tested on ${base.pictures} pictures of base classes among ${base.names} names, and on ` +
    `${novel.pictures} of classes never trained on among ${novel.names} names. ` +
    `From ${counted(datasets, 'data set')} and ${counted(seeds, 'seed')}.`
  );
}

function transferSentences(records: readonly TransferRecord[], kind: 'dataset' | 'domain'): string[] {
  const names = commonTargets(records, kind);
  if (names.length === 0) {
    return [];
  }
  const means = [...comparableRuns(records).groups.values()].map((runs) => ({
    method: runs[0].method,
    mean: meanOverDatasets(runs, (run) => meanOnTargets(run, names)),
  }));
  const targets = kind === 'dataset' ? counted(names.length, 'other data set') : counted(names.length, 'other domain');
  return [ranking(`Carried over to ${targets}`, means)];
}

function fewShotSentences(records: readonly FewShotRecord[]): string[] {
  if (records.length === 0) {
    return [];
  }
  const { curves, shots } = fewShotCurves(records);
  const most = shots[shots.length - 1];
  const means = curves.flatMap(({ method, scores }) => {
    const score = scores.get(method === 'zeroShot' ? 0 : most);
    return score === undefined ? [] : [{ method, mean: score.mean }];
  });
  return [ranking(most === undefined ? 'Among all classes' : `With ${counted(most, 'shot')} of every class`, means)];
}

/** The highest mean against the next; chance is not reckoned here, and so no method is called the best. */
function ranking(where: string, means: readonly { method: MethodSummary['method']; mean: number }[]): string {
  const [first, second] = [...means].sort((one, other) => other.mean - one.mean);
  const start = `${where}, ${METHOD_TITLES[first.method]} has`;
  const tied = means.filter(({ mean }) => percent(mean) === percent(first.mean));
  if (tied.length > 1) {
    const names = listed(tied.map(({ method }) => METHOD_TITLES[method]));
    return `${where}, ${names} have the highest average accuracy, ${percent(first.mean)}%.`;
  }
  return second === undefined
    ? `${start} an accuracy of ${percent(first.mean)}%.`
    : `${start} the highest average accuracy, ${percent(first.mean)}%, ` +
        `${points(first.mean - second.mean)} above ${methodInText(second.method)}.`;
}
