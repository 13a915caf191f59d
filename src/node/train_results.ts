import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { foldWherePossible } from '../clip/fold_classifier.js';
import type { FewShotRecord } from '../evaluation/record.js';
import { writeFilesTogether } from './atomic_files.js';
import { fileHandler } from './file_handler.js';
import { savePrompts } from './prompt_folder.js';
import type { TrainData } from './train_data.js';
import { TRAIN_PARTS } from './train_folder.js';
import { trainReport } from './train_report.js';

/**
 * Writes what a training ends with into its folder: the prompts where any were learned, the model without its text tower
 * where that is possible, the report and the records.
 * @param records - on the same test pictures; the last is the model's
 */
export async function writeTrainResults(
  out: string,
  model: LayersModel,
  records: readonly FewShotRecord[],
  data: TrainData,
): Promise<{ model: string; report: string }> {
  const paths = { model: join(out, TRAIN_PARTS.model), report: join(out, TRAIN_PARTS.report) };
  if (records[records.length - 1].method !== 'zeroShot') {
    await savePrompts(model, join(out, TRAIN_PARTS.prompts));
  }
  await saveFolded(model, paths.model);
  await writeFilesTogether(out, [
    { name: TRAIN_PARTS.report, chunks: [utf8(await trainReport(records, data.dataset))] },
    { name: TRAIN_PARTS.record, chunks: [utf8(`${JSON.stringify(withSkipped(records, data), undefined, 1)}\n`)] },
  ]);
  return paths;
}

/** The last record tells of the pictures too. */
function withSkipped(records: readonly FewShotRecord[], { counts, skipped }: TrainData): object[] {
  return records.map((record, index) => (index === records.length - 1 ? { ...record, counts, skipped } : record));
}

/** Without text tower where that is possible. */
async function saveFolded(model: LayersModel, folder: string): Promise<void> {
  const folded = await foldWherePossible(model);
  await folded.save(fileHandler(folder));
  if (folded !== model) {
    folded.dispose();
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
