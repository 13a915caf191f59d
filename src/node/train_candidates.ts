import type { SearchParts } from '../data/search_parts.js';
import type { ImageDataset } from '../data/dataset.js';
import type { KnownFeatures } from '../evaluation/known_features.js';
import type { FewShotRecord, RunRecord, ValidationFigures } from '../evaluation/record.js';
import { isBetter } from '../evaluation/search/search_settings.js';
import { isHeadKind, type Head, type HeadKind } from '../heads/head.js';
import { digestOf } from '../training/training_state.js';
import type { RunMethod } from '../evaluation/run_methods.js';

/** A classifier that a training measures: a model, with a head on its features or without. */
export interface Candidate {
  record: FewShotRecord;
  head?: Head;
}

/** What candidates of one tower are measured with. */
export interface MeasureArgs {
  /** The run that made the tower's model. */
  run: RunRecord;
  dataset: ImageDataset;
  /** Pictures to choose by. */
  parts?: SearchParts;
  /** Heads that are fitted on the tower's features. */
  heads: readonly HeadKind[];
  seed: number;
}

/** What the validation pictures say of a tower's candidates, the model itself first, then its heads in their order. */
export async function validateAll(
  known: KnownFeatures,
  { train, validation }: SearchParts,
  heads: readonly HeadKind[],
  seed: number,
): Promise<ValidationFigures[]> {
  const found = [(await known.test(validation)).validation];
  for (const kind of heads) {
    found.push((await known.test(validation, await known.fit(kind, train, seed))).validation);
  }
  return found;
}

/** Tests a tower's model, and heads that are fitted on all shots. */
export async function testAll(
  known: KnownFeatures,
  { run, dataset, heads, seed }: Omit<MeasureArgs, 'parts'>,
  validations: readonly ValidationFigures[] = [],
): Promise<Candidate[]> {
  const recordOf = async (place: number, head?: Head): Promise<FewShotRecord> => ({
    ...run,
    ...(head === undefined ? {} : headFields(run, head)),
    protocol: 'few-shot',
    shots: head?.settings.shots ?? run.recipe?.shots ?? 0,
    ...(validations[place] === undefined ? {} : { validation: validations[place] }),
    testPictures: digestOf(dataset.test),
    test: (await known.test(dataset.test, head)).metrics,
  });
  const candidates: Candidate[] = [{ record: await recordOf(0) }];
  for (const [index, kind] of heads.entries()) {
    const head = await known.fit(kind, dataset.train, seed);
    candidates.push({ head, record: await recordOf(index + 1, head) });
  }
  return candidates;
}

/** A head on the frozen backbone is a method of its own; on a tuned one it is told beside the method. */
function headFields(run: RunRecord, { settings }: Head): Partial<RunRecord> {
  return {
    ...(run.recipe === undefined ? { method: settings.kind } : {}),
    head: settings,
    trainedParameters: (run.recipe === undefined ? 0 : run.trainedParameters) + settings.trainedParameters,
  };
}

/** What a training measures. */
export interface TrainPlan {
  /** Whether prompts are tuned. */
  tunes: boolean;
  /** Heads on the frozen features. */
  frozenHeads: HeadKind[];
  /** Heads on the tuned features. */
  tunedHeads: HeadKind[];
}

/** What a training of a method measures beside it. A head is no use where texts depend on the image (CoCoOp). */
export function trainPlan(method: RunMethod, heads: readonly HeadKind[]): TrainPlan {
  const own = isHeadKind(method) ? [method] : [];
  const tunes = method !== 'zeroShot' && own.length === 0;
  return {
    tunes,
    frozenHeads: [...new Set([...heads, ...own])],
    tunedHeads: tunes && method !== 'cocoop' ? [...heads] : [],
  };
}

/**
 * The candidate that is saved: of the method that was asked for; else the best on the validation pictures, or the tuned
 * method where it could not be measured on any.
 */
export function chosenOf(candidates: readonly Candidate[], asked: RunMethod | undefined): Candidate {
  const isPlain = ({ record: { method, head } }: Candidate): boolean => head === undefined || head.kind === method;
  const plain = candidates.filter(isPlain);
  const ofMethod = plain.find(({ record }) => record.method === asked);
  const measured = candidates.every(({ record }) => record.validation !== undefined);
  return ofMethod ?? (measured ? bestOf(candidates) : undefined) ?? plain[plain.length - 1];
}

/** The candidate that is best on the validation pictures; of equals the later. Undefined where one was not measured. */
export function bestOf(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>((best, candidate) => {
    const [before, now] = [best?.record.validation, candidate.record.validation];
    return now === undefined || (before !== undefined && isBetter(before, now)) ? best : candidate;
  }, undefined);
}
