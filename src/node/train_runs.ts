import { join } from 'node:path';
import { Callback, type LayersModel } from '@tensorflow/tfjs-layers';
import { modelMetadata } from '../backbone/model_metadata.js';
import type { SearchParts } from '../data/search_parts.js';
import { evaluateClassifier } from '../evaluation/evaluate.js';
import { KnownFeatures } from '../evaluation/known_features.js';
import type { FewShotRecord, ValidationFigures } from '../evaluation/record.js';
import { measureOn } from '../evaluation/search/measure.js';
import { recipeText } from '../evaluation/search/ladder.js';
import { tuneRun, type RunArgs, type TunedRun } from '../evaluation/tuned_run.js';
import type { HeadKind } from '../heads/head.js';
import { METHOD_TITLES } from '../report/methods.js';
import { digestOf, type TrainingState } from '../training/training_state.js';
import { LateBar } from './late_bar.js';
import { testAll, validateAll, type Candidate } from './train_candidates.js';
import { TRAIN_PARTS } from './train_folder.js';
import { writeCheckpoint } from './training_checkpoint.js';
import type { TrainingLog } from './training_log.js';
import { TrainingProgress } from './training_progress.js';

/** What the runs of a training are told. */
export interface TrainRunArgs extends RunArgs {
  /** Pictures to choose by. */
  parts?: SearchParts;
  /** Heads that are measured on the features. */
  heads: readonly HeadKind[];
  /** Stops after the batch under way. */
  signal?: AbortSignal;
  /** Told what begins, a line each. */
  onStage?: (text: string) => void;
}

/** What a frozen backbone is worth on a training's pictures. */
export interface FrozenRun {
  candidates: Candidate[];
  /** Mean cross-entropy of zero-shot on the training pictures. */
  startLoss: number;
}

/**
 * Measures zero-shot, and heads on the features of the frozen backbone: on the validation pictures fitted without them, on
 * the test pictures fitted on all shots. The tower sees each picture once.
 */
export async function measureFrozen(args: TrainRunArgs, log: TrainingLog): Promise<FrozenRun> {
  const { dataset, parts, heads, signal, loader, seed = 1, onStage } = args;
  onStage?.(heads.length === 0 ? 'Testing zero-shot' : 'Testing zero-shot, and classifiers on its features');
  const run = await tuneRun(args, dataset, dataset.test.length);
  const bar = new LateBar('  features of all pictures');
  try {
    const pictures = [...dataset.train, ...(parts?.validation ?? []), ...dataset.test];
    const known = await KnownFeatures.of(run.model, pictures, { loader, onProgress: stoppable(bar, signal) });
    const validations = parts === undefined ? [] : await validateAll(known, parts, heads, seed);
    const candidates = await testAll(known, { run: run.finish(), dataset, heads, seed }, validations);
    candidates.forEach(({ record }) => logTest(log, record));
    const { loss: startLoss } = (await known.test(dataset.train)).validation;
    return { candidates, startLoss };
  } finally {
    bar.stop();
    run.model.dispose();
  }
}

/** How a method's training is kept and gone on with. */
export interface TuningArgs {
  log: TrainingLog;
  /** The training's folder. */
  out: string;
  resumeFrom?: TrainingState;
  /** Whether to test on the data set's validation pictures after each epoch. */
  validate: boolean;
}

/** Trains; the state is kept after each epoch, and where the signal stops it. */
export async function tune(
  args: TrainRunArgs,
  { log, out, resumeFrom, validate }: TuningArgs,
): Promise<{ run: TunedRun; seconds?: number }> {
  const { method, signal, dataset, recipe } = args;
  const title = METHOD_TITLES[method];
  args.onStage?.(`Tuning ${title}: ${recipeText(recipe)}`);
  const progress = new TrainingProgress(`  tuning ${title}`);
  let seconds = resumeFrom?.seconds;
  const onState = async (state: TrainingState): Promise<void> => {
    await writeCheckpoint(join(out, TRAIN_PARTS.checkpoint), state);
    log.addState(state);
    seconds = state.seconds;
  };
  const validation = validate && dataset.validation.length > 0 ? [new Validation(args, log)] : [];
  const callbacks = [progress, log.batches(resumeFrom?.steps, resumeFrom?.within?.batches), ...validation];
  try {
    const training = { resumeFrom, onState, signal };
    return { run: await tuneRun({ ...args, callbacks, training }, dataset, dataset.test.length), seconds };
  } finally {
    progress.stop();
  }
}

