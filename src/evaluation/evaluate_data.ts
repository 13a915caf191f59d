import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { foldWherePossible } from '../clip/fold_classifier.js';
import { classNamesOf } from '../backbone/model_metadata.js';
import type { Example } from '../data/dataset.js';
import { matchClassNames } from './match_class_names.js';
import { shareInterval } from './metrics.js';
import { PREDICT_OPTIONS, predictExamples, type PredictOptions } from './predict_examples.js';
import type { SplitMetrics } from './record.js';
import { splitMetrics } from './split_metrics.js';

/** Labelled pictures with the names of their classes. */
export interface LabelledExamples {
  /** The data's own names, which are found among the model's. */
  classNames: readonly string[];
  /** Labels are indices into the data's names. */
  examples: readonly Example[];
}

/** What {@link evaluateData} found; labels and answers are indices into the model's class names. */
export interface DataEvaluation extends SplitMetrics {
  /** Ends of the 95% interval of the accuracy (Wilson's), for pictures drawn at random from many. */
  interval: { low: number; high: number };
  /** What the data call each tested picture, in the order of `labels` and `said`. */
  names: string[];
  /** Pictures that could not be read, and why. */
  skipped: { path: string; reason: string }[];
  /** Classes of the data that the model does not know; their pictures are left out. */
  unknownClasses: string[];
}

/** Options of {@link evaluateData}. */
export interface EvaluateDataOptions extends PredictOptions {
  /** Told the number of pictures done. */
  onProgress?: (done: number, total: number) => void;
}

const OPTIONS: SettingNames<EvaluateDataOptions> = { ...PREDICT_OPTIONS, onProgress: true };

/**
 * Tests a model on labelled pictures from anywhere: classes are found by their names (underscores or spaces, capitals
 * or not), and pictures that cannot be read are left out and listed.
 *
 * @throws MapleError when the model knows none of the classes, or none of the pictures can be read
 */
export async function evaluateData(
  model: LayersModel,
  { classNames: ofData, examples }: LabelledExamples,
  options: EvaluateDataOptions = {},
): Promise<DataEvaluation> {
  checkKnown('evaluateData', options, OPTIONS);
  const { onProgress, batchSize = 100, loader } = options;
  const classNames = classNamesOf(model);
  const { labels: labelOf, unknown } = matchClassNames(ofData, classNames);
  const known = examples.filter(({ label }) => labelOf[label] !== undefined);
  const [labels, said, names]: [number[], number[], string[]] = [[], [], []];
  const skipped: DataEvaluation['skipped'] = [];
  const classifier = await foldWherePossible(model);
  try {
    for await (const { example, ...answer } of predictExamples(classifier, known, { batchSize, loader })) {
      if ('problem' in answer) {
        skipped.push({ path: example.path ?? example.name, reason: answer.problem.message });
      } else {
        labels.push(labelOf[example.label] as number);
        said.push(likeliest(answer.probabilities));
        names.push(example.name);
      }
      onProgress?.(labels.length + skipped.length, known.length);
    }
  } finally {
    if (classifier !== model) {
      classifier.dispose();
    }
  }
  if (labels.length === 0) {
    const first = skipped.length === 0 ? 'there is none' : skipped[0].reason;
    throw new MapleError(`No picture of a class that the model knows could be tested: ${first}`);
  }
  const metrics = splitMetrics(classNames, labels, said);
  const interval = shareInterval(Math.round(metrics.accuracy * labels.length), labels.length);
  return { ...metrics, interval, names, skipped, unknownClasses: unknown };
}

/** The first of the highest, as tfjs' argMax. */
function likeliest(probabilities: Float32Array): number {
  return probabilities.reduce((best, value, label) => (value > probabilities[best] ? label : best), 0);
}
