import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { buildClip } from '../clip/build_clip.js';
import { foldWherePossible } from '../clip/fold_classifier.js';
import type { FewShotRecord } from '../evaluation/record.js';
import { fixedTexts, planRun, type RunArgs } from '../evaluation/tuned_run.js';
import { withHead } from '../heads/with_head.js';
import { writeFilesTogether } from './atomic_files.js';
import { fileHandler } from './file_handler.js';
import { savePrompts } from './prompt_folder.js';
import type { Candidate } from './train_candidates.js';
import type { TrainData } from './train_data.js';
import { TRAIN_PARTS } from './train_folder.js';
import { trainReport } from './train_report.js';

/** What a training ends with. */
export interface TrainResults {
  out: string;
  /** All that was measured, on the same test pictures. */
  candidates: readonly Candidate[];
  /** The one of them that `predict` is to use. */
  chosen: Candidate;
  /** The tuned model; absent where nothing was tuned. */
  model?: LayersModel;
  /** How the frozen backbone's classifier is built. */
  frozen: RunArgs;
  data: TrainData;
}

/**
 * Writes what a training ends with into its folder: the prompts where any were learned, the chosen classifier without its
 * text tower where that is possible, the report and the records.
 */
export async function writeTrainResults(results: TrainResults): Promise<{
  model: string;
  report: string;
  records: FewShotRecord[];
}> {
  const { out, candidates, chosen, model, data } = results;
  const records = candidates.map((candidate) => ({ ...candidate.record, chosen: candidate === chosen }));
  const paths = { model: join(out, TRAIN_PARTS.model), report: join(out, TRAIN_PARTS.report) };
  if (model !== undefined) {
    await savePrompts(model, join(out, TRAIN_PARTS.prompts));
  }
  await saveChosen(results, paths.model);
  await writeFilesTogether(out, [
    { name: TRAIN_PARTS.report, chunks: [utf8(await trainReport(records, data.dataset))] },
    { name: TRAIN_PARTS.record, chunks: [utf8(`${JSON.stringify(withSkipped(records, data), undefined, 1)}\n`)] },
  ]);
  return { ...paths, records };
}

/** The last record tells of the pictures too. */
function withSkipped(records: readonly FewShotRecord[], { counts, skipped }: TrainData): object[] {
  return records.map((record, index) => (index === records.length - 1 ? { ...record, counts, skipped } : record));
}

async function saveChosen({ chosen: { record, head }, model, frozen }: TrainResults, folder: string): Promise<void> {
  const tuned = record.recipe !== undefined;
  const under = tuned ? (model as LayersModel) : await frozenModel(frozen);
  const folded = head === undefined ? await foldWherePossible(under) : await withHead(under, head);
  await folded.save(fileHandler(folder));
  if (folded !== under) {
    folded.dispose();
  }
  if (!tuned) {
    under.dispose();
  }
}

function frozenModel(args: RunArgs): Promise<LayersModel> {
  const { backbone, dataset } = args;
  const { design, recipe } = planRun(args, backbone.config);
  const { classNames } = dataset;
  return buildClip(backbone, { classNames, design, templates: fixedTexts(args, dataset, recipe) });
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
