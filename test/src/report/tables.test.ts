import { describe, expect, test } from '@jest/globals';
import { PUBLISHED } from '../../../src/report/published.js';
import { ablationsOf, ablationTables } from '../../../src/report/ablation_tables.js';
import { averageTable, datasetTables, gainsTable } from '../../../src/report/base_to_new_tables.js';
import { resample } from '../../../src/report/bootstrap.js';
import { confusedPairsTable } from '../../../src/report/confusion.js';
import { fewShotTables } from '../../../src/report/few_shot_tables.js';
import { markdownTable, markdownTables } from '../../../src/report/markdown_table.js';
import { perClassTables } from '../../../src/report/per_class_tables.js';
import { resultTable, type ResultTable } from '../../../src/report/result_table.js';
import { summarise } from '../../../src/report/summary.js';
import { resultsTable } from '../../../src/report/terminal_table.js';
import { transferTables } from '../../../src/report/transfer_tables.js';
import { inventedFewShot, inventedRecord, inventedTransfer } from '../../helpers/records.js';

const zeroShot = inventedRecord({ method: 'zeroShot', base: 0.67, new: 0.547 });
const coop = inventedRecord({ method: 'coop', base: 0.703, new: 0.513, trainedParameters: 512, losses: [1] });
const maple = inventedRecord({ method: 'maple', base: 0.715, new: 0.56, trainedParameters: 3555072, losses: [1] });

/** The cells of a table, without its columns of published numbers. */
function ours({ columns, rows }: ResultTable): string[][] {
  return rows.map(({ cells }) => cells.filter((_, column) => !columns[column].published));
}

test('the overview for the terminal', () => {
  const lines = resultsTable([zeroShot, coop, maple])
    .split('\n')
    .filter((line) => line.startsWith('│'));
  expect(lines).toEqual([
    '│ Method    │ Base % │ New % │  HM % │ Trained parameters │ Training s │',
    '│ Zero-shot │  67.0  │ 54.7  │ 60.2  │                  0 │        0.0 │',
    '│ CoOp      │  70.3  │ 51.3  │ 59.3  │                512 │       31.3 │',
    '│ MaPLe     │  71.5* │ 56.0* │ 62.8* │          3,555,072 │       31.3 │',
  ]);
});

