import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { join, resolve } from 'node:path';
import type { Backbone } from '../backbone/backbone.js';
import type { PictureLoader } from '../data/picture_loader.js';
import type { FewShotRecord, RunEnvironment } from '../evaluation/record.js';
import { checkRun } from '../evaluation/tuned_run.js';
import type { HeadKind } from '../heads/head.js';
import type { DesignOptions } from '../prompting/presets.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import { paperRecipeOf } from '../study/paper_recipes.js';
import type { Recipe } from '../training/recipe.js';
import type { TrainingState } from '../training/training_state.js';
import type { Skipped } from './image_folder.js';
import { READ_PICTURE_OPTIONS, type ReadPictureOptions } from './pictures.js';
import { readTrainData, type TrainData } from './train_data.js';
import { claimFolder, TRAIN_PARTS, TRAIN_PROGRAM } from './train_folder.js';
import { writeTrainResults } from './train_results.js';
import { chosenOf, trainPlan } from './train_candidates.js';
import { measureFrozen } from './train_runs.js';
import { tuneClassifier } from './train_tuning.js';
import { readCheckpoint } from './training_checkpoint.js';
import { TrainingLog } from './training_log.js';

/** What {@link trainClassifier} needs. */
export interface TrainClassifierArgs extends ReadPictureOptions {
  /** A folder of class folders, of train/val/test folders, or a list (.csv, .json): see {@link readPictureData}. */
  pictures: string;
  /** What the paths of a list are relative to. Default: the folder that it is in. */
  imageFolder?: string;
  /** Folder for what the training writes: new, empty, or of a training before with `resume` or `force`. */
  out: string;
  backbone: Backbone;
  environment: RunEnvironment;
  /**
   * The method that is measured and saved. Default: MaPLe is tuned, and of it, zero-shot, and heads on either's features the
   * one is saved that is best on validation pictures.
   */
  method?: RunMethod;
  /** Training pictures a class, or `all`. Default: 16. */
  shots?: number | 'all';
  /** Default: the method's base-to-new recipe of the paper. Its shots are those above. */
  recipe?: Recipe;
  /** What of the method's design is varied; a depth or length here goes before the recipe's. */
  design?: DesignOptions;
  /** Fixed texts with `{}` for the class name, for zero-shot and methods without text prompts. Default: the data's own. */
  templates?: readonly string[];
  /**
   * Whether rate, batch and number of epochs are searched for on validation pictures (`searchSettings`), from the recipe
   * downwards, and a training that guesses begins anew more gently. Default: true where no recipe is given.
   */
  search?: boolean;
  /** Classifiers on features that are measured on the frozen backbone and on the tuned model. Default: LP++. */
  heads?: readonly HeadKind[];
  /** Decides held-out pictures, shots, initial prompts, order and augmentation. Default: 1. */
  seed?: number;
  /** Share of each class's pictures that is held out for the test, where the data are not split. Default: 0.25. */
  testShare?: number;
  /** Tests on validation pictures after each epoch, to look at: the last epoch's weights are taken all the same. */
  validate?: boolean;
  /** Goes on with the training in `out`, which must have had the same settings. */
  resume?: boolean;
  /** Takes `out` whatever is in it; a training's own files there are removed first. */
  force?: boolean;
  /** Stops the training after the batch under way, its state kept in `out`. */
  signal?: AbortSignal;
  /** Reads the pictures on other threads. Default: this one does. */
  loader?: PictureLoader;
  /** Told what begins, a line each. Progress bars go to standard error. */
  onStage?: (text: string) => void;
  /** Told what was left out of the pictures, as soon as it is known. */
  onSkipped?: (skipped: readonly Skipped[]) => void;
}

const ARGS: SettingNames<TrainClassifierArgs> = {
  ...READ_PICTURE_OPTIONS,
  pictures: true,
  imageFolder: true,
  out: true,
  backbone: true,
  environment: true,
  method: true,
  shots: true,
  recipe: true,
  design: true,
  templates: true,
  search: true,
  heads: true,
  seed: true,
  testShare: true,
  validate: true,
  resume: true,
  force: true,
  signal: true,
  loader: true,
  onStage: true,
  onSkipped: true,
};

/** What {@link trainClassifier} made. */
export interface TrainedClassifier {
  /**
   * Of zero-shot, of heads on its features, of the method and of heads on its features, all on the same test pictures; the
   * one that `model` is has `chosen`.
   */
  records: FewShotRecord[];
  /** Pictures of each class. */
  counts: TrainData['counts'];
  /** What was left out of the pictures, and why. */
  skipped: Skipped[];
  /** Paths of what was written. */
  out: string;
  model: string;
  report: string;
}

const VALIDATION_SHARE = 0.1;
const HEADS_MEASURED: readonly HeadKind[] = ['lpPlusPlus'];

