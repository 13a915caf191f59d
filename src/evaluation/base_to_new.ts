import { checkKnown } from '../../layers/known_names.js';
import { splitClasses } from '../data/class_split.js';
import { harmonicMean } from './metrics.js';
import type { BaseToNewRecord } from './record.js';
import { RUN_ARGS, tuneRun, type ProtocolRun, type RunArgs } from './tuned_run.js';

/** What {@link runBaseToNew} needs: all classes, which the protocol splits. */
export type BaseToNewArgs = RunArgs;

/** What {@link runBaseToNew} ends with: its record, and the tuned model on the base classes. */
export type BaseToNewRun = ProtocolRun<BaseToNewRecord>;

/**
 * The base-to-new protocol (MaPLe, section 4.1): tune on the base half of the classes, test base pictures among base
 * names and new pictures among new names, with the same prompts.
 * @throws MapleError for fewer than two classes, a design that does not fit the backbone, or a recipe that cannot be
 * trained by
 */
export async function runBaseToNew(args: BaseToNewArgs): Promise<BaseToNewRun> {
  checkKnown('runBaseToNew', args, RUN_ARGS);
  const { split = 'test' } = args;
  const { base, new: novel } = splitClasses(args.dataset);
  const run = await tuneRun(args, base, base[split].length + novel[split].length);
  const onBase = await run.test(base);
  const onNew = await run.testOthers(novel);
  const record: BaseToNewRecord = {
    ...run.finish(),
    protocol: 'base-to-new',
    base: onBase,
    new: onNew,
    harmonicMean: harmonicMean(onBase.accuracy, onNew.accuracy),
  };
  return { record, model: run.model };
}
