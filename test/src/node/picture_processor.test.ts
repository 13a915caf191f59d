import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageStatistics } from '../../../src/clip/config.js';
import { inspect } from '../../../src/node/inspect.js';
import { loadBackbone } from '../../../src/node/load_backbone.js';
import { saveWhole } from '../../helpers/saved_backbone.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

const OWN: ImageStatistics = { mean: [0.1, 0.2, 0.3], deviation: [1, 1, 1], fit: 'squash', filter: 'bilinear' };
const NEWER = {
  image_processor_type: 'CLIPImageProcessor',
  image_mean: [0.4, 0.4, 0.4],
  image_std: [0.2, 0.2, 0.2],
  resample: 2,
};
const folder = mkdtempSync(join(tmpdir(), 'maple-processor-'));
const file = (name: string): string => join(folder, name);
const put = (name: string, json: object): void => writeFileSync(file(name), JSON.stringify(json));
const statistics = async (): Promise<ImageStatistics> => (await loadBackbone(folder)).imageStatistics;

describe('the image statistics of a folder', () => {
  let side: number;

  beforeAll(async () => {
    const backbone = await tinyBackbone();
    side = backbone.config.vision.imageSize;
    await saveWhole(folder, { ...backbone, imageStatistics: OWN });
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test('are saved and loaded whole, and shown by inspect', async () => {
    expect(await statistics()).toStrictEqual(OWN);
    expect((await inspect(folder)).facts.imageStatistics).toStrictEqual(OWN);
    expect(JSON.parse(readFileSync(file('preprocessor_config.json'), 'utf8'))).toMatchObject({
      size: { height: side, width: side },
      resample: 2,
    });
  });

  test('are those of a processor_config.json where it has an image processor', async () => {
    put('processor_config.json', { processor_class: 'CLIPProcessor' });
    expect(await statistics()).toStrictEqual(OWN);
    put('processor_config.json', { processor_class: 'CLIPProcessor', image_processor: NEWER });
    expect(await statistics()).toStrictEqual({
      mean: [0.4, 0.4, 0.4],
      deviation: [0.2, 0.2, 0.2],
      filter: 'bilinear',
    });
  });

  test('are held to the model’s size', async () => {
    put('processor_config.json', { image_processor: { ...NEWER, size: { shortest_edge: side + 1 } } });
    await expect(statistics()).rejects.toThrow(
      new RegExp(`\`image_processor.size\` of .*processor_config.json must .* of config.json, ${side}\\. Received: `),
    );
    rmSync(file('processor_config.json'));
    put('preprocessor_config.json', { ...NEWER, size: { height: side, width: side } });
    expect(await statistics()).toMatchObject({ fit: 'squash', filter: 'bilinear' });
    // A model of larger pictures than its weights were trained for keeps how they are made.
    const larger = await loadBackbone(folder, { imageSize: 2 * side });
    expect([larger.config.vision.imageSize, larger.imageStatistics.fit]).toEqual([2 * side, 'squash']);
  });
});