/**
 * A classifier of one's own pictures: reads them, holds out some for the test, tunes a method on a few of each class,
 * tests it beside zero-shot, and writes a folder that {@link loadClassifier} takes: `model/` (folded), `prompts/`,
 * `record.json`, `report.html`, `log.jsonl`, `checkpoint/` and, on the native backend, `tensorboard/`.
 *
 * ```ts no-run
 * const { records, model } = await trainClassifier({ pictures: 'photos', out: 'runs/photos', backbone, environment });
 * console.log(records.map(({ method, test }) => [method, test.accuracy]), model);
 * ```
 * @throws MapleError for pictures of fewer than two classes, a folder that is taken, settings that do not fit the
 * backbone or the training that is to go on; and the signal's reason when it stopped the training
 */
export async function trainClassifier(args: TrainClassifierArgs): Promise<TrainedClassifier> {
  checkKnown('trainClassifier', args, ARGS);
  const { pictures, method = 'maple', seed = 1, validate = false, signal, onStage = () => undefined } = args;
  const out = resolve(args.out);
  const { goesOn, prepare } = await claimFolder(out, pictures, args);
  const resumeFrom = goesOn ? await readCheckpoint(join(out, TRAIN_PARTS.checkpoint)) : undefined;

  if (args.resume && !goesOn) {
    onStage(`${args.out} holds no training to go on with: a new one begins`);
  }
  onStage(`Reading ${pictures}`);
  const data = await readTrainData(pictures, {
    shots: args.shots ?? 16,
    seed,
    testShare: args.testShare ?? 0.25,
    validationShare: validate ? VALIDATION_SHARE : 0,
    imageFolder: args.imageFolder,
    orientation: args.orientation,
  });
  args.onSkipped?.(data.skipped);
  signal?.throwIfAborted();
  const recipe = { ...(args.recipe ?? paperRecipeOf(method, 'base-to-new')), shots: data.shots };
  const plan = trainPlan(method, args.heads ?? HEADS_MEASURED);
  const shared = { ...args, recipe, seed, dataset: data.dataset, parts: data.search };
  const tuned = { ...shared, method, heads: plan.tunedHeads };
  // Its text is its own: no prefix or depth of the method's.
  const frozen = { ...shared, method: 'zeroShot' as const, design: undefined, heads: plan.frozenHeads };
  for (const run of [tuned, frozen]) {
    await checkRun(run, data.dataset);
  }

  await prepare();
  const log = new TrainingLog(out);
  logStart(log, args, data, recipe, resumeFrom);
  onStage(sizesOf(data));
  if (!log.hasCurves) {
    onStage('TensorBoard: the native backend alone writes its files; log.jsonl has the same figures');
  }
  const { candidates: ofFrozen, startLoss } = await measureFrozen(frozen, log);
  const search = args.search ?? args.recipe === undefined;
  const tuning = { log, out, resumeFrom, validate, startLoss, search, frozen: ofFrozen };
  const best = plan.tunes ? await tuneClassifier(tuned, tuning) : undefined;
  try {
    const candidates = [...ofFrozen, ...(best?.candidates ?? [])];
    const chosen = chosenOf(candidates, args.method);
    onStage(`Writing ${args.out}`);
    const written = await writeTrainResults({ out, candidates, chosen, model: best?.model, frozen, data });
    log.add({ event: 'end', out, chosen: chosen.record.method, head: chosen.record.head?.kind });
    const { counts, skipped } = data;
    return { records: written.records, counts, skipped, out, model: written.model, report: written.report };
  } finally {
    best?.model.dispose();
  }
}

function logStart(
  log: TrainingLog,
  {
    pictures,
    backbone,
    environment,
    method = 'maple',
    seed = 1,
    design,
    templates,
    testShare,
    imageFolder,
    orientation,
  }: TrainClassifierArgs,
  { counts, skipped }: TrainData,
  recipe: Recipe,
  resumeFrom: TrainingState | undefined,
): void {
  const { name, identity } = backbone;
  const settings = { method, seed, recipe, design, templates, testShare, imageFolder, orientation };
  log.add({
    event: 'start',
    program: TRAIN_PROGRAM,
    resumed: resumeFrom && { epoch: resumeFrom.epoch, batch: resumeFrom.within?.batches ?? 0 },
    environment: { ...environment, node: process.version, platform: `${process.platform} ${process.arch}` },
    backbone: { name, identity },
    pictures: resolve(pictures),
    settings,
    classes: counts,
    skipped,
  });
}

function sizesOf({ dataset, counts, skipped, search }: TrainData): string {
  const sum = (part: 'train' | 'test'): number => counts.reduce((total, count) => total + count[part], 0);
  const validation =
    search === undefined ? '' : `, ${search.validation.length}${search.heldOut ? ' of them' : ''} to choose by`;
  const untested = counts.filter(({ test }) => test === 0).map(({ className }) => className);
  return (
    `${dataset.classNames.length} classes: ${sum('train')} pictures to tune on${validation}, ${sum('test')} to test on` +
    (skipped.length > 0 ? `, ${skipped.length} left out` : '') +
    (untested.length > 0 ? `. Too few pictures to be tested: ${untested.join(', ')}` : '')
  );
}
