import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { join, resolve } from 'node:path';
import type { Callback, LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbone/backbone.js';
import { swapClassNames } from '../clip/swap_class_names.js';
import type { ImageDataset } from '../data/dataset.js';
import { runBaseToNew } from '../evaluation/base_to_new.js';
import type { BaseToNewRecord, RunEnvironment } from '../evaluation/record.js';
import { writeFilesTogether } from '../node/atomic_files.js';
import { classifyPictures, type Classification } from '../node/classify_pictures.js';
import { fileHandler } from '../node/file_handler.js';
import { LateBar } from '../node/late_bar.js';
import { loadClassifier } from '../node/load_classifier.js';
import { listPictures } from '../node/pictures.js';
import { TrainingProgress } from '../node/training_progress.js';
import type { Method } from '../prompting/presets.js';
import { METHOD_TITLES } from '../report/methods.js';
import { renderReport } from '../report/report.js';
import type { Recipe } from '../training/recipe.js';
import type { EmojiGroup } from './concepts.js';
import { chooseConcepts, emojiDataset } from './datasets.js';
import { chooseScenes, writePictures } from './demo_scenes.js';
import { emojiRecipe } from './recipes.js';
import { findStyle } from './styles.js';

/** What {@link runDemo} is run with. */
export interface DemoOptions {
  backbone: Backbone;
  environment: RunEnvironment;
  /** Where records, report, model and pictures go. */
  folder: string;
  /** An entry of EMOJI_STYLES. Default: noto. */
  style?: string;
  /** Default: food. */
  group?: EmojiGroup;
  /** Classes, half of them base. Default: 40, or as many as the style draws. */
  classes?: number;
  /** Training pictures a base class. Default: 16. */
  shots?: number;
  /** Default: 1. */
  seed?: number;
  /** Default: {@link emojiRecipe}. */
  recipeOf?: (method: Method) => Recipe;
  /** Told what begins, a line each. Progress bars go to standard error. */
  onStage?: (text: string) => void;
  /** Told the records when all methods have been tested. */
  onRecords?: (records: BaseToNewRecord[]) => void;
}

const OPTIONS: SettingNames<DemoOptions> = {
  backbone: true,
  environment: true,
  folder: true,
  style: true,
  group: true,
  classes: true,
  shots: true,
  seed: true,
  recipeOf: true,
  onStage: true,
  onRecords: true,
};

/** What {@link runDemo} made. */
export interface DemoResult {
  records: BaseToNewRecord[];
  /** Paths of what was written. */
  report: string;
  model: string;
  pictures: string;
  /** What the reloaded model said of the pictures in the folder. */
  classification: Classification;
  /** The class of each classified picture; undefined where the demo did not write it. */
  truths: (string | undefined)[];
}

/** The methods set side by side. */
const DEMO_METHODS: readonly Method[] = ['zeroShot', 'coop', 'maple'];
/** So many that the job ends within three minutes on WASM. */
const MOST_CLASSES = 40;

/**
 * The main job: zero-shot, CoOp and MaPLe side by side on one group of emoji in a style the backbone has never seen,
 * base to new; then a report, and the MaPLe model saved, loaded again and used on picture files.
 * @throws MapleError for an unknown style or group, or a folder that cannot be written
 */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  checkKnown('runDemo', options, OPTIONS);
  const { backbone, environment, style = 'noto', group = 'food', shots = 16, seed = 1 } = options;
  const { onStage = () => undefined, onRecords, recipeOf = emojiRecipe } = options;
  const folder = resolve(options.folder);
  // Before minutes of training: whether the results can be kept.
  await writeFilesTogether(folder, []);

  const classes = options.classes ?? Math.min(MOST_CLASSES, chooseConcepts({ style, group }).length);
  onStage(
    `Pictures: ${classes} classes of ${group} in the style ${findStyle(style).title}, ${shots} shots a base class`,
  );
  const dataset = await drawDataset({ style, group, classes, shots, seed });

  const records: BaseToNewRecord[] = [];
  let maple: LayersModel | undefined;
  for (const method of DEMO_METHODS) {
    const title = METHOD_TITLES[method];
    onStage(`${title}: ${method === 'zeroShot' ? 'testing' : 'tuning on the base classes, then testing'}`);
    const recipe = { ...recipeOf(method), shots };
    const run = await withBars(title, (callbacks, onTest) =>
      runBaseToNew({ backbone, dataset, method, recipe, seed, environment, callbacks, onTest }),
    );
    records.push(run.record);
    if (method === 'maple') {
      maple = run.model;
    } else {
      run.model.dispose();
    }
  }
  onRecords?.(records);

  onStage('Writing the report');
  const scenes = await chooseScenes(dataset, records);
  const title = `Base to new: ${findStyle(style).title}, ${group}`;
  await writeFilesTogether(folder, [
    { name: 'records.json', chunks: [utf8(`${JSON.stringify(records)}\n`)] },
    { name: 'report.html', chunks: [utf8(await renderReport(records, { title, scenes }))] },
  ]);

  onStage(
    `Saving the MaPLe model for all ${classes} class names, loading it again, classifying pictures from a folder`,
  );
  const model = join(folder, 'maple');
  await saveForAllClasses(maple as LayersModel, backbone, dataset, model);
  const pictures = join(folder, 'pictures');
  const written = await writePictures(scenes, pictures);
  const classifier = await loadClassifier(model);
  const classification = await classifyPictures(classifier, await listPictures(pictures));
  classifier.dispose();
  const truths = classification.classified.map(({ path }) => written.get(path));
  return { records, report: join(folder, 'report.html'), model, pictures, classification, truths };
}

/** Shows the training's bar, then the test's, and ends them also when something fails. */
async function withBars<T>(
  title: string,
  work: (callbacks: Callback[], onTest: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const training = new TrainingProgress(`  tuning ${title}`);
  const testing = new LateBar(`  testing ${title}`);
  try {
    return await work([training], testing.update);
  } finally {
    training.stop();
    testing.stop();
  }
}

async function drawDataset(options: {
  style: string;
  group: EmojiGroup;
  classes: number;
  shots: number;
  seed: number;
}): Promise<ImageDataset> {
  const bar = new LateBar('  drawing emoji');
  try {
    return await emojiDataset({ ...options, onProgress: bar.update });
  } finally {
    bar.stop();
  }
}

async function saveForAllClasses(
  tuned: LayersModel,
  backbone: Backbone,
  dataset: ImageDataset,
  folder: string,
): Promise<void> {
  const model = await swapClassNames(tuned, backbone, dataset.classNames);
  await model.save(fileHandler(folder));
  model.dispose();
  tuned.dispose();
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
