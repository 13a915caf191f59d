import { checkKnown } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import type { ImageDataset } from '../data/dataset.js';
import type { FewShotRecord } from './record.js';
import { RUN_ARGS, tuneRun, type ProtocolRun, type RunArgs } from './tuned_run.js';

/**
 * Few-shot classification: tune on all classes, `recipe.shots` pictures of each, and test among all of them.
 * @throws MapleError when `dataset.train` has more pictures of a class than `recipe.shots`, for a design that does not
 * fit the backbone, or a recipe that cannot be trained by
 */
export async function runFewShot(args: RunArgs): Promise<ProtocolRun<FewShotRecord>> {
  checkKnown('runFewShot', args, RUN_ARGS);
  const { dataset, recipe, split = 'test' } = args;
  mustHaveAtMost(recipe.shots, dataset);
  const run = await tuneRun(args, dataset, dataset[split].length);
  const test = await run.test(dataset);
  const record = run.finish();
  const shots = record.recipe?.shots ?? record.head?.shots ?? 0;
  return { record: { ...record, protocol: 'few-shot', shots, test }, model: run.model };
}

function mustHaveAtMost(shots: number, { name, classNames, train }: ImageDataset): void {
  const counts = new Array<number>(classNames.length).fill(0);
  for (const { label } of train) {
    counts[label]++;
  }
  const label = counts.findIndex((count) => count > shots);
  if (label >= 0) {
    throw new MapleError(
      `The training pictures of ${name} must be at most \`recipe.shots\` a class, ${shots}. Received: ${counts[label]} ` +
        `of ${classNames[label]}. Choose them with fewShots().`,
    );
  }
}
