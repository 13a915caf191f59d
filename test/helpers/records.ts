import type { BaseToNewRecord, SplitMetrics } from '../../src/evaluation/record.js';
import { harmonicMean } from '../../src/evaluation/metrics.js';
import type { Method } from '../../src/prompting/presets.js';

/** What of an invented record a test states. */
export interface InventedRun {
  method: Method;
  /** Accuracies, 0 to 1. */
  base: number;
  new: number;
  trainedParameters?: number;
  losses?: number[];
  seed?: number;
  dataset?: string;
  pictures?: number;
}

/** A record of a run that never was: for tests of tables and reports. */
export function inventedRecord(run: InventedRun): BaseToNewRecord {
  const { method, seed = 1, dataset = 'noto food', losses = [], pictures = 600 } = run;
  const trained = losses.length > 0;
  return {
    format: 1,
    protocol: 'base-to-new',
    method,
    dataset,
    split: 'test',
    seed,
    design: {
      textDepth: 1,
      textLength: 2,
      visionDepth: 0,
      visionLength: 0,
      coupling: 'none',
      initialization: 'words',
      prefix: 'a photo of a',
    },
    ...(trained ? { recipe: recipe(losses.length) } : {}),
    backbone: { name: 'emoji-clip', identity: 'f'.repeat(64) },
    environment: { version: '0.1.0', tfjs: '4.22.0', backend: 'wasm', device: 'WebAssembly, one thread' },
    trainedParameters: run.trainedParameters ?? 0,
    trainSeconds: trained ? 31.26 : 0,
    testSeconds: 4.5,
    history: losses.map((loss, epoch) => ({ epoch, learningRate: 0.002, loss, accuracy: 0.5 })),
    base: split(['red apple', 'green apple'], run.base, pictures),
    new: split(['pear', 'peach'], run.new, pictures),
    harmonicMean: harmonicMean(run.base, run.new),
    finished: '2026-01-02T03:04:05.000Z',
  };
}

function recipe(epochs: number): BaseToNewRecord['recipe'] {
  const augmentation = { scale: [0.08, 1], ratio: [0.75, 1.3333], flip: 0.5 } as const;
  const rates = { learningRate: 0.0035, warmupLearningRate: 1e-5, momentum: 0.9, weightDecay: 5e-4 };
  return { ...rates, depth: 3, length: 2, batchSize: 4, epochs, shots: 16, augmentation };
}

function split(classNames: string[], accuracy: number, pictures: number): SplitMetrics {
  return {
    classNames,
    pictures,
    accuracy,
    macroF1: accuracy,
    perClass: [accuracy, accuracy],
    labels: [0, 1],
    said: [0, 1],
  };
}
