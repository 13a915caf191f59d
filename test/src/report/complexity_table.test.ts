import { describe, expect, test } from '@jest/globals';
import { clipConfigs } from '../../../src/clip/clip_configs.js';
import { clipParameters, countFlops } from '../../../src/evaluation/flops.js';
import type { ComplexityRecord, MethodComplexity } from '../../../src/evaluation/record.js';
import { promptDesign, type Method } from '../../../src/prompting/presets.js';
import { complexityTable, publishedComplexityTable } from '../../../src/report/complexity_table.js';

const config = clipConfigs.vitB16;

/** Costs of a run that never was. */
function invented(method: Method, trainedParameters: number, ratio: number): MethodComplexity {
  const design = promptDesign(method, config);
  const timing = { seconds: [2 * ratio], reference: [2], ratio };
  return {
    method,
    design,
    trainedParameters,
    shareOfClip: trainedParameters / clipParameters(config),
    textLength: 12,
    flops: countFlops(design, config, { classes: 50, textLength: 12 }),
    unprunedFlops: countFlops(design, config, { classes: 50, pruned: false }),
    test: timing,
    picturesPerSecond: 8 / ratio,
    ...(method === 'zeroShot' ? {} : { step: timing, secondsPerStep: 1.5 }),
  };
}

const record: ComplexityRecord = {
  format: 1,
  protocol: 'complexity',
  backbone: { name: 'a CLIP', identity: 'f'.repeat(64) },
  environment: { version: '0.1.0', tfjs: '4.22.0', backend: 'wasm', device: 'WebAssembly, one thread' },
  clipParameters: clipParameters(config),
  classes: 50,
  testBatch: 16,
  trainBatch: 4,
  reference: { test: 2, step: 1.5 },
  methods: [invented('zeroShot', 0, 1), invented('maple', 3_555_072, 1.016)],
  finished: '2026-01-02T03:04:05.000Z',
};

describe('complexityTable', () => {
  test('a row a method; no training step where nothing is trained', () => {
    const { rows, columns, caption } = complexityTable(record);
    expect(columns).toHaveLength(10);
    expect(columns[2].title).toBe('% of backbone');
    expect(rows.map(({ method }) => method)).toEqual(['zeroShot', 'maple']);
    expect(rows[0].cells.slice(0, 3)).toEqual(['Zero-shot', '0', '0']);
    expect(rows[0].cells.slice(-4)).toEqual(['8.00', '1.00 x', '', '']);
    expect(rows[1].cells.slice(0, 3)).toEqual(['MaPLe', '3,555,072', '2.38']);
    expect(rows[1].cells.slice(-4)).toEqual(['7.87', '1.02 x', '1.50', '1.02 x']);
    expect(caption).toContain('a CLIP: 149,620,737 parameters, 50 classes; WebAssembly, one thread.');
  });

  test('operations in thousand millions: with everything anew, with kept text, as the official code has it', () => {
    const [, , , anew, kept, official] = complexityTable(record).rows[1].cells.map(Number);
    const { flops, unprunedFlops } = record.methods[1];
    expect(Math.abs(anew - flops.each / 1e9)).toBeLessThan(0.5);
    expect(Math.abs(kept - flops.kept / 1e9)).toBeLessThan(0.05);
    expect(Math.abs(official - unprunedFlops.each / 1e9)).toBeLessThan(0.5);
  });
});

test('publishedComplexityTable holds what was found, and marks it as published', () => {
  const { rows, columns } = publishedComplexityTable();
  expect(rows.map(({ cells }) => cells)).toEqual([
    ['CoCoOp', '35,360', '', '75.83'],
    ['Unified MaPLe', '410,000', '', '78.11'],
    ['MaPLe', '3,550,000', '2.85', '78.55'],
  ]);
  expect(columns.slice(1).every(({ published }) => published)).toBe(true);
});