describe('base to new', () => {
  /** Two data sets, two seeds: seed 1 of CoOp has base 60 and 80, seed 2 has 80 and 100. */
  const records = [
    inventedRecord({ method: 'coop', dataset: 'a', seed: 1, base: 0.6, new: 0.5 }),
    inventedRecord({ method: 'coop', dataset: 'a', seed: 2, base: 0.8, new: 0.5 }),
    inventedRecord({ method: 'coop', dataset: 'b', seed: 1, base: 0.8, new: 0.3 }),
    inventedRecord({ method: 'coop', dataset: 'b', seed: 2, base: 1, new: 0.3 }),
    inventedRecord({ method: 'zeroShot', dataset: 'a', base: 0.5, new: 0.5 }),
    inventedRecord({ method: 'zeroShot', dataset: 'b', base: 0.5, new: 0.5 }),
  ];

  test('the average has means, the deviation of the seeds’ averages, and the harmonic mean of the averages', () => {
    const table = averageTable(summarise(records));
    // Averages of CoOp: base 80 (seeds: 70 and 90), new 40. HM of 80 and 40 is 53.3; of 70 and 40, 50.9; of 90 and 40, 55.4.
    expect(ours(table)).toEqual([
      ['Zero-shot', '50.0 ± 0.0', '50.0 ± 0.0', '50.0 ± 0.0'],
      ['CoOp', '80.0 ± 10.0', '40.0 ± 0.0', '53.3 ± 2.2'],
    ]);
    expect(table.rows.map(({ best }) => best.slice(0, 4))).toEqual([
      [false, false, true, false],
      [false, true, false, true],
    ]);
  });

  test('the average has the paper’s own numbers in columns said to be of other data', () => {
    const { columns, rows, caption } = averageTable(summarise(records));
    const published = rows[1].cells.filter((_, column) => columns[column].published);
    expect(published).toEqual(['82.69', '63.22', '71.66']);
    expect(PUBLISHED.averages.coop).toEqual({ base: 82.69, new: 63.22, harmonicMean: 71.66 });
    expect(columns.slice(4).map(({ title }) => title)).toEqual([
      'Paper base (CLIP ViT-B/16)',
      'Paper new (CLIP ViT-B/16)',
      'Paper HM (CLIP ViT-B/16)',
    ]);
    expect(caption).toContain(
      'averages over all of its eleven data sets, with CLIP ViT-B/16; ours are of other pictures, with emoji-clip: only',
    );
  });

  test('a table a data set; a data set of the paper has the paper’s numbers beside it', () => {
    const [a, b] = datasetTables(records);
    expect([a.title, b.title]).toEqual(['Base to new: a', 'Base to new: b']);
    // HM of the means: 2 * 90 * 30 / 120; of the seeds: 43.6 and 46.2.
    expect(ours(b)[1]).toEqual(['CoOp', '90.0 ± 10.0', '30.0 ± 0.0', '45.0 ± 1.3']);
    const [euroSat] = datasetTables([inventedRecord({ method: 'maple', dataset: 'euro_sat', base: 0.9, new: 0.7 })]);
    const {
      base,
      new: novel,
      harmonicMean,
    } = PUBLISHED.baseToNew.EuroSAT.maple ?? { base: 0, new: 0, harmonicMean: 0 };
    expect(euroSat.rows[0].cells.slice(4).map(Number)).toEqual([base, novel, harmonicMean]);
  });

  test('gains over zero-shot, with the paper’s', () => {
    const summaries = summarise(records);
    const [table] = gainsTable(summaries, resample(summaries));
    const [{ cells }] = table.rows;
    expect(cells.slice(0, 4)).toEqual(['CoOp', '+30.0', '−10.0', '+3.3']);
    expect(cells[5]).toBe('0.0');
    expect(gainsTable([summaries[1]], resample([summaries[1]]))).toEqual([]);
  });

  test('an incomplete study is compared on the cells that all methods have, and says so', () => {
    const table = averageTable(summarise(records.slice(0, 3).concat(records[4])));
    expect(ours(table)).toEqual([
      ['Zero-shot', '50.0 ± 0.0', '50.0 ± 0.0', '50.0 ± 0.0'],
      ['CoOp', '70.0 ± 10.0', '50.0 ± 0.0', '58.3 ± 3.5'],
    ]);
  });

  test('a run that comes twice is refused', () => {
    expect(() => summarise([...records, records[0]])).toThrow('Received twice: CoOp on a (seed 1).');
  });

  test('per class, over seeds', () => {
    const [table] = perClassTables([records[0], records[1]]);
    expect(ours(table)[0]).toEqual(['red apple', 'base', '70.0']);
    expect(ours(table)[2]).toEqual(['pear', 'new', '50.0']);
  });
});

test('transfer: the average is over targets without the source', () => {
  const records = [1, 2].map((seed) =>
    inventedTransfer({
      method: 'maple',
      seed,
      source: 0.9,
      datasets: { a: 0.2 * seed, b: 0.8 },
      domains: { sketch: 0.1 },
      losses: [1],
    }),
  );
  const [datasets, domains] = transferTables(records);
  expect(datasets.columns.map(({ title }) => title)).toEqual([
    'Method',
    'all (source)',
    'a',
    'b',
    'Average',
    'Paper average (CLIP ViT-B/16)',
  ]);
  // Seeds: (20 + 80) / 2 and (40 + 80) / 2.
  expect(datasets.rows[0].cells).toEqual(['MaPLe', '90.0 ± 0.0', '30.0 ± 10.0', '80.0 ± 0.0', '55.0 ± 5.0', '66.30']);
  expect(domains.rows[0].cells).toEqual(['MaPLe', '90.0 ± 0.0', '10.0 ± 0.0', '10.0 ± 0.0', '60.27']);
});

