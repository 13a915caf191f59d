import { MapleError } from '../../layers/errors.js';
import type { AnyRecord, BaseToNewRecord } from '../evaluation/record.js';
import { ablationsOf, ablationTables } from './ablation_tables.js';
import {
  averageTable,
  costTable,
  datasetsOf,
  datasetTables,
  gainsTable,
  harmonicMeanTable,
} from './base_to_new_tables.js';
import { resample } from './bootstrap.js';
import { comparableRuns } from './comparable.js';
import { comparedRunsTables } from './compared_runs_table.js';
import { complexityTable } from './complexity_table.js';
import { confusedPairsTable, confusedRuns } from './confusion.js';
import { fewShotTables } from './few_shot_tables.js';
import { perClassTables } from './per_class_tables.js';
import type { ResultTable } from './result_table.js';
import { studyRecords } from './study_records.js';
import { summarise } from './summary.js';
import { transferTables } from './transfer_tables.js';

/**
 * Every table that some records make, in the paper's order: base to new, cross-dataset, domain generalisation,
 * few-shot, ablations, and last what is looked up rather than read.
 * @throws MapleError when there is no record, or methods have no data set and seed in common
 */
export function studyTables(records: readonly AnyRecord[]): ResultTable[] {
  if (records.length === 0) {
    throw new MapleError('A report needs at least one record. Received: none. Run an experiment first.');
  }
  const { baseToNew, ablations, transfer, fewShot, trainings, complexity } = studyRecords(records);
  return [
    ...(baseToNew.length === 0 ? [] : baseToNewTables(baseToNew)),
    ...transferTables(transfer),
    ...fewShotTables(fewShot),
    ...comparedRunsTables(trainings),
    ...ablationTables(ablationsOf(ablations, baseToNew)),
    ...complexity.map(complexityTable),
    ...(baseToNew.length === 0 ? [] : lookedUp(baseToNew)),
  ];
}

function baseToNewTables(records: readonly BaseToNewRecord[]): ResultTable[] {
  const summaries = summarise(records);
  const several = datasetsOf(records).length > 1;
  return [
    averageTable(summaries, comparableRuns(records).note),
    ...gainsTable(summaries, resample(summaries)),
    ...(several ? [harmonicMeanTable(summaries), ...datasetTables(records)] : []),
    costTable(summaries),
  ];
}

function lookedUp(records: readonly BaseToNewRecord[]): ResultTable[] {
  const confused = confusedRuns(records);
  return [...(confused === undefined ? [] : [confusedPairsTable(confused)]), ...perClassTables(records)];
}
