import { CustomCallback, type CallbackList, type CustomCallbackArgs } from '@tensorflow/tfjs-layers';
import { checkKnown, type SettingNames } from '../../layers/known_names.js';

/** What tfjs calls in training: `tf.Callback`, `tf.CustomCallback` and what extends them. */
export type TrainingCallback = Parameters<CallbackList['append']>[0];

/** Callbacks as `fit` takes them, objects of functions too; of one kind or mixed. */
export type TuningCallbacks =
  TrainingCallback | CustomCallbackArgs | readonly (TrainingCallback | CustomCallbackArgs)[];

const HANDLERS: SettingNames<CustomCallbackArgs> = {
  onTrainBegin: true,
  onTrainEnd: true,
  onEpochBegin: true,
  onEpochEnd: true,
  onBatchBegin: true,
  onBatchEnd: true,
  onYield: true,
  nowFunc: true,
  nextFrameFunc: true,
};

/**
 * All as objects that tfjs calls; by itself it takes a list of one kind only.
 * @throws MapleError for a function that no training would call
 */
export function callbackList(callbacks: TuningCallbacks): TrainingCallback[] {
  return [callbacks].flat().map((callback) => {
    if (isCallback(callback)) {
      return callback;
    }
    checkKnown('`callbacks`', callback, HANDLERS);
    return new CustomCallback(callback, callback.onYield === undefined ? 'never' : 'auto');
  });
}

function isCallback(callback: TrainingCallback | CustomCallbackArgs): callback is TrainingCallback {
  return typeof (callback as TrainingCallback).setModel === 'function';
}
