import { PCA } from 'ml-pca';
import type { GallerySplit } from '../evaluation/record.js';

/** Image features laid out in two dimensions. */
export interface FeatureMap {
  /** One of each picture, in the record's order. */
  points: [number, number][];
  /** Share of the features' variance that the two dimensions hold. */
  explained: number;
  /** Share of the variance that lies between the means of the classes, in all dimensions: how well classes part. */
  betweenClasses: number;
}

/** The two directions of largest variance (PCA). */
export function featureMap({ features, labels }: GallerySplit): FeatureMap {
  const pca = new PCA(features);
  const points = pca
    .predict(features, { nComponents: 2 })
    .to2DArray()
    .map(([x, y = 0]): [number, number] => [x, y]);
  const [first, second = 0] = pca.getExplainedVariance();
  return { points, explained: first + second, betweenClasses: shareBetweenClasses(features, labels) };
}

function shareBetweenClasses(features: readonly number[][], labels: readonly number[]): number {
  const centre = meanOf(features);
  const means = new Map(
    [...new Set(labels)].map((label) => [label, meanOf(features.filter((_, index) => labels[index] === label))]),
  );
  const total = features.reduce((sum, feature) => sum + squaredDistance(feature, centre), 0);
  const between = labels.reduce((sum, label) => sum + squaredDistance(means.get(label) as number[], centre), 0);
  return total === 0 ? 0 : between / total;
}

function meanOf(vectors: readonly number[][]): number[] {
  return vectors[0].map((_, place) => vectors.reduce((sum, vector) => sum + vector[place], 0) / vectors.length);
}

function squaredDistance(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, place) => sum + (value - other[place]) ** 2, 0);
}
