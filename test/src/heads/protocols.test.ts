import { beforeAll, describe, expect, test } from '@jest/globals';
import { runBaseToNew } from '../../../src/evaluation/base_to_new.js';
import { runFewShot } from '../../../src/evaluation/few_shot.js';
import { runTransfer } from '../../../src/evaluation/transfer.js';
import type { RunArgs } from '../../../src/evaluation/tuned_run.js';
import { modelMetadata } from '../../../src/backbone/model_metadata.js';
import { HEADS } from '../../../src/heads/head.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { runEnvironment } from '../../../src/node/environment.js';
import { problemOf } from '../../../src/report/check_record.js';
import { recordTitle } from '../../../src/report/methods.js';
import { recipes } from '../../../src/training/recipe.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';

let common: Omit<RunArgs, 'method'>;

beforeAll(async () => {
  const environment = runEnvironment(await chooseBackend('wasm'));
  const recipe = { ...recipes.mapleBaseToNew, depth: 2, shots: 4, epochs: 1 };
  common = { backbone: await tinyBackbone(), dataset: tinyDataset(4, 5), recipe, environment };
});

describe('heads in the protocols', () => {
  test.each(HEADS)('%s, few-shot: told by its shots, with no recipe', async (method) => {
    const { record, model } = await runFewShot({ ...common, method });
    model.dispose();
    expect(record).toMatchObject({ method, shots: 4, history: [], head: { kind: method, shots: 4 } });
    expect(record.test.accuracy).toBe(1);
    expect(record.recipe).toBeUndefined();
    expect(record.setting).toBeUndefined();
    const trained = { tipAdapter: 0, tipAdapterF: 4 * 4 * 16, lpPlusPlus: 16 * 4 + 4 + 4 };
    expect(record.trainedParameters).toBe(trained[method]);
    expect(problemOf(JSON.parse(JSON.stringify(record)))).toBeUndefined();
  });

  test('on new classes zero-shot answers, which has what a head lacks: a text', async () => {
    const zeroShot = await runBaseToNew({ ...common, method: 'zeroShot' });
    const head = await runBaseToNew({ ...common, method: 'lpPlusPlus' });
    expect(head.record.new).toEqual(zeroShot.record.new);
    expect(head.record.base.accuracy).toBe(1);
    expect(modelMetadata(head.model).head?.kind).toBe('lpPlusPlus');
    zeroShot.model.dispose();
    head.model.dispose();
  });

  test('on the features of MaPLe: its prompts answer on new classes, and a domain of the same classes is the head’s', async () => {
    const maple = await runTransfer({
      ...common,
      method: 'maple',
      targets: [{ dataset: renamed(['ant', 'bee', 'cow', 'eel']), kind: 'dataset' }],
    });
    const both = await runTransfer({
      ...common,
      method: 'maple',
      head: 'lpPlusPlus',
      targets: [
        { dataset: renamed(['ant', 'bee', 'cow', 'eel']), kind: 'dataset' },
        { dataset: { ...common.dataset, name: 'the same' }, kind: 'domain' },
      ],
    });
    const [others, domain] = both.record.targets;
    expect(others.said).toEqual(maple.record.targets[0].said);
    expect(domain.said).toEqual(both.record.source.said);
    expect(both.record.source.accuracy).toBe(1);
    expect(both.record).toMatchObject({ method: 'maple', setting: 'head=lpPlusPlus', head: { kind: 'lpPlusPlus' } });
    expect(both.record.trainedParameters).toBe(maple.record.trainedParameters + 16 * 4 + 4 + 4);
    expect(recordTitle(both.record)).toBe('MaPLe + LP++');
    expect(recordTitle(maple.record)).toBe('MaPLe');
    maple.model.dispose();
    both.model.dispose();
  });
});

function renamed(classNames: string[]): RunArgs['dataset'] {
  return { ...common.dataset, name: 'others', classNames };
}
