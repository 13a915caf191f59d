import { beforeAll, describe, expect, test } from '@jest/globals';
import { CLIP_IMAGE_STATISTICS, type ClipConfig, type ImageStatistics } from '../../../src/clip/config.js';
import { publishedBackbones } from '../../../src/published/published_backbones.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { fileSource } from '../../../src/node/file_source.js';
import { openClipWeights } from '../../../src/weights/open_clip.js';
import { statisticsFromOpenClip } from '../../../src/weights/statistics_open_clip.js';
import { ownFixturePath, readOwnFixture } from '../../helpers/fixtures.js';
import { expectSameAsTorch } from '../../helpers/same_as_torch.js';
import { addTestTimmTower } from '../../helpers/test_timm_tower.js';

const FOLDER = 'published_forms';
/** Each small model has the form of the published one, and other sizes. */
const FORMS: [folder: string, published: string][] = [
  ['dfn5b', 'apple/DFN5B-CLIP-ViT-H-14'],
  ['laion-g', 'laion/CLIP-ViT-g-14-laion2B-s12B-b42K'],
  ['siglip2-giant-opt', 'google/siglip2-giant-opt-patch16-256'],
  ['siglip-so400m-384', 'google/siglip-so400m-patch14-384'],
  ['open-clip-siglip2', 'google/siglip2-base-patch32-256'],
];

addTestTimmTower();

/** A configuration without its sizes. */
function formOf({ vision, text, logitBias }: ClipConfig): object {
  const SIZES = ['width', 'layers', 'heads', 'mlpWidth', 'imageSize', 'patchSize', 'contextLength', 'vocabularySize'];
  const without = (tower: object) => Object.entries(tower).filter(([field]) => !SIZES.includes(field));
  return { vision: Object.fromEntries(without(vision)), text: Object.fromEntries(without(text)), logitBias };
}

beforeAll(async () => {
  await chooseBackend('wasm');
});

describe.each(FORMS)('%s, of the form of %s', (folder, published) => {
  const path = (...name: string[]) => ownFixturePath(FOLDER, folder, ...name);
  const configJson = readOwnFixture<object>(FOLDER, folder, 'config.json');
  const open = async () => openClipWeights({ weights: await fileSource(path('model.safetensors')), configJson });

  test('activation, epsilon, pooling, mask and projections are those published', async () => {
    expect(formOf((await open()).config)).toEqual(formOf(publishedBackbones[published].config));
  });

  test('computes what PyTorch does from the same files', async () => {
    await expectSameAsTorch(path(), 1e-5);
  });
});

test.each<[string, ImageStatistics]>([
  ['dfn5b', { ...CLIP_IMAGE_STATISTICS, fit: 'squash' }],
  ['laion-g', { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] }],
])('the image statistics of %s are those that open_clip wrote', (folder, statistics) => {
  expect(statisticsFromOpenClip(readOwnFixture<object>(FOLDER, folder, 'config.json'))).toEqual(statistics);
});
