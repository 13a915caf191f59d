import type { FewShotRecord } from '../evaluation/record.js';
import { recordTitle } from './methods.js';

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

/** What runs of a method can differ in, for people. */
const SETTINGS: readonly [name: string, of: (record: FewShotRecord) => unknown][] = [
  ['setting', ({ setting }) => setting],
  ['backbone', ({ backbone }) => backbone.name],
  ['weights', ({ backbone }) => backbone.identity.slice(0, 8)],
  ['shots', ({ shots }) => shots],
  ['seed', ({ seed }) => seed],
  ['rate', ({ recipe }) => recipe && Number(recipe.learningRate.toPrecision(3))],
  ['batch', ({ recipe }) => recipe?.batchSize],
  ['epochs', ({ recipe }) => recipe?.epochs],
  ['depth', ({ design }) => [...new Set([design.textDepth, design.visionDepth])].join('+')],
  ['length', ({ design }) => [...new Set([design.textLength, design.visionLength])].join('+')],
  ['loss', ({ recipe }) => recipe?.loss],
  ['prefix', ({ design }) => design.prefix],
  ['texts', ({ templates }) => templates?.join(' | ')],
  ['finished', ({ finished }) => finished],
];

/** Runs by the pictures they were tested on; of runs that are the same in all but time and place, the first. */
export function comparedRuns(records: readonly FewShotRecord[]): RunGroup[] {
  const groups = new Map<string, FewShotRecord[]>();
  for (const record of withoutRepeats(records)) {
    const { classNames, labels } = record.test;
    // Pictures held out by a seed have the same labels as those of another: only a digest, or the seed, tells them apart.
    const pictures = record.testPictures ?? `seed ${record.seed}`;
    const key = JSON.stringify([record.dataset, record.split, classNames, labels, pictures]);
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups.values()].map((runs) => ({ dataset: runs[0].dataset, runs: labelled(runs) }));
}

/** Whether records are of trainings to be compared, not points of a study's curves over shots, data sets and seeds. */
export function areTrainings(records: readonly FewShotRecord[]): boolean {
  const kinds = (of: (record: FewShotRecord) => unknown): number => new Set(records.map(of)).size;
  const cells = records.map(({ method, shots, dataset, seed }) => JSON.stringify([method, shots, dataset, seed]));
  const isStudy =
    kinds(({ dataset }) => dataset) > 1 ||
    kinds(({ seed }) => seed) > 1 ||
    kinds(({ shots }) => shots) - (records.some(({ shots }) => shots === 0) ? 1 : 0) > 1;
  return records.some(({ chosen }) => chosen !== undefined) || new Set(cells).size < cells.length || !isStudy;
}

/** Zero-shot that two trainings measured on the same pictures is one run. */
function withoutRepeats(records: readonly FewShotRecord[]): FewShotRecord[] {
  const seen = new Map<string, FewShotRecord>();
  for (const record of records) {
    const { method, head, dataset, split, design, templates, recipe, backbone, test, testPictures, history } = record;
    const seed = recipe === undefined && testPictures !== undefined ? undefined : record.seed;
    const { identity } = backbone;
    const losses = history.map(({ loss }) => loss);
    const key = JSON.stringify([
      method,
      head,
      dataset,
      split,
      seed,
      design,
      templates,
      recipe,
      identity,
      test,
      testPictures,
      losses,
    ]);
    const first = seen.get(key);
    // Of the two, the one that a training took says more.
    if (first === undefined || (record.chosen && !first.chosen)) {
      seen.set(key, record);
    }
  }
  return [...seen.values()];
}

function labelled(runs: readonly FewShotRecord[]): LabelledRun[] {
  return runs.map((record) => {
    const title = recordTitle(record);
    const alike = runs.filter((other) => recordTitle(other) === title);
    const differ = SETTINGS.filter(([, of]) => new Set(alike.map(of)).size > 1);
    // The time of a run says little, and is told only where nothing else differs.
    const told = differ.length > 1 ? differ.filter(([name]) => name !== 'finished') : differ;
    const settings = told.map(([name, of]) => `${name} ${String(of(record) ?? 'none')}`);
    return { label: settings.length === 0 ? title : `${title} (${settings.join(', ')})`, record };
  });
}
