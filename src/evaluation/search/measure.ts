import type { LayersModel } from '@tensorflow/tfjs-layers';
import { foldWherePossible } from '../../clip/fold_classifier.js';
import type { Example } from '../../data/dataset.js';
import { predictExamples, type PredictOptions } from '../predict_examples.js';
import type { ValidationFigures } from '../record.js';

/** Below this a probability counts as this, so that one sure error is not all of the loss. */
const LEAST_PROBABILITY = 1e-12;

/** Accuracy and cross-entropy of a classifier on validation pictures; those that cannot be read are left out. */
export async function measureOn(
  model: LayersModel,
  examples: readonly Example[],
  options: PredictOptions = {},
): Promise<ValidationFigures> {
  const classifier = await foldWherePossible(model);
  let [pictures, right, loss] = [0, 0, 0];
  try {
    for await (const answer of predictExamples(classifier, examples, { batchSize: 100, ...options })) {
      if ('probabilities' in answer) {
        const { probabilities, example } = answer;
        pictures++;
        right += probabilities.indexOf(Math.max(...probabilities)) === example.label ? 1 : 0;
        loss -= Math.log(Math.max(probabilities[example.label], LEAST_PROBABILITY));
      }
    }
  } finally {
    if (classifier !== model) {
      classifier.dispose();
    }
  }
  return { pictures, accuracy: right / pictures, loss: loss / pictures };
}
