import type { SettingNames } from '../../layers/known_names.js';
import type { Callback, LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbone/backbone.js';
import { buildClip } from '../clip/build_clip.js';
import { swapClassNames } from '../clip/swap_class_names.js';
import type { TowersConfig } from '../backbone/contract.js';
import type { ImageDataset } from '../data/dataset.js';
import { classTexts, pictureFeatures } from '../heads/features.js';
import { fitHead } from '../heads/fit_head.js';
import { isHeadKind, type HeadKind, type HeadSettings } from '../heads/head.js';
import { withHead } from '../heads/with_head.js';
import { foldClassifier } from '../clip/fold_classifier.js';
import type { PictureLoader } from '../data/picture_loader.js';
import { chooseClassSource } from '../clip/choose_class_source.js';
import { hasFixedText, validateDesign, type PromptDesign } from '../prompting/design.js';
import { promptDesign, type DesignOptions, type Method } from '../prompting/presets.js';
import type { RunMethod } from './run_methods.js';
import { trainedParameters } from '../prompting/trained_parameters.js';
import type { Recipe } from '../training/recipe.js';
import { tunePrompts, type TunePromptsArgs } from '../training/tune_prompts.js';
import type { EpochRecord } from '../training/epoch_record.js';
import { evaluateClassifier } from './evaluate.js';
import type { RunEnvironment, RunRecord, SplitMetrics } from './record.js';

/** What every protocol needs. */
export interface RunArgs {
  backbone: Backbone;
  /** All classes. Its `train` are the shots. */
  dataset: ImageDataset;
  method: RunMethod;
  /** How the method is trained, its depth and length included; a depth over a prompted tower's layers is cut to them. */
  recipe: Recipe;
  /** What of the method's design is varied; a depth or length here goes before the recipe's. */
  design?: DesignOptions;
  /** Fixed texts whose features are averaged, for methods without text prompts. Default for zero-shot: the data set's. */
  templates?: readonly string[];
  /** A head to be fitted on the tuned model's image features. Default: a head method's own, and none of the others. */
  head?: HeadKind;
  /** What the record calls the variation, e.g. `depth=1`. Default: the method's usual form. */
  setting?: string;
  /** Decides initial prompts, order and augmentation. Default: 1. */
  seed?: number;
  environment: RunEnvironment;
  /** Which pictures it is tested on; settings are chosen on `validation`. Default: `test`. */
  split?: RunRecord['split'];
  /** Progress bars and the like for the training. */
  callbacks?: Callback[];
  /** How the training is stopped, kept and gone on with. */
  training?: Pick<TunePromptsArgs, 'resumeFrom' | 'onState' | 'signal'>;
  /** Reads the pictures on other threads. Default: this one does. */
  loader?: PictureLoader;
  /** Told of the pictures tested, out of all that the protocol tests. */
  onTest?: (done: number, total: number) => void;
}

/** The names of {@link RunArgs}. */
export const RUN_ARGS: SettingNames<RunArgs> = {
  backbone: true,
  dataset: true,
  method: true,
  recipe: true,
  design: true,
  templates: true,
  head: true,
  setting: true,
  seed: true,
  environment: true,
  split: true,
  callbacks: true,
  training: true,
  loader: true,
  onTest: true,
};

/** What a run of a protocol ends with. */
export interface ProtocolRun<R extends RunRecord> {
  record: R;
  /** The tuned model, on the classes it was tuned on. */
  model: LayersModel;
}

/** A tuned model that can be tested; `finish` gives what its record shares with those of other protocols. */
export interface TunedRun {
  model: LayersModel;
  /** The epochs of its training; none for a method that learns nothing. */
  history: EpochRecord[];
  /** Tests on a data set with the classes that were tuned on. */
  test(dataset: ImageDataset): Promise<SplitMetrics>;
  /** Tests on a data set with other classes, with the same prompts; a head is left out, unless the classes are its own. */
  testOthers(dataset: ImageDataset): Promise<SplitMetrics>;
  /** A classifier of other classes with the same prompts; to be disposed. */
  classifierOf(dataset: ImageDataset): Promise<LayersModel>;
  /** To be called last. */
  finish(): RunRecord;
}

/** The design and recipe of a run, as its record will state them; no recipe for a method that learns nothing. */
export function planRun(
  { method, recipe, design: options }: Pick<RunArgs, 'method' | 'recipe' | 'design'>,
  config: TowersConfig,
): { design: PromptDesign; recipe?: Recipe } {
  const placed: Method = isHeadKind(method) ? 'zeroShot' : method;
  const usual = promptDesign(placed, config);
  const layers = [
    ...(usual.textDepth > 0 && config.text.prompts !== 'shift' ? [config.text.layers] : []),
    ...(usual.visionDepth > 0 ? [config.vision.layers] : []),
  ];
  const depth = Math.min(recipe.depth, ...layers);
  const design = promptDesign(placed, config, { depth, length: recipe.length, ...options });
  if (usual.textDepth + usual.visionDepth === 0) {
    return { design };
  }
  const [trainedDepth, length] =
    design.textDepth > 0 ? [design.textDepth, design.textLength] : [design.visionDepth, design.visionLength];
  return { design, recipe: { ...recipe, depth: trainedDepth, length } };
}

/** A data set's own text is zero-shot's; VPT keeps the prefix's, as the official code does. */
export function fixedTexts(
  { templates }: Pick<RunArgs, 'templates'>,
  { template }: ImageDataset,
  recipe: Recipe | undefined,
): readonly string[] | undefined {
  return templates ?? (template === undefined || recipe !== undefined ? undefined : [template]);
}

/**
 * Refuses what {@link tuneRun} would refuse before it trains, without building anything: so that nothing is written, or
 * removed, for a training that cannot be.
 * @throws MapleError for a design or class texts that do not fit the backbone
 */
export async function checkRun(
  args: Pick<RunArgs, 'backbone' | 'method' | 'recipe' | 'design' | 'templates'>,
  part: ImageDataset,
): Promise<void> {
  const { backbone } = args;
  const { design, recipe } = planRun(args, backbone.config);
  validateDesign(design, backbone.config);
  const { classNames } = part;
  await chooseClassSource(backbone, { design, classNames, templates: fixedTexts(args, part, recipe), pruned: true });
}

/**
 * Builds a method on the classes of `part`, tunes it on its shots and gives what tests it.
 * @param tested - number of pictures that the protocol will test
 */
export async function tuneRun(args: RunArgs, part: ImageDataset, tested: number): Promise<TunedRun> {
  const { backbone, dataset, method, seed = 1, split = 'test' } = args;
  const kind = args.head ?? (isHeadKind(method) ? method : undefined);
  const setting = args.setting ?? (kind === undefined || kind === method ? undefined : `head=${kind}`);
  const { design, recipe } = planRun(args, backbone.config);
  const build = (data: ImageDataset) =>
    buildClip(backbone, { classNames: data.classNames, design, seed, templates: fixedTexts(args, data, recipe) });

  const below = await build(part);
  const start = performance.now();
  const history = await tunePrompts({
    model: below,
    examples: part.train,
    recipe: recipe ?? args.recipe,
    seed,
    callbacks: args.callbacks,
    loader: args.loader,
    ...args.training,
  });
  const headed = kind && (await fitOn(below, kind, part, { seed, loader: args.loader }));
  const model = headed?.model ?? below;
  const tuned = performance.now();

  let done = 0;
  const testWith = async (classifier: LayersModel, on: ImageDataset): Promise<SplitMetrics> => {
    const before = done;
    const onProgress = (count: number): void => args.onTest?.((done = before + count), tested);
    return evaluateClassifier(classifier, on[split], { onProgress, loader: args.loader });
  };
  // A method without prompts takes each data set's own text; a head knows its own classes alone.
  const classifierOf = (other: ImageDataset) =>
    recipe === undefined ? build(other) : swapClassNames(below, backbone, other.classNames);
  const testOthers = async (other: ImageDataset): Promise<SplitMetrics> => {
    if (headed !== undefined && sameNames(other, part)) {
      return testWith(model, other);
    }
    const classifier = await classifierOf(other);
    try {
      return await testWith(classifier, other);
    } finally {
      classifier.dispose();
    }
  };
  const texts = hasFixedText(design) ? (fixedTexts(args, part, recipe) ?? []) : [];
  const usualText = texts.length <= 1 && (texts[0] ?? `${design.prefix} {}.`) === `${design.prefix} {}.`;
  const record = (): RunRecord => ({
    format: 1,
    method,
    dataset: dataset.name,
    split,
    seed,
    ...(setting === undefined ? {} : { setting }),
    design,
    ...(usualText ? {} : { templates: [...texts] }),
    ...(recipe === undefined ? {} : { recipe }),
    ...(headed === undefined ? {} : { head: headed.settings }),
    backbone: { name: backbone.name, identity: backbone.identity },
    environment: args.environment,
    trainedParameters:
      trainedParameters(design, backbone.config, part.classNames.length) + (headed?.settings.trainedParameters ?? 0),
    trainSeconds: (tuned - start) / 1000,
    testSeconds: (performance.now() - tuned) / 1000,
    history,
    finished: new Date().toISOString(),
  });
  const finish = (): RunRecord => {
    if (model !== below) {
      below.dispose();
    }
    return record();
  };
  return { model, history, test: (on) => testWith(model, on), testOthers, classifierOf, finish };
}

/**
 * A head fitted on the shots, as they are in tests; alpha and beta by the shots in turn, since what a few-shot method may
 * see is its shots.
 */
async function fitOn(
  below: LayersModel,
  kind: HeadKind,
  { train }: ImageDataset,
  { seed, loader }: Pick<RunArgs, 'seed' | 'loader'>,
): Promise<{ model: LayersModel; settings: HeadSettings }> {
  const texts = await classTexts(below);
  const folded = await foldClassifier(below);
  try {
    const head = await fitHead(kind, { train: await pictureFeatures(folded, train, { loader }), texts, seed });
    return { model: await withHead(folded, head), settings: head.settings };
  } finally {
    folded.dispose();
  }
}

function sameNames({ classNames: one }: ImageDataset, { classNames: other }: ImageDataset): boolean {
  return one.length === other.length && one.every((name, label) => name === other[label]);
}
