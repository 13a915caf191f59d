import { beforeAll, describe, expect, test } from '@jest/globals';
import { input, type layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { layers as own } from '../../layers/entry.js';
import { chooseBackend } from '../../src/node/backend.js';

/** Layers whose weights start from a normal distribution, and what each is applied to. */
const LAYERS: Record<string, (seed: number) => { layer: layers.Layer; on: SymbolicTensor | SymbolicTensor[] }> = {
  conditionalPrompt: (seed) => ({
    layer: own.conditionalPrompt({ length: 2, seed }),
    on: [input({ shape: [9, 4] }), input({ shape: [] }), input({ shape: [4] })],
  }),
  deepTextPrompt: (seed) => ({ layer: own.deepTextPrompt({ length: 2, seed }), on: input({ shape: [9, 4] }) }),
  deepVisionPrompt: (seed) => ({
    layer: own.deepVisionPrompt({ length: 2, mode: 'append', seed }),
    on: input({ shape: [9, 4] }),
  }),
  learnedPositions: (seed) => ({ layer: own.learnedPositions({ positions: 9, seed }), on: input({ shape: [9, 4] }) }),
  patchEmbedding: (seed) => ({
    layer: own.patchEmbedding({ patchSize: 2, units: 4, seed }),
    on: input({ shape: [4, 4, 3] }),
  }),
  promptVectors: (seed) => ({ layer: own.promptVectors({ length: 2, units: 4, seed }), on: input({ shape: [4] }) }),
  tokenEmbedding: (seed) => ({
    layer: own.tokenEmbedding({ vocabularySize: 9, units: 4, seed }),
    on: input({ shape: [9] }),
  }),
};

describe('every seed repeats, 0 too', () => {
  beforeAll(() => chooseBackend('wasm'));

  test.each(Object.entries(LAYERS))('%s', (_, make) => {
    const start = (seed: number): number[][] => {
      const { layer, on } = make(seed);
      layer.apply(on);
      return layer.getWeights().map((weight) => Array.from(weight.dataSync()));
    };
    expect(start(0)).toEqual(start(0));
    expect(start(0)).not.toEqual(start(1));
    expect(
      start(0)
        .flat()
        .some((value) => value !== 0),
    ).toBe(true);
  });
});