/** Tests a tuned model, and heads on its features where its texts do not depend on the image. */
export async function measureTuned(
  args: TrainRunArgs,
  { run, seconds }: Awaited<ReturnType<typeof tune>>,
  log: TrainingLog,
  found: readonly ValidationFigures[] | undefined,
): Promise<Candidate[]> {
  const { dataset, heads, signal, loader, seed = 1, method } = args;
  const title = METHOD_TITLES[method];
  args.onStage?.(`Testing ${title}${heads.length === 0 ? '' : ', and classifiers on its features'}`);
  const bar = new LateBar(`  testing ${title}`);
  // Validation pictures that are shots were trained on: only a search without them can tell.
  const parts = found === undefined && args.parts?.heldOut === false ? args.parts : undefined;
  try {
    const onProgress = stoppable(bar, signal);
    if (modelMetadata(run.model).design.conditioning === 'metaNet') {
      const test = await evaluateClassifier(run.model, dataset.test, { loader, onProgress });
      const validation = found?.[0] ?? (parts && (await measureOn(run.model, parts.validation, { loader })));
      const record = {
        ...finished(run, seconds),
        ...(validation === undefined ? {} : { validation }),
        testPictures: digestOf(dataset.test),
        test,
      };
      logTest(log, record);
      return [{ record }];
    }
    const pictures = [...dataset.train, ...(parts?.validation ?? []), ...dataset.test];
    const known = await KnownFeatures.of(run.model, pictures, { loader, onProgress });
    const validations = found ?? (parts === undefined ? [] : await validateAll(known, parts, heads, seed));
    const whole = finished(run, seconds);
    const candidates = await testAll(known, { run: whole, dataset, heads, seed }, validations);
    candidates.forEach(({ record }) => logTest(log, record));
    return candidates;
  } finally {
    bar.stop();
  }
}

/** A run's record with the seconds of all of its training. */
function finished(run: TunedRun, seconds: number | undefined): Omit<FewShotRecord, 'test'> {
  const record = run.finish();
  const trainSeconds = seconds ?? record.trainSeconds;
  return { ...record, trainSeconds, protocol: 'few-shot', shots: record.recipe?.shots ?? 0 };
}

/** Shows what is done, and throws the signal's reason between two batches. */
function stoppable(bar: LateBar, signal: AbortSignal | undefined): (done: number, total: number) => void {
  return (done, total) => {
    bar.update(done, total);
    signal?.throwIfAborted();
  };
}

/** Tests on the validation pictures after each epoch. */
class Validation extends Callback {
  constructor(
    private readonly args: Pick<RunArgs, 'dataset' | 'loader'>,
    private readonly log: TrainingLog,
  ) {
    super();
  }

  override async onEpochEnd(epoch: number): Promise<void> {
    const { dataset, loader } = this.args;
    const { accuracy, macroF1, pictures } = await evaluateClassifier(this.model as LayersModel, dataset.validation, {
      loader,
    });
    this.log.addCurves({ 'validation/accuracy': accuracy }, epoch + 1);
    this.log.add({ event: 'validation', epoch, accuracy, macroF1, pictures });
  }
}

function logTest(
  log: TrainingLog,
  { method, head, recipe, validation, test, testSeconds: seconds }: FewShotRecord,
): void {
  const { accuracy, macroF1, pictures } = test;
  const name = head === undefined || head.kind === method ? method : `${method}_${head.kind}`;
  log.addCurves({ [`test/${name}_accuracy`]: accuracy, [`test/${name}_macro_f1`]: macroF1 }, recipe?.epochs ?? 0);
  log.add({ event: 'test', method, head: head?.kind, validation, accuracy, macroF1, pictures, seconds });
}
