import sharp from 'sharp';
import type { ImageDataset } from '../data/dataset.js';
import type { Picture } from '../data/picture.js';
import type { FewShotRecord } from '../evaluation/record.js';
import { renderReport } from '../report/report.js';
import type { Scene } from '../report/scene_strip.js';
import { recordTitle } from '../report/methods.js';
import { trainDetails } from '../report/train_tables.js';

/** Test pictures that are shown. */
const SCENES = 12;
/** Side of a shown picture, in pixels: twice what it takes on the page. */
const SIDE = 192;

/** The page of a training: tables, and test pictures at even distances, so that none is chosen for what was said of it. */
export async function trainReport(records: readonly FewShotRecord[], dataset: ImageDataset): Promise<string> {
  const { test, classNames } = dataset;
  const count = Math.min(SCENES, test.length);
  const scenes: Scene[] = [];
  for (let place = 0; place < count; place++) {
    const index = Math.floor(((place + 0.5) * test.length) / count);
    const said = records.map((record): [string, string] => [recordTitle(record), classNames[record.test.said[index]]]);
    const truth = classNames[test[index].label];
    scenes.push({ picture: await small(await test[index].load()), truth, said });
  }
  return renderReport(records, { title: `Training on ${dataset.name}`, scenes, tables: trainDetails(records) });
}

async function small({ width, height, data }: Picture): Promise<Picture> {
  const { data: pixels, info } = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(SIDE, SIDE, { fit: 'cover', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(pixels) };
}
