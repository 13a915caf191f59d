import type { Callback } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { MapleError } from '../../layers/errors.js';
import type { Backbone } from '../backbone/backbone.js';
import type { ImageDataset } from '../data/dataset.js';
import type { Picture } from '../data/picture.js';
import type { PictureLoader } from '../data/picture_loader.js';
import { runBaseToNew } from '../evaluation/base_to_new.js';
import { runFewShot } from '../evaluation/few_shot.js';
import { runGallery } from '../evaluation/gallery.js';
import type { ExperimentRecord, RunEnvironment } from '../evaluation/record.js';
import { runTransfer, type TransferTo } from '../evaluation/transfer.js';
import type { ProtocolRun, RunArgs } from '../evaluation/tuned_run.js';
import type { StudyCell } from './cell.js';
import type { StudyData } from './study_data.js';

/** What cells are run with. */
export interface StudyContext {
  data: StudyData;
  backbone: Backbone;
  environment: RunEnvironment;
  /** Told of the training's batches and epochs. */
  callbacks?: Callback[];
  /** Reads the pictures that are files on other threads. Default: this one does. */
  loader?: PictureLoader;
}

/** Side of a gallery's thumbnails, in pixels. */
const THUMBNAIL_SIZE = 48;

/** Runs a cell in this process and gives its record. */
export async function runCell(cell: StudyCell, context: StudyContext): Promise<ExperimentRecord> {
  const { data, ...rest } = context;
  const { dataset: name, method, recipe, design, templates, setting, seed, split, targets = [], domains = [] } = cell;
  const load = (each: string) => loadTested(data, each, split, { seed, shots: recipe.shots });
  const args: RunArgs = { ...rest, method, recipe, design, templates, setting, seed, split, dataset: await load(name) };
  const run = async (): Promise<ProtocolRun<ExperimentRecord>> => {
    switch (cell.protocol) {
      case 'base-to-new':
        return runBaseToNew(args);
      case 'few-shot':
        return runFewShot(args);
      case 'gallery':
        return runGallery({ ...args, encodeThumbnail: thumbnail });
      case 'transfer': {
        const loadAll = (names: readonly string[], kind: TransferTo['kind']) =>
          Promise.all(names.map(async (each) => ({ kind, dataset: await load(each) })));
        return runTransfer({
          ...args,
          targets: [...(await loadAll(targets, 'dataset')), ...(await loadAll(domains, 'domain'))],
        });
      }
    }
  };
  const { record, model } = await run();
  model.dispose();
  return record;
}

/**
 * Loads a data set of the study.
 * @throws MapleError when its name is not the one that its records are known by, since a study could not go on with
 * them, or when there is nothing to test on
 */
async function loadTested(
  data: StudyData,
  name: string,
  split: StudyCell['split'],
  run: { seed: number; shots: number },
): Promise<ImageDataset> {
  const dataset = await data.load(name, run);
  const expected = data.recordedAs?.(name) ?? name;
  if (dataset.name !== expected) {
    throw new MapleError(
      `What \`load("${name}")\` of the study's data gives must be named "${expected}". Received: "${dataset.name}". ` +
        'Name it so, or let `recordedAs` tell the other name.',
    );
  }
  if (dataset[split].length === 0) {
    throw new MapleError(`${name} has no ${split} pictures to test on. Choose another \`--split\`, or give it some.`);
  }
  return dataset;
}

async function thumbnail({ width, height, data }: Picture): Promise<string> {
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(THUMBNAIL_SIZE, THUMBNAIL_SIZE, { fit: 'cover' })
    .png({ palette: true })
    .toBuffer();
  return `data:image/png;base64,${png.toString('base64')}`;
}
