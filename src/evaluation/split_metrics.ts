import { accuracy, macroF1, perClassAccuracy } from './metrics.js';
import type { SplitMetrics } from './record.js';

/**
 * The figures of what was said of labelled pictures.
 * @throws MapleError when there is no picture, or a class is not among the names
 */
export function splitMetrics(classNames: string[], labels: number[], said: number[]): SplitMetrics {
  return {
    classNames,
    pictures: labels.length,
    accuracy: accuracy(said, labels),
    macroF1: macroF1(said, labels, classNames.length),
    perClass: perClassAccuracy(said, labels, classNames.length),
    labels,
    said,
  };
}
