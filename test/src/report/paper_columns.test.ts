import { expect, test } from '@jest/globals';
import { besidePapers, paperColumn } from '../../../src/report/paper_columns.js';

const runsWith = (...names: string[]) => names.map((name) => ({ backbone: { name } }));

test('a column says which backbone the paper’s figures are of', () => {
  expect(paperColumn('HM')).toEqual({ title: 'Paper HM (CLIP ViT-B/16)', published: true });
});

test('of the same pictures the backbones are named, each once, a folder by its last part', () => {
  const runs = runsWith('google/siglip-base-patch16-224', '/data/models/b16/', '/other/b16', 'C:\\models\\b16');
  expect(besidePapers('The paper’s average is of its four domains', runs, true)).toBe(
    'The paper’s average is of its four domains, with CLIP ViT-B/16; ours with google/siglip-base-patch16-224 and b16.',
  );
});

test('of other pictures it says what can be compared', () => {
  expect(besidePapers('It is of ten data sets', runsWith('openai/clip-vit-base-patch16'), false)).toBe(
    'It is of ten data sets, with CLIP ViT-B/16; ours are of other pictures, with openai/clip-vit-base-patch16: ' +
      'only the order of the methods and the gaps between them can be compared.',
  );
});
