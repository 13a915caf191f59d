import { expect, test } from '@jest/globals';
import { runBaseToNew } from '../../../src/evaluation/base_to_new.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { runEnvironment } from '../../../src/node/environment.js';
import { recipes } from '../../../src/training/recipe.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';
import { tinyDataset } from '../../helpers/tiny_dataset.js';

test('a data set’s own text is zero-shot’s; VPT keeps the prefix’s, as the official code does', async () => {
  const environment = runEnvironment(await chooseBackend('wasm'));
  const dataset = { ...tinyDataset(2, 2), template: 'a drawing of a {}.' };
  const recipe = { ...recipes.vpt, length: 2, epochs: 1 };
  const common = { backbone: await tinyBackbone(), dataset, recipe, environment };
  const templatesOf = async (method: 'vpt' | 'zeroShot', templates?: string[]) => {
    const { record, model } = await runBaseToNew({ ...common, method, templates });
    model.dispose();
    return record.templates;
  };
  expect(await templatesOf('zeroShot')).toEqual(['a drawing of a {}.']);
  expect(await templatesOf('vpt')).toBeUndefined();
  expect(await templatesOf('vpt', ['itap of a {}.'])).toEqual(['itap of a {}.']);
});
