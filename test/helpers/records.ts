import { harmonicMean } from '../../src/evaluation/metrics.js';
import type {
  BaseToNewRecord,
  FewShotRecord,
  GalleryRecord,
  GallerySplit,
  RunRecord,
  SplitMetrics,
  TransferRecord,
} from '../../src/evaluation/record.js';
import type { PromptDesign } from '../../src/prompting/design.js';
import type { RunMethod } from '../../src/evaluation/run_methods.js';

/** What of any invented record a test states. */
export interface InventedRun {
  method: RunMethod;
  trainedParameters?: number;
  losses?: number[];
  seed?: number;
  dataset?: string;
  setting?: string;
  design?: Partial<PromptDesign>;
}

/** What of an invented base-to-new record a test states. */
export interface InventedBaseToNew extends InventedRun {
  /** Accuracies, 0 to 1. */
  base: number;
  new: number;
  pictures?: number;
  classNames?: { base: string[]; new: string[] };
}

const CLASS_NAMES = { base: ['red apple', 'green apple'], new: ['pear', 'peach'] };

/** A record of a run that never was: for tests of tables and reports. */
export function inventedRecord(run: InventedBaseToNew): BaseToNewRecord {
  const { pictures = 600, classNames = CLASS_NAMES } = run;
  return {
    ...inventedRun(run),
    protocol: 'base-to-new',
    base: inventedSplit(classNames.base, run.base, pictures),
    new: inventedSplit(classNames.new, run.new, pictures),
    harmonicMean: harmonicMean(run.base, run.new),
  };
}

/** A transfer record: accuracies on the source and, by name, on other data sets and domains. */
export function inventedTransfer(
  run: InventedRun & { source: number; datasets?: Record<string, number>; domains?: Record<string, number> },
): TransferRecord {
  const targets = (kind: 'dataset' | 'domain', accuracies: Record<string, number> = {}) =>
    Object.entries(accuracies).map(([dataset, accuracy]) => ({
      ...inventedSplit(CLASS_NAMES.new, accuracy, 100),
      dataset,
      kind,
    }));
  return {
    ...inventedRun({ dataset: 'all', ...run }),
    protocol: 'transfer',
    source: inventedSplit(CLASS_NAMES.base, run.source, 100),
    targets: [...targets('dataset', run.datasets), ...targets('domain', run.domains)],
  };
}

/** A few-shot record. */
export function inventedFewShot(run: InventedRun & { shots: number; accuracy: number }): FewShotRecord {
  const names = [...CLASS_NAMES.base, ...CLASS_NAMES.new];
  return {
    ...inventedRun(run),
    protocol: 'few-shot',
    shots: run.shots,
    test: inventedSplit(names, run.accuracy, 100),
  };
}

/** A gallery record: `classes` classes of each half, four pictures each, whose features part the more, the larger `gap`. */
export function inventedGallery(run: InventedRun & { gap: number; classes?: number; share?: number }): GalleryRecord {
  const { classes = 3, share = 0.5, gap } = run;
  return {
    ...inventedRun(run),
    protocol: 'gallery',
    base: gallerySplit('base', classes, gap, share),
    new: gallerySplit('new', classes, gap, share),
  };
}

/** One red pixel. */
export const THUMBNAIL =
  'data:image/png;base64,' +
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

function inventedRun(run: InventedRun): RunRecord {
  const { method, seed = 1, dataset = 'noto food', losses = [], setting } = run;
  const trained = losses.length > 0;
  return {
    format: 1,
    method,
    dataset,
    split: 'test',
    seed,
    ...(setting === undefined ? {} : { setting }),
    design: {
      textDepth: 1,
      textLength: 2,
      visionDepth: 0,
      visionLength: 0,
      coupling: 'none',
      initialization: 'words',
      prefix: 'a photo of a',
      ...run.design,
    },
    ...(trained ? { recipe: recipe(losses.length) } : {}),
    backbone: { name: 'emoji-clip', identity: 'f'.repeat(64) },
    environment: { version: '0.1.0', tfjs: '4.22.0', backend: 'wasm', device: 'WebAssembly, one thread' },
    trainedParameters: run.trainedParameters ?? 0,
    trainSeconds: trained ? 31.26 : 0,
    testSeconds: 4.5,
    history: losses.map((loss, epoch) => ({ epoch, learningRate: 0.002, loss, accuracy: 0.5 })),
    finished: '2026-01-02T03:04:05.000Z',
  };
}

function recipe(epochs: number): RunRecord['recipe'] {
  const augmentation = { scale: [0.08, 1], ratio: [0.75, 1.3333], flip: 0.5 } as const;
  const rates = { learningRate: 0.0035, warmupLearningRate: 1e-5, momentum: 0.9, weightDecay: 5e-4 };
  return { ...rates, depth: 3, length: 2, batchSize: 4, epochs, shots: 16, augmentation };
}

/** Metrics with labels and answers that fit the accuracy: what one method gets right, a better one does too. */
function inventedSplit(classNames: string[], accuracy: number, pictures: number): SplitMetrics {
  const labels = Array.from({ length: pictures }, (_, index) => index % classNames.length);
  const right = Math.round(accuracy * pictures);
  const difficulty = labels.map((_, index) => (index * 7919) % pictures);
  const said = labels.map((label, index) => (difficulty[index] < right ? label : (label + 1) % classNames.length));
  return {
    classNames,
    pictures,
    accuracy,
    macroF1: accuracy,
    perClass: classNames.map(() => accuracy),
    labels,
    said,
  };
}

function gallerySplit(half: string, classes: number, gap: number, share: number): GallerySplit {
  const labels = Array.from({ length: 4 * classes }, (_, index) => Math.floor(index / 4));
  return {
    classNames: Array.from({ length: classes }, (_, label) => `${half} class ${label + 1}`),
    labels,
    said: labels.map((label, index) => ((index * 0.37) % 1 < share ? label : (label + 1) % classes)),
    thumbnails: Object.fromEntries(labels.map((label) => [label, THUMBNAIL])),
    features: labels.map((label, index) => [
      gap * Math.cos((2 * Math.PI * label) / classes) + 0.3 * Math.sin(5 * index),
      gap * Math.sin((2 * Math.PI * label) / classes) + 0.3 * Math.cos(7 * index),
      0.1 * Math.sin(3 * index),
    ]),
  };
}
