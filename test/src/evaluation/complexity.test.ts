import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { TransformerBackbone } from '../../../src/clip/transformer_backbone.js';
import { measureComplexity } from '../../../src/evaluation/complexity.js';
import { countFlops } from '../../../src/evaluation/flops.js';
import type { MethodComplexity, RunEnvironment } from '../../../src/evaluation/record.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { METHODS, promptDesign } from '../../../src/prompting/presets.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinySiglip } from '../../helpers/tiny_siglip.js';

const environment: RunEnvironment = { version: '0', tfjs: '4', backend: 'wasm', device: 'none' };
const classNames = ['cat', 'dog', 'fox'];
let backbone: TransformerBackbone;

beforeAll(async () => {
  await chooseBackend('wasm');
  backbone = await tinyBackbone();
});

describe('measureComplexity', () => {
  test('a row a method, with what training costs where anything is trained; nothing stays in memory', async () => {
    const tensors = tf.memory().numTensors;
    const told: string[] = [];
    const progress: number[][] = [];
    const record = await measureComplexity({
      backbone,
      classNames,
      environment,
      testBatch: 3,
      trainBatch: 2,
      repeats: 3,
      onMethod: (method, index) => told.push(`${index} ${method}`),
      onProgress: (...counts) => progress.push(counts),
    });
    expect(tf.memory().numTensors).toBe(tensors);
    expect(told).toEqual(METHODS.map((method, index) => `${index} ${method}`));
    // Eight methods in test and training, zero-shot in the test alone: four times, and as often the reference.
    expect(progress).toEqual(Array.from({ length: 17 * 8 + 1 }, (_, done) => [done, 17 * 8]));
    expect(record).toMatchObject({ protocol: 'complexity', classes: 3, testBatch: 3, trainBatch: 2, environment });
    expect(record.methods.map(({ method }) => method)).toEqual([...METHODS]);
    const testSeconds = record.methods.flatMap(({ test: timing }) => timing.reference).sort((a, b) => a - b);
    expect(record.reference.test).toBe(testSeconds[13]);
    for (const { method, test: timing, step, ...cost } of record.methods) {
      const ratios = timing.seconds.map((taken, index) => taken / timing.reference[index]).sort((a, b) => a - b);
      expect(ratios).toHaveLength(3);
      expect(timing.ratio).toBe(ratios[1]);
      expect(cost.picturesPerSecond).toBeCloseTo(3 / (record.reference.test * timing.ratio), 6);
      expect(step?.seconds.length).toBe(method === 'zeroShot' ? undefined : 3);
      expect(cost.secondsPerStep === undefined).toBe(method === 'zeroShot');
    }
  });

  test('parameters and operations are those of the design', async () => {
    const of = { backbone, classNames, environment, repeats: 1, training: false };
    const { methods, clipParameters } = await measureComplexity({ ...of, methods: ['cocoop', 'maple'] });
    const [cocoop, maple] = methods as [MethodComplexity, MethodComplexity];
    // 2 prompts of 24 and a map of 24 -> 32 with bias, at both of 2 depths.
    expect(maple.trainedParameters).toBe(2 * (2 * 24 + 25 * 32));
    expect(maple.shareOfClip).toBe(maple.trainedParameters / clipParameters);
    expect(maple.flops.kept).toBeLessThan(maple.flops.each);
    expect(cocoop.flops.kept).toBe(cocoop.flops.each);
    expect(maple.flops.each).toBeLessThan(maple.unprunedFlops.each);
    expect(maple.step).toBeUndefined();
  });

  test('texts of SigLIP’s form are counted at the whole context, as they are computed', async () => {
    const siglip = await tinySiglip();
    const of = { backbone: siglip, classNames, environment, repeats: 1, training: false };
    const { methods } = await measureComplexity({ ...of, methods: ['maple'] });
    expect(methods[0].flops).toEqual(countFlops(promptDesign('maple', siglip.config), siglip.config, { classes: 3 }));
  });

  test('tells what cannot be measured', async () => {
    const of = { backbone, classNames, environment };
    await expect(measureComplexity({ ...of, methods: [] })).rejects.toThrow('`methods` must name at least one method.');
    await expect(measureComplexity({ ...of, repeats: 0 })).rejects.toThrow(
      '`repeats` must be a positive integer. Received: 0.',
    );
  });
});
