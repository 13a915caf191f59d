import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import type { ImageDataset } from '../data/dataset.js';
import type { TransferRecord, TransferTarget } from './record.js';
import { RUN_ARGS, tuneRun, type ProtocolRun, type RunArgs } from './tuned_run.js';

/** A data set to carry prompts over to. */
export interface TransferTo {
  dataset: ImageDataset;
  /** `dataset`: other classes; `domain`: the source's classes, or some of them, looking otherwise. */
  kind: TransferTarget['kind'];
}

/** What {@link runTransfer} needs; `dataset` is the source. */
export interface TransferArgs extends RunArgs {
  targets: readonly TransferTo[];
}

const ARGS: SettingNames<TransferArgs> = { ...RUN_ARGS, targets: true };

/**
 * Cross-dataset evaluation and domain generalisation (MaPLe, sections 4.3 and 4.4): tune on all classes of the source,
 * test it, and test each target among its own names with the same prompts.
 * @throws MapleError for a design that does not fit the backbone, or a recipe that cannot be trained by
 */
export async function runTransfer(args: TransferArgs): Promise<ProtocolRun<TransferRecord>> {
  checkKnown('runTransfer', args, ARGS);
  const { dataset, targets, split = 'test' } = args;
  const sets = [dataset, ...targets.map((target) => target.dataset)];
  const pictures = sets.reduce((sum, set) => sum + set[split].length, 0);
  const run = await tuneRun(args, dataset, pictures);
  const source = await run.test(dataset);
  const carried: TransferTarget[] = [];
  for (const { dataset: target, kind } of targets) {
    carried.push({ dataset: target.name, kind, ...(await run.testOthers(target)) });
  }
  return { record: { ...run.finish(), protocol: 'transfer', source, targets: carried }, model: run.model };
}
