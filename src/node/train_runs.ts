import { join } from 'node:path';
import { Callback, type LayersModel } from '@tensorflow/tfjs-layers';
import { evaluateClassifier } from '../evaluation/evaluate.js';
import { runFewShot } from '../evaluation/few_shot.js';
import type { FewShotRecord } from '../evaluation/record.js';
import type { RunArgs } from '../evaluation/tuned_run.js';
import { METHOD_TITLES } from '../report/methods.js';
import type { TrainingState } from '../training/training_state.js';
import { LateBar } from './late_bar.js';
import { TRAIN_PARTS } from './train_folder.js';
import { writeCheckpoint } from './training_checkpoint.js';
import type { TrainingLog } from './training_log.js';
import { TrainingProgress } from './training_progress.js';

/** What the runs of a training are told. */
export interface TrainRunArgs extends RunArgs {
  /** Stops after the batch under way. */
  signal?: AbortSignal;
  /** Told what begins, a line each. */
  onStage?: (text: string) => void;
}

/** Trains and tests; the state is kept after each epoch, and where the signal stops it. */
export async function tuneAndTest(
  args: TrainRunArgs,
  log: TrainingLog,
  out: string,
  resumeFrom: TrainingState | undefined,
  validate: boolean,
): Promise<{ record: FewShotRecord; model: LayersModel }> {
  const { method, signal, onStage } = args;
  const title = METHOD_TITLES[method];
  onStage?.(method === 'zeroShot' ? `Testing ${title}` : `Tuning ${title}, then testing it`);
  const training = new TrainingProgress(`  tuning ${title}`);
  const testing = new LateBar(`  testing ${title}`);
  let seconds = resumeFrom?.seconds;
  const onState = async (state: TrainingState): Promise<void> => {
    await writeCheckpoint(join(out, TRAIN_PARTS.checkpoint), state);
    log.addState(state);
    seconds = state.seconds;
  };
  const validation = validate && args.dataset.validation.length > 0 ? [new Validation(args, log)] : [];
  const callbacks = [training, log.batches(resumeFrom?.steps, resumeFrom?.within?.batches), ...validation];
  try {
    const onTest = stoppable(testing, signal);
    const { record, model } = await runFewShot({
      ...args,
      callbacks,
      onTest,
      training: { resumeFrom, onState, signal },
    });
    const whole = { ...record, trainSeconds: seconds ?? record.trainSeconds };
    logTest(log, whole);
    return { record: whole, model };
  } finally {
    training.stop();
    testing.stop();
  }
}

/** Zero-shot on the same test pictures. */
export async function testZeroShot(args: TrainRunArgs, log: TrainingLog): Promise<FewShotRecord> {
  args.onStage?.('Testing zero-shot');
  const testing = new LateBar('  testing zero-shot');
  const onTest = stoppable(testing, args.signal);
  const { record, model } = await runFewShot({ ...args, onTest }).finally(() => testing.stop());
  model.dispose();
  logTest(log, record);
  return record;
}

/** Shows what is tested, and throws the signal's reason between two batches. */
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

function logTest(log: TrainingLog, { method, recipe, test, testSeconds: seconds }: FewShotRecord): void {
  const { accuracy, macroF1, pictures } = test;
  log.addCurves({ [`test/${method}_accuracy`]: accuracy, [`test/${method}_macro_f1`]: macroF1 }, recipe?.epochs ?? 0);
  log.add({ event: 'test', method, accuracy, macroF1, pictures, seconds });
}
