import type { RunMethod } from '../evaluation/run_methods.js';

/** The paper's data sets, in the order of its tables. */
export const PUBLISHED_DATASETS = [
  'ImageNet',
  'Caltech101',
  'OxfordPets',
  'StanfordCars',
  'Flowers102',
  'Food101',
  'FGVCAircraft',
  'SUN397',
  'DTD',
  'EuroSAT',
  'UCF101',
] as const;

/** Name of one of the paper's data sets. */
export type PublishedDataset = (typeof PUBLISHED_DATASETS)[number];

/** A table's rows, where there are published figures. */
export type ByMethod<Result> = Readonly<Partial<Record<RunMethod, Result>>>;

/** A published base-to-new result, in percent: 16 shots, ViT-B/16, mean of three seeds. */
export interface PublishedAccuracies {
  base: number;
  new: number;
  harmonicMean: number;
}

function accuracies(base: number, novel: number, harmonicMean: number): PublishedAccuracies {
  return { base, new: novel, harmonicMean };
}

/** Averages of the eleven data sets, from the README of github.com/muzairkhattak/multimodal-prompt-learning. */
export const PUBLISHED_AVERAGES: ByMethod<PublishedAccuracies> = {
  zeroShot: accuracies(69.34, 74.22, 71.7),
  coop: accuracies(82.69, 63.22, 71.66),
  cocoop: accuracies(80.47, 71.69, 75.83),
  vpt: accuracies(80.24, 73.43, 76.68),
  deepLanguage: accuracies(81.72, 73.81, 77.56),
  ivlp: accuracies(82.15, 74.07, 77.9),
  maple: accuracies(82.28, 75.14, 78.55),
};

/** Every data set by itself. */
export const PUBLISHED_BASE_TO_NEW: Readonly<Record<PublishedDataset, ByMethod<PublishedAccuracies>>> = {
  ImageNet: {
    zeroShot: accuracies(72.43, 68.14, 70.22),
    coop: accuracies(76.47, 67.88, 71.92),
    cocoop: accuracies(75.98, 70.43, 73.1),
    maple: accuracies(76.66, 70.54, 73.47),
  },
  Caltech101: {
    zeroShot: accuracies(96.84, 94.0, 95.4),
    coop: accuracies(98.0, 89.81, 93.73),
    cocoop: accuracies(97.96, 93.81, 95.84),
    maple: accuracies(97.74, 94.36, 96.02),
  },
  OxfordPets: {
    zeroShot: accuracies(91.17, 97.26, 94.12),
    coop: accuracies(93.67, 95.29, 94.47),
    cocoop: accuracies(95.2, 97.69, 96.43),
    maple: accuracies(95.43, 97.76, 96.58),
  },
  StanfordCars: {
    zeroShot: accuracies(63.37, 74.89, 68.65),
    coop: accuracies(78.12, 60.4, 68.13),
    cocoop: accuracies(70.49, 73.59, 72.01),
    maple: accuracies(72.94, 74.0, 73.47),
  },
  Flowers102: {
    zeroShot: accuracies(72.08, 77.8, 74.83),
    coop: accuracies(97.6, 59.67, 74.06),
    cocoop: accuracies(94.87, 71.75, 81.71),
    maple: accuracies(95.92, 72.46, 82.56),
  },
  Food101: {
    zeroShot: accuracies(90.1, 91.22, 90.66),
    coop: accuracies(88.33, 82.26, 85.19),
    cocoop: accuracies(90.7, 91.29, 90.99),
    maple: accuracies(90.71, 92.05, 91.38),
  },
  FGVCAircraft: {
    zeroShot: accuracies(27.19, 36.29, 31.09),
    coop: accuracies(40.44, 22.3, 28.75),
    cocoop: accuracies(33.41, 23.71, 27.74),
    maple: accuracies(37.44, 35.61, 36.5),
  },
  SUN397: {
    zeroShot: accuracies(69.36, 75.35, 72.23),
    coop: accuracies(80.6, 65.89, 72.51),
    cocoop: accuracies(79.74, 76.86, 78.27),
    maple: accuracies(80.82, 78.7, 79.75),
  },
  DTD: {
    zeroShot: accuracies(53.24, 59.9, 56.37),
    coop: accuracies(79.44, 41.18, 54.24),
    cocoop: accuracies(77.01, 56.0, 64.85),
    maple: accuracies(80.36, 59.18, 68.16),
  },
  EuroSAT: {
    zeroShot: accuracies(56.48, 64.05, 60.03),
    coop: accuracies(92.19, 54.74, 68.69),
    cocoop: accuracies(87.49, 60.04, 71.21),
    maple: accuracies(94.07, 73.23, 82.35),
  },
  UCF101: {
    zeroShot: accuracies(70.53, 77.5, 73.85),
    coop: accuracies(84.69, 56.05, 67.46),
    cocoop: accuracies(82.33, 73.45, 77.64),
    maple: accuracies(83.0, 78.66, 80.77),
  },
};