test('few-shot: zero-shot, which no shots change, stands in every column', () => {
  const run = (shots: number, dataset: string, accuracy: number) =>
    inventedFewShot({ method: 'maple', shots, dataset, accuracy, losses: [1] });
  const [average, a] = fewShotTables([
    inventedFewShot({ method: 'zeroShot', shots: 0, dataset: 'a', accuracy: 0.4 }),
    inventedFewShot({ method: 'zeroShot', shots: 0, dataset: 'b', accuracy: 0.5 }),
    run(16, 'a', 0.8),
    run(16, 'b', 0.9),
    run(1, 'a', 0.3),
    run(1, 'b', 0.5),
  ]);
  expect(average.columns.map(({ title }) => title)).toEqual(['Method', '1 shot', '16 shots']);
  expect(ours(average)).toEqual([
    ['Zero-shot', '45.0', '45.0'],
    ['MaPLe', '40.0', '85.0'],
  ]);
  expect(ours(a)[1]).toEqual(['MaPLe', '30.0', '80.0']);
});

test('few-shot of zero-shot alone has its accuracy, at no shots', () => {
  const [table] = fewShotTables([inventedFewShot({ method: 'zeroShot', shots: 0, dataset: 'a', accuracy: 0.4 })]);
  expect(table.columns.map(({ title }) => title)).toEqual(['Method', '0 shots']);
  expect(ours(table)).toEqual([['Zero-shot', '40.0']]);
});

describe('ablations', () => {
  const at = (setting: string, base: number) =>
    inventedRecord({ method: 'maple', base, new: base, setting, losses: [1] });
  const usual = inventedRecord({ method: 'maple', base: 0.7, new: 0.7, design: { textDepth: 3, visionDepth: 3 } });

  test('by value, with the usual form where no setting states it', () => {
    const [depth] = ablationTables(ablationsOf([at('depth=10', 0.8), at('depth=2', 0.6)], [usual]));
    expect(depth.rows.map(({ cells }) => cells.slice(0, 2))).toEqual([
      ['2', '60.0'],
      ['3 (usual)', '70.0'],
      ['10', '80.0'],
    ]);
  });

  test('methods that are values of one ablation stand in one table', () => {
    const unified = inventedRecord({ method: 'unifiedMaple', base: 0.5, new: 0.5, setting: 'coupling=unified' });
    const [coupling] = ablationTables(ablationsOf([unified, at('coupling=per layer', 0.6)], []));
    expect(coupling.rows.map(({ cells }) => cells[0])).toEqual(['unified (Unified MaPLe)', 'per layer (MaPLe)']);
  });
});

test('the most confused pairs', () => {
  const record = inventedRecord({ method: 'maple', base: 1, new: 1, pictures: 4 });
  record.new.labels = [0, 0, 1, 1];
  record.new.said = [1, 1, 1, 0];
  const { rows } = confusedPairsTable({ dataset: 'a', seed: 1, runs: [record] });
  expect(rows.map(({ cells }) => cells)).toEqual([
    ['pear', 'peach', 'new', 'MaPLe', '2 of 2'],
    ['peach', 'pear', 'new', 'MaPLe', '1 of 2'],
  ]);
});

describe('Markdown', () => {
  const heading = { id: 'a', title: 'A *b*', caption: 'C', columns: [{ title: 'D' }, { title: 'E', ranked: true }] };
  const table = resultTable(heading, [
    { name: 'one|two', values: ['1.0 ± 0.1'] },
    { name: 'three', values: ['−2.0'] },
    { name: 'four', values: [''] },
  ]);

  test('marks the highest number and takes no name for markup', () => {
    expect(markdownTable(table).split('\n')).toEqual([
      '| D | E |',
      '| --- | ---: |',
      '| one\\|two | **1.0 ± 0.1** |',
      '| three | −2.0 |',
      '| four |  |',
    ]);
    expect(markdownTables([table], 'T')).toMatch(/^# T\n\n## A \\\*b\\\*\n\n\| D \| E \|[^]*\|\n\nC\n$/);
  });

  test('equal numbers are not marked', () => {
    expect(markdownTable(resultTable(heading, [{ name: 'one', values: ['1.0'] }]))).not.toContain('**');
  });
});
