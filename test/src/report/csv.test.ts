import { expect, test } from '@jest/globals';
import { csvRecords, csvTables } from '../../../src/report/csv.js';
import { resultTable } from '../../../src/report/result_table.js';
import { inventedFewShot, inventedRecord, inventedTransfer } from '../../helpers/records.js';

const HEADER = 'protocol,dataset,method,seed,setting,shots,tested_on,split,metric,value';

test('records as tidy CSV: a row a number, shares in full', () => {
  const record = inventedRecord({ method: 'maple', base: 0.123456, new: 0.5, losses: [2, 1.25], setting: 'depth=1' });
  const lines = csvRecords([record]).trimEnd().split('\n');
  const run = 'base-to-new,noto food,maple,1,depth=1,16';
  expect(lines[0]).toBe(HEADER);
  expect(lines).toContain(`${run},noto food,base,accuracy,0.123456`);
  expect(lines).toContain(`${run},noto food,new,macroF1,0.5`);
  expect(lines).toContain(`${run},noto food,base and new,harmonicMean,${record.harmonicMean}`);
  expect(lines).toContain(`${run},,,lastLoss,1.25`);
  expect(lines).toContain(`${run},,,trainSeconds,31.26`);
});

test('what prompts were carried over to, and shots', () => {
  const lines = csvRecords([
    inventedTransfer({ method: 'coop', source: 0.5, datasets: { a: 0.25 }, domains: { sketch: 0.125 } }),
    inventedFewShot({ method: 'coop', shots: 4, accuracy: 0.75 }),
  ]).split('\n');
  expect(lines).toContain('transfer,all,coop,1,,0,all,source,accuracy,0.5');
  expect(lines).toContain('transfer,all,coop,1,,0,a,dataset,accuracy,0.25');
  expect(lines).toContain('transfer,all,coop,1,,0,sketch,domain,accuracy,0.125');
  expect(lines).toContain('few-shot,noto food,coop,1,,4,noto food,all,accuracy,0.75');
});

test('names are quoted where they must be, and are no formulas', () => {
  const [, line] = csvRecords([inventedRecord({ method: 'maple', base: 0.5, new: 0.5, dataset: '=1+1,"x"' })]).split(
    '\n',
  );
  expect(line).toBe(`base-to-new,"'=1+1,""x""",maple,1,,0,"'=1+1,""x""",base,accuracy,0.5`);
});

test('tables as CSV: a row a cell, plain numbers as numbers', () => {
  const columns = ['Method', 'Gain', 'Parameters', 'Base'].map((title) => ({ title }));
  const table = resultTable({ id: 'gains', title: '', caption: '', columns }, [
    { name: 'MaPLe', values: ['+2.6', '3,555,072', '70.0 ± 1.0'] },
    { name: 'CoOp', values: ['−1.0', '', '60.0'] },
  ]);
  expect(csvTables([table]).trimEnd().split('\n')).toEqual([
    'table,row,column,value',
    'gains,MaPLe,Gain,2.6',
    'gains,MaPLe,Parameters,3555072',
    'gains,MaPLe,Base,70.0 ± 1.0',
    'gains,CoOp,Gain,-1',
    'gains,CoOp,Parameters,',
    'gains,CoOp,Base,60',
  ]);
});
