import type { FewShotRecord } from '../evaluation/record.js';
import { runLabels } from './run_labels.js';

/** Runs on the same test pictures, which can be compared picture by picture. */
export interface RunGroup {
  dataset: string;
  runs: LabelledRun[];
}

/** A run with what tells it from the others of its group. */
export interface LabelledRun {
  /** The method, and of its settings those in which runs of the method differ. */
  label: string;
  record: FewShotRecord;
}

/** Runs by the pictures they were tested on. */
export function comparedRuns(records: readonly FewShotRecord[]): RunGroup[] {
  const groups = new Map<string, FewShotRecord[]>();
  for (const record of records) {
    const { classNames, labels } = record.test;
    // Pictures held out by a seed have the same labels as those of another: only a digest, or the seed, tells them apart.
    const pictures = record.testPictures ?? `seed ${record.seed}`;
    const key = JSON.stringify([record.dataset, record.split, classNames, labels, pictures]);
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups.values()].map((runs) => {
    const labels = runLabels(runs);
    return { dataset: runs[0].dataset, runs: runs.map((record, index) => ({ label: labels[index], record })) };
  });
}

/** Few-shot records by what they are for. */
export interface FewShotKinds {
  /** Points of a study's curves over shots, data sets and seeds. */
  study: FewShotRecord[];
  /** Trainings, to be compared run by run. */
  trainings: FewShotRecord[];
}

/**
 * Parts few-shot records: what `train` wrote has a digest of its test pictures. Others are a study's where they vary over
 * data sets, seeds or shots, each cell once.
 */
export function fewShotKinds(records: readonly FewShotRecord[]): FewShotKinds {
  const others = records.filter(({ testPictures }) => testPictures === undefined);
  if (isStudy(others)) {
    return { study: others, trainings: records.filter(({ testPictures }) => testPictures !== undefined) };
  }
  return { study: [], trainings: [...records] };
}

function isStudy(records: readonly FewShotRecord[]): boolean {
  const kinds = (of: (record: FewShotRecord) => unknown): number => new Set(records.map(of)).size;
  const cells = new Set(
    records.map(({ method, shots, dataset, seed }) => JSON.stringify([method, shots, dataset, seed])),
  );
  const numbersOfShots = kinds(({ shots }) => shots) - (records.some(({ shots }) => shots === 0) ? 1 : 0);
  const varies = kinds(({ dataset }) => dataset) > 1 || kinds(({ seed }) => seed) > 1 || numbersOfShots > 1;
  return varies && cells.size === records.length;
}
