import {
  PUBLISHED_AVERAGES,
  PUBLISHED_BASE_TO_NEW,
  type ByMethod,
  type PublishedDataset,
} from './published_base_to_new.js';

/** Domains of ImageNet that the paper's domain generalisation is tested on. */
export const PUBLISHED_DOMAINS = ['ImageNetV2', 'ImageNet-Sketch', 'ImageNet-A', 'ImageNet-R'] as const;

/** Name of one of the paper's domains. */
export type PublishedDomain = (typeof PUBLISHED_DOMAINS)[number];

/** A published result of prompts carried over from ImageNet, in percent: 16 shots of 1,000 classes, three seeds. */
export interface PublishedTransfer<Target extends string> {
  /** Accuracy on ImageNet itself. */
  source: number;
  targets: Readonly<Record<Target, number>>;
  /** Mean of the targets, as published. */
  average: number;
}

/** What a method costs, as published. */
export interface PublishedComplexity {
  /** Numbers in trained tensors, as far as the paper rounds them. */
  trainedParameters: number;
  /** Share of CLIP's parameters, in percent; that of maple fits a CLIP counted without its token embeddings. */
  percentOfClip?: number;
  /** Harmonic mean of the base-to-new averages, in percent. */
  harmonicMean: number;
}

/** Where each of `PUBLISHED`'s tables was read. */
export const PUBLISHED_SOURCES = {
  averages: 'README of github.com/muzairkhattak/multimodal-prompt-learning (results and model zoo)',
  baseToNew:
    'Khattak et al., "MaPLe", CVPR 2023, as repeated in the tables of later papers, among them Zhang et al., ' +
    '"On-Policy Distillation for Vision-Language Model Adaptation", table 1',
  crossDataset:
    'Khattak et al., "MaPLe", CVPR 2023, as repeated by its first author in Khattak et al., "Learning to ' +
    'Prompt with Text Only Supervision", table 4',
  domains:
    'Khattak et al., "MaPLe", CVPR 2023, as repeated by its first author in Khattak et al., "Learning to ' +
    'Prompt with Text Only Supervision", table 5, and in other papers',
  complexity: 'Khattak et al., "MaPLe", CVPR 2023, as repeated in notes on the manuscript',
} as const;

const CROSS_DATASET: ByMethod<PublishedTransfer<Exclude<PublishedDataset, 'ImageNet'>>> = {
  coop: {
    source: 71.51,
    targets: {
      Caltech101: 93.7,
      OxfordPets: 89.14,
      StanfordCars: 64.51,
      Flowers102: 68.71,
      Food101: 85.3,
      FGVCAircraft: 18.47,
      SUN397: 64.15,
      DTD: 41.92,
      EuroSAT: 46.39,
      UCF101: 66.55,
    },
    average: 63.88,
  },
  cocoop: {
    source: 71.02,
    targets: {
      Caltech101: 94.43,
      OxfordPets: 90.14,
      StanfordCars: 65.32,
      Flowers102: 71.88,
      Food101: 86.06,
      FGVCAircraft: 22.94,
      SUN397: 67.36,
      DTD: 45.73,
      EuroSAT: 45.37,
      UCF101: 68.21,
    },
    average: 65.74,
  },
  maple: {
    source: 70.72,
    targets: {
      Caltech101: 93.53,
      OxfordPets: 90.49,
      StanfordCars: 65.57,
      Flowers102: 72.23,
      Food101: 86.2,
      FGVCAircraft: 24.74,
      SUN397: 67.01,
      DTD: 46.49,
      EuroSAT: 48.06,
      UCF101: 68.69,
    },
    average: 66.3,
  },
};

const DOMAINS: ByMethod<PublishedTransfer<PublishedDomain>> = {
  zeroShot: domains(66.73, [60.83, 46.15, 47.77, 73.96], 57.18),
  coop: domains(71.51, [64.2, 47.99, 49.71, 75.21], 59.28),
  cocoop: domains(71.02, [64.07, 48.75, 50.63, 76.18], 59.91),
  maple: domains(70.72, [64.07, 49.15, 50.9, 76.98], 60.27),
};

function domains(source: number, inOrder: readonly number[], average: number): PublishedTransfer<PublishedDomain> {
  const pairs = PUBLISHED_DOMAINS.map((domain, index) => [domain, inOrder[index]] as const);
  return { source, targets: Object.fromEntries(pairs) as Record<PublishedDomain, number>, average };
}

const COMPLEXITY: ByMethod<PublishedComplexity> = {
  cocoop: { trainedParameters: 35_360, harmonicMean: 75.83 },
  unifiedMaple: { trainedParameters: 410_000, harmonicMean: 78.11 },
  maple: { trainedParameters: 3_550_000, percentOfClip: 2.85, harmonicMean: 78.55 },
};

/**
 * What the MaPLe paper reports, in percent, to set beside a user's own figures. Only what could be read in a source is
 * here (`PUBLISHED_SOURCES`): a method that is missing from a table has no published figure that was found.
 */
export const PUBLISHED = {
  averages: PUBLISHED_AVERAGES,
  baseToNew: PUBLISHED_BASE_TO_NEW,
  crossDataset: CROSS_DATASET,
  domains: DOMAINS,
  complexity: COMPLEXITY,
} as const;
