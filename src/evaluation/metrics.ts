import { MapleError } from '../../layers/errors.js';

/** Class indices, as an array or a tensor's data. */
export type Labels = ArrayLike<number>;

/**
 * The share of right predictions, 0 to 1.
 * @throws MapleError if there is none, or not as many predictions as labels
 */
export function accuracy(predicted: Labels, labels: Labels): number {
  mustPair(predicted, labels);
  return Array.from(labels).filter((label, index) => predicted[index] === label).length / labels.length;
}

/**
 * How often each class was taken for each: row = true class, column = predicted class.
 * @param classCount - number of classes; the matrix is square of that size
 * @throws MapleError if a class is not among 0 to classCount - 1
 */
export function confusionMatrix(predicted: Labels, labels: Labels, classCount: number): number[][] {
  mustPair(predicted, labels);
  const matrix = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  for (let index = 0; index < labels.length; index++) {
    mustBeClass(predicted[index], classCount, 'predicted', index);
    mustBeClass(labels[index], classCount, 'labels', index);
    matrix[labels[index]][predicted[index]]++;
  }
  return matrix;
}

/**
 * Wilson's 95% interval of a share: `right` of `total`. Unlike the normal approximation it stays within 0 to 1 and is
 * sound for few examples and for shares near 0 or 1.
 * @throws MapleError if `total` is not positive or `right` is not from 0 to `total`
 */
export function shareInterval(right: number, total: number): { low: number; high: number } {
  if (!(total > 0 && right >= 0 && right <= total)) {
    throw new MapleError(`A share takes 0 to \`total\` of a positive \`total\`. Received: ${right} of ${total}.`);
  }
  const [z, share] = [1.959963984540054, right / total];
  const centre = (share + z ** 2 / (2 * total)) / (1 + z ** 2 / total);
  const half = (z / (1 + z ** 2 / total)) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** The share of right predictions of each class (its recall), 0 to 1; NaN for a class without examples. */
export function perClassAccuracy(predicted: Labels, labels: Labels, classCount: number): number[] {
  return confusionMatrix(predicted, labels, classCount).map((row, label) => row[label] / sum(row));
}

/**
 * The mean of the classes' F1, 0 to 1. As in the official engine, over the classes that occur among the labels: a class
 * without examples does not count, though predicting it costs the others' recall.
 */
export function macroF1(predicted: Labels, labels: Labels, classCount: number): number {
  const matrix = confusionMatrix(predicted, labels, classCount);
  const scores = matrix.flatMap((row, label) => {
    const occurrences = sum(row);
    const predictions = sum(matrix.map((other) => other[label]));
    return occurrences === 0 ? [] : [(2 * row[label]) / (occurrences + predictions)];
  });
  return sum(scores) / scores.length;
}

/**
 * 2ab / (a + b), the paper's HM of base and new accuracy; 0 if both are 0. The average row of a table takes the means
 * over the data sets first, and then their harmonic mean.
 * @throws MapleError for a negative number or NaN
 */
export function harmonicMean(base: number, novel: number): number {
  if (!(base >= 0 && novel >= 0)) {
    throw new MapleError(`A harmonic mean takes two numbers of 0 or more. Received: ${base} and ${novel}.`);
  }
  return base + novel === 0 ? 0 : (2 * base * novel) / (base + novel);
}

/**
 * Mean and standard deviation over runs. The deviation is the population's (divided by n), numpy's default.
 * @throws MapleError if there is no value
 */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number } {
  if (values.length === 0) {
    throw new MapleError('A mean takes at least one value. Received: none.');
  }
  const mean = sum(values) / values.length;
  const variance = sum(values.map((value) => (value - mean) ** 2)) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mustPair(predicted: Labels, labels: Labels): void {
  if (predicted.length !== labels.length || labels.length === 0) {
    throw new MapleError(
      '`predicted` and `labels` must be of one length, with at least one example. ' +
        `Received: ${predicted.length} predictions, ${labels.length} labels.`,
    );
  }
}

function mustBeClass(value: number, classCount: number, name: string, index: number): void {
  if (!Number.isInteger(value) || value < 0 || value >= classCount) {
    throw new MapleError(
      `\`${name}\` must hold class indices from 0 to ${classCount - 1}. Received: ${value} at ${index}.`,
    );
  }
}
