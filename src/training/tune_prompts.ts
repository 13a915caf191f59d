import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { holdStill } from '../backbone/layer_source.js';
import { learnedTowerLayers, noteLearned, setLearned } from '../backbone/learned_layers.js';
import { modelMetadata } from '../backbone/model_metadata.js';
import type { Example } from '../data/dataset.js';
import type { PictureLoader } from '../data/picture_loader.js';
import { reducedExamples } from '../data/kept_examples.js';
import { Random } from '../random.js';
import { adamW } from './adamw.js';
import { pictureBatches } from './batches.js';
import { callbackList, type TuningCallbacks } from './callbacks.js';
import type { EpochRecord } from './epoch_record.js';
import { LOSSES } from './losses.js';
import { NanGuard } from './nan_guard.js';
import { augmentTransform, validateRecipe, type Recipe } from './recipe.js';
import { LearningRateSchedule } from './schedule.js';
import { promptSgd } from './sgd.js';
import type { SlotOptimizer } from './slot_optimizer.js';
import { restoreState, StateRecorder } from './state_recorder.js';
import { mustBeOfSettings, trainingSettings, type TrainingState } from './training_state.js';

/** What {@link tunePrompts} needs. */
export interface TunePromptsArgs {
  /** A model of {@link buildClip}, its classes those of the examples' labels. */
  model: LayersModel;
  /** The few pictures of each class. */
  examples: readonly Example[];
  recipe: Recipe;
  /** Decides order and augmentation. Default: 1. */
  seed?: number;
  /** Progress bars and the like, told of every batch and epoch; as `fit` takes them: one or several, objects too. */
  callbacks?: TuningCallbacks;
  /** Goes on from here. The model must be built as it was then; what it has learned since is overwritten. */
  resumeFrom?: TrainingState;
  /**
   * Told the training's state after each epoch, and where `signal` stops it: what `encodeTrainingState` writes and
   * `resumeFrom` takes. Training goes on when it returns.
   */
  onState?: (state: TrainingState) => Promise<void> | void;
  /** Stops the training after the batch under way. */
  signal?: AbortSignal;
  /** Reads the pictures on other threads. Default: this one does. */
  loader?: PictureLoader;
}

const ARGS: SettingNames<TunePromptsArgs> = {
  model: true,
  examples: true,
  recipe: true,
  seed: true,
  callbacks: true,
  resumeFrom: true,
  onState: true,
  signal: true,
  loader: true,
};

/**
 * Tunes a model's prompts and couplers by a recipe, through the standard `compile` and `fitDataset`: SGD with momentum
 * and L2 decay or AdamW, the schedule by epoch, random crops and flips. Layers of the towers that are trainable (`learn` of
 * {@link buildClip}) are tuned with them, and saved prompts have them from then on. The last epoch's weights stay.
 *
 * @returns the history, with the epochs before a stop; empty for a method that learns nothing
 * @throws MapleError for a recipe that cannot be trained by, a loss that is no number, or a state of other settings;
 * and the signal's reason when it stopped the training
 */
export async function tunePrompts(args: TunePromptsArgs): Promise<EpochRecord[]> {
  checkKnown('tunePrompts', args, ARGS);
  const { model, examples, recipe, seed = 1, callbacks = [], resumeFrom, onState, signal, loader } = args;
  const { classNames, config, imageStatistics: statistics } = modelMetadata(model);
  if (model.trainableWeights.length === 0) {
    return [];
  }
  validateRecipe(recipe);
  signal?.throwIfAborted();
  noteLearned(model);
  // A loaded model's layers are tfjs' own again.
  model.layers.forEach(holdStill);
  const trained = model.layers.filter(({ trainable }) => trainable);
  trained.filter(({ name }) => learnedTowerLayers(model).includes(name)).forEach(setLearned);
  const own = callbackList(callbacks);
  const settings = trainingSettings(modelMetadata(model), { examples, recipe, seed });
  if (resumeFrom !== undefined) {
    mustBeOfSettings(resumeFrom, settings);
  }
  const { batchSize, epochs, augmentation } = recipe;
  const size = config.vision.imageSize;
  const { reduceTo } = augmentation;
  const batches = pictureBatches({
    examples: reduceTo === undefined ? examples : reducedExamples(examples, Math.round(reduceTo * size), loader),
    classCount: classNames.length,
    batchSize,
    imageSize: size,
    statistics,
    transform: augmentTransform(size, augmentation),
    loader,
    random: new Random(seed).fork('training'),
    firstEpoch: resumeFrom?.epoch,
    firstBatch: resumeFrom?.within?.batches,
  });
  const optimizer = optimizerOf(recipe);
  const schedule = new LearningRateSchedule(recipe);
  const recorder = new StateRecorder({ settings, schedule, batches: batches.size, resumeFrom, onState, signal });
  model.compile({ optimizer, loss: LOSSES[recipe.loss ?? 'softmax'], metrics: ['accuracy'] });
  try {
    if (resumeFrom !== undefined) {
      await restoreState(model, optimizer, resumeFrom);
    }
    await model.fitDataset(batches, {
      initialEpoch: resumeFrom?.epoch,
      epochs,
      callbacks: [schedule, new NanGuard(), recorder, ...own],
      verbose: 0,
    });
  } finally {
    optimizer.dispose();
  }
  if (recorder.history.length < epochs) {
    signal?.throwIfAborted();
  }
  return recorder.history;
}

function optimizerOf({ optimizer = 'sgd', learningRate, momentum, weightDecay }: Recipe): SlotOptimizer {
  return optimizer === 'adamw'
    ? adamW({ learningRate, beta1: momentum, weightDecay })
    : promptSgd({ learningRate, momentum, weightDecay });
}
