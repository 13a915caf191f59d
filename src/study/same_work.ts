import type { TowersConfig } from '../backbone/contract.js';
import type { ExperimentRecord } from '../evaluation/record.js';
import { planRun } from '../evaluation/tuned_run.js';
import { completeDesign } from '../prompting/design.js';
import type { StudyCell } from './cell.js';

/** All that decides what a cell computes: an ablation's usual value is the same work as the method without a setting. */
export function workOf(cell: StudyCell, config: TowersConfig): string {
  const { protocol, dataset, method, seed, split, templates, targets, domains, recipe } = cell;
  const { design, recipe: plan } = planRun(cell, config);
  // `shots` of a method that learns nothing are still the pictures that are loaded.
  return JSON.stringify([
    protocol,
    dataset,
    method,
    seed,
    split,
    templates,
    targets,
    domains,
    recipe.shots,
    completeDesign(design),
    plan,
  ]);
}

/** The record of a cell from that of the same work under another setting. */
export function recordFor({ setting }: StudyCell, record: ExperimentRecord): ExperimentRecord {
  const same = { ...record };
  delete same.setting;
  return setting === undefined ? same : { ...same, setting };
}
