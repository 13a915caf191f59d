import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { foldWherePossible } from '../clip/fold_classifier.js';
import { modelMetadata } from '../backbone/model_metadata.js';
import type { Example } from '../data/dataset.js';
import type { PictureLoader } from '../data/picture_loader.js';
import { Random } from '../random.js';
import { pictureBatches } from '../training/batches.js';
import { mustBeNumbers } from './must_be_numbers.js';
import type { SplitMetrics } from './record.js';
import { splitMetrics } from './split_metrics.js';

/** How a classifier is tested. */
export interface EvaluateOptions {
  /** Pictures at once. Default: 100, the official code's. */
  batchSize?: number;
  /** Told the number of pictures done after each batch. */
  onProgress?: (done: number, total: number) => void;
  /** Reads the pictures on other threads. Default: this one does. */
  loader?: PictureLoader;
}

const OPTIONS: SettingNames<EvaluateOptions> = { batchSize: true, onProgress: true, loader: true };

/**
 * Tests a model on pictures whose labels are indices into its class names: made the model's input as its image
 * statistics say, the class of the highest logit. The text features are worked out once, not for every batch.
 * @throws MapleError for a label that is none of the model's classes
 */
export async function evaluateClassifier(
  model: LayersModel,
  examples: readonly Example[],
  options: EvaluateOptions = {},
): Promise<SplitMetrics> {
  checkKnown('evaluateClassifier', options, OPTIONS);
  const { batchSize = 100, onProgress, loader } = options;
  const { classNames, config, imageStatistics: statistics } = modelMetadata(model);
  const imageSize = config.vision.imageSize;
  const batches = pictureBatches({
    examples,
    classCount: classNames.length,
    batchSize,
    imageSize,
    statistics,
    transform: { kind: 'test', size: imageSize },
    loader,
    random: new Random(0),
    shuffle: false,
    dropRemainder: false,
  });
  const classifier = await foldWherePossible(model);
  const said: number[] = [];
  try {
    const iterator = await batches.iterator();
    for (let batch = await iterator.next(); !batch.done; batch = await iterator.next()) {
      const { xs, ys } = batch.value;
      const [logits, answers] = tf.tidy(() => {
        const all = classifier.predict(xs) as tf.Tensor2D;
        return [all, tf.argMax(all, 1)];
      });
      const [values, best] = await Promise.all([logits.data(), answers.data()]);
      tf.dispose([xs, ys, logits, answers]);
      mustBeNumbers(values, classNames.length, (row) => examples[said.length + row].name);
      said.push(...best);
      onProgress?.(said.length, examples.length);
    }
  } finally {
    if (classifier !== model) {
      classifier.dispose();
    }
  }
  const labels = examples.map(({ label }) => label);
  return splitMetrics(classNames, labels, said);
}
