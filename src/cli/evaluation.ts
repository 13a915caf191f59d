import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { LabelledExamples } from '../evaluation/evaluate_data.js';
import type { Skipped } from '../node/image_folder.js';
import { tellSkipped } from './answers.js';
import { print, printJson } from './output.js';
import { withPictureThreads } from './picture_threads.js';

/** What is told of an evaluation beside its figures. */
export interface EvaluationShow {
  json?: boolean;
  batchSize: number;
  /** First fields of the JSON document, e.g. which model. */
  heading: Record<string, unknown>;
  /** What was left out when the data were read. */
  skipped: readonly Skipped[];
}

/** Tests a model on labelled pictures and prints tables, or the whole record as JSON. */
export async function showEvaluation(
  model: LayersModel,
  data: LabelledExamples,
  { json, batchSize, heading, skipped }: EvaluationShow,
): Promise<void> {
  const [{ evaluateData }, { evaluationTables }, { titledTerminalTable }, { progressBar }] = await Promise.all([
    import('../evaluation/evaluate_data.js'),
    import('../report/evaluation_tables.js'),
    import('../report/terminal_table.js'),
    import('../node/progress.js'),
  ]);
  const bar = progressBar({ label: 'Testing', total: Math.max(1, data.examples.length) });
  const onProgress = (done: number, total: number): void =>
    bar.update(Math.round((done / total) * data.examples.length));
  const evaluation = await withPictureThreads(data.examples.length, (loader) =>
    evaluateData(model, data, { batchSize, loader, onProgress }),
  ).finally(() => bar.stop());
  const leftOut = [...skipped, ...evaluation.skipped];
  tellSkipped([
    ...skipped.map(({ path, reason }) => (reason.startsWith(path) ? reason : `${path}: ${reason}`)),
    ...evaluation.skipped.map(({ reason }) => reason),
    ...evaluation.unknownClasses.map((name) => `the class "${name}", which the model does not know`),
  ]);
  if (json) {
    await printJson({ ...heading, ...evaluation, skipped: leftOut });
    return;
  }
  for (const table of evaluationTables(evaluation)) {
    await print(`${titledTerminalTable(table)}\n\n`);
  }
}
