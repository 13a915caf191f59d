import { join } from 'node:path';
import sharp from 'sharp';
import { splitClasses } from '../data/class_split.js';
import type { ImageDataset } from '../data/dataset.js';
import type { BaseToNewRecord } from '../evaluation/record.js';
import { writeFilesTogether } from '../node/atomic_files.js';
import { METHOD_TITLES } from '../report/methods.js';
import type { Scene } from '../report/scene_strip.js';

/** Scenes of base and of new classes each, in the report and as picture files. */
const SCENES = 6;

/** Test pictures at even distances, so that none is chosen for what was said of it. */
export async function chooseScenes(dataset: ImageDataset, records: readonly BaseToNewRecord[]): Promise<Scene[]> {
  const halves = splitClasses(dataset);
  const scenes: Scene[] = [];
  for (const split of ['base', 'new'] as const) {
    const { test, classNames } = halves[split];
    for (let place = 0; place < SCENES; place++) {
      const index = Math.floor(((place + 0.5) * test.length) / SCENES);
      const example = test[index];
      const said = records.map(({ method, [split]: { said: labels } }): [string, string] => [
        METHOD_TITLES[method],
        classNames[labels[index]],
      ]);
      const picture = await example.load();
      scenes.push({ picture, truth: classNames[example.label], split, said });
    }
  }
  return scenes;
}

/** Scenes as PNG files whose names give nothing away; the class of each path. */
export async function writePictures(scenes: readonly Scene[], folder: string): Promise<Map<string, string>> {
  const files = await Promise.all(
    scenes.map(async ({ picture: { width, height, data } }, index) => {
      const png = await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer();
      return { name: `picture-${String(index + 1).padStart(2, '0')}.png`, chunks: [png] };
    }),
  );
  await writeFilesTogether(folder, files);
  return new Map(files.map(({ name }, index) => [join(folder, name), scenes[index].truth]));
}
