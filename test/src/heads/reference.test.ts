import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { ClassTexts, PictureFeatures } from '../../../src/heads/features.js';
import type { CacheHead, Head } from '../../../src/heads/head.js';
import { headLogits } from '../../../src/heads/head_logits.js';
import { fitLpPlusPlus } from '../../../src/heads/lp_plus_plus.js';
import { fitTipAdapter } from '../../../src/heads/tip_adapter.js';
import { fitTipAdapterF } from '../../../src/heads/tip_adapter_f.js';
import { BACKENDS, onBackend } from '../../helpers/on_backend.js';

interface CacheReference {
  alpha: number;
  beta: number;
  keys?: number[];
  logits: number[];
}

/** What make.py beside it printed; matrices row by row. */
const reference = JSON.parse(
  readFileSync(new URL('../../fixtures/heads/heads.json', import.meta.url), 'utf8'),
) as Record<'texts' | 'train' | 'mean' | 'labels' | 'validation' | 'validationLabels' | 'test', number[]> &
  Record<'inTurn' | 'chosen' | 'fineTuned' | 'fineTunedOnViews', CacheReference> & {
    scale: number;
    width: number;
    views: number[][];
    lpPlusPlus: Record<'kernel' | 'bias' | 'textScale' | 'logits', number[]>;
  };

const { width, labels } = reference;
const featuresOf = (values: number[], ofRows: number[], views: number[][] = []): PictureFeatures => ({
  width,
  values: Float32Array.from(values),
  labels: ofRows,
  views: views.map((view) => Float32Array.from(view)),
});
const train = featuresOf(reference.train, labels);
const validation = featuresOf(reference.validation, reference.validationLabels);
const tested = featuresOf(reference.test, []);
const texts: ClassTexts = {
  width,
  values: Float32Array.from(reference.texts),
  classNames: ['a', 'b', 'c', 'd'],
  logitScale: reference.scale,
  logitBias: 0,
};

/**
 * As a share of the largest number. Beside float64, float32 loses some over 300 steps at the largest rate that converges:
 * 8.5e-5 of LP++'s kernel natively.
 */
const CLOSE = 1e-4;

function expectNear(found: ArrayLike<number>, expected: number[]): void {
  expect(found).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  const difference = Math.max(...expected.map((value, i) => Math.abs(found[i] - value)));
  expect(difference / largest).toBeLessThanOrEqual(CLOSE);
}

function logitsOf(head: Head): ArrayLike<number> {
  return tf.tidy(() => headLogits(head, tested, texts).dataSync());
}

function expectCache(head: CacheHead, expected: CacheReference): void {
  expect(head.settings.alpha).toBeCloseTo(expected.alpha, 6);
  expect(head.settings.beta).toBeCloseTo(expected.beta, 6);
  if (expected.keys !== undefined) {
    expectNear(head.keys, expected.keys);
  }
  expectNear(logitsOf(head), expected.logits);
}

describe.each(BACKENDS)('heads beside NumPy, on %s', (backend) => {
  const skipped = onBackend(backend);

  test.each([
    ['Tip-Adapter, by the training pictures in turn', { train, texts }, 'inTurn', 'training'],
    ['Tip-Adapter, by validation pictures', { train, texts, validation }, 'chosen', 'validation'],
  ] as const)('%s', async (_, args, name, chosenOn) => {
    if (skipped()) {
      return;
    }
    const head = await fitTipAdapter(args);
    expect(head.settings).toMatchObject({ kind: 'tipAdapter', shots: 6, trainedParameters: 0, chosenOn });
    expectCache(head, reference[name]);
  });

  test.each([
    ['each picture told without its own key', train, 'fineTuned'],
    ['on views', featuresOf(reference.mean, labels, reference.views), 'fineTunedOnViews'],
  ] as const)('Tip-Adapter-F, %s', async (_, pictures, name) => {
    if (skipped()) {
      return;
    }
    const held = tf.memory().numTensors;
    const head = await fitTipAdapterF({ train: pictures, texts, validation });
    expect(tf.memory().numTensors).toBe(held);
    expect(head.settings).toMatchObject({ kind: 'tipAdapterF', epochs: 20, trainedParameters: 6 * 4 * 16 });
    expectCache(head, reference[name]);
  });

  test('LP++', async () => {
    if (skipped()) {
      return;
    }
    const held = tf.memory().numTensors;
    const head = await fitLpPlusPlus({ train, texts });
    expect(tf.memory().numTensors).toBe(held);
    expect(head.settings).toEqual({ kind: 'lpPlusPlus', shots: 6, steps: 300, trainedParameters: 16 * 4 + 4 + 4 });
    const { kernel, bias, textScale, logits } = reference.lpPlusPlus;
    expectNear(head.kernel, kernel);
    expectNear(head.bias, bias);
    expectNear(head.textScale, textScale);
    expectNear(logitsOf(head), logits);
  });
});

describe('what heads are fitted on', () => {
  onBackend('cpu');

  test('folds depend on the seed alone', async () => {
    const [one, same, other] = await Promise.all([1, 1, 2].map((seed) => fitTipAdapterF({ train, texts, seed })));
    expect(same).toEqual(one);
    expect(one.settings.chosenOn).toBe('training');
    // The keys are trained on all pictures, whatever the folds.
    expect(other.keys).toEqual(one.keys);
  });

  test("one picture a class: the paper's first guess", async () => {
    const first = labels.flatMap((label, i) => (labels.indexOf(label) === i ? [i] : []));
    const values = first.flatMap((i) => reference.train.slice(i * width, (i + 1) * width));
    const few = featuresOf(values, [0, 1, 2, 3]);
    for (const fit of [fitTipAdapter, fitTipAdapterF]) {
      const { settings } = await fit({ train: few, texts });
      expect(settings).toMatchObject({ alpha: 1, beta: 5.5, chosenOn: 'paper', shots: 1 });
    }
  });

  test('features of another width, or labels of no class, are refused', async () => {
    await expect(fitTipAdapter({ train: { ...train, width: 8 }, texts })).rejects.toThrow(
      '`train.width` must be 16, the width of the text features. Received: 8.',
    );
    await expect(fitLpPlusPlus({ train: { ...train, labels: [...labels.slice(1), 4] }, texts })).rejects.toThrow(
      '`train.labels` must be class indices from 0 to 3. Received: 4.',
    );
    await expect(fitTipAdapterF({ train, texts, validation: featuresOf([], []) })).rejects.toThrow(
      '`validation.labels` must be the class of one picture at least. Received: none.',
    );
    await expect(fitTipAdapterF({ train, texts, epochs: 0 })).rejects.toThrow('`epochs` must be a positive integer');
  });
});
