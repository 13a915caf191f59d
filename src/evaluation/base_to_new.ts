import type { Callback, LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../clip/backbone.js';
import { buildClip } from '../clip/build_clip.js';
import { swapClassNames } from '../clip/swap_class_names.js';
import { splitClasses } from '../data/class_split.js';
import type { ImageDataset } from '../data/dataset.js';
import { promptDesign, type Method } from '../prompting/presets.js';
import { trainedParameters } from '../prompting/trained_parameters.js';
import type { Recipe } from '../training/recipe.js';
import { tunePrompts } from '../training/tune_prompts.js';
import { evaluateClassifier, type EvaluateOptions } from './evaluate.js';
import { harmonicMean } from './metrics.js';
import type { BaseToNewRecord, RunEnvironment } from './record.js';

/** What {@link runBaseToNew} needs. */
export interface BaseToNewArgs {
  backbone: Backbone;
  /** All classes; the protocol splits them. Its `train` are the shots. */
  dataset: ImageDataset;
  method: Method;
  /** How the method is trained, its depth and length included; a depth over the tower's layers is cut to them. */
  recipe: Recipe;
  /** Decides initial prompts, order and augmentation. Default: 1. */
  seed?: number;
  environment: RunEnvironment;
  /** Which split both halves are tested on; settings are chosen on `validation`. Default: `test`. */
  split?: 'test' | 'validation';
  /** Progress bars and the like for the training. */
  callbacks?: Callback[];
  /** Told of the pictures tested, base and new together. */
  onTest?: EvaluateOptions['onProgress'];
}

/** What a run ends with. */
export interface BaseToNewRun {
  record: BaseToNewRecord;
  /** The tuned model, on the base classes. */
  model: LayersModel;
}

/**
 * The base-to-new protocol (MaPLe, section 4.1): tune on the base half of the classes, test base pictures among base
 * names and new pictures among new names, with the same prompts.
 */
export async function runBaseToNew(args: BaseToNewArgs): Promise<BaseToNewRun> {
  const { backbone, dataset, method, recipe, seed = 1, split = 'test' } = args;
  const { base, new: novel } = splitClasses(dataset);
  const layers = Math.min(backbone.config.text.layers, backbone.config.vision.layers);
  const depth = Math.min(recipe.depth, layers);
  const design = promptDesign(method, backbone.config, { depth, length: recipe.length });
  const { template } = dataset;
  const model = await buildClip(backbone, { classNames: base.classNames, design, seed, template });

  const start = performance.now();
  const history = await tunePrompts({ model, examples: base.train, recipe, seed, callbacks: args.callbacks });
  const tuned = performance.now();

  const total = base[split].length + novel[split].length;
  const onBase = await evaluateClassifier(model, base[split], { onProgress: (done) => args.onTest?.(done, total) });
  const swapped = await swapClassNames(model, backbone, novel.classNames);
  const onNew = await evaluateClassifier(swapped, novel[split], {
    onProgress: (done) => args.onTest?.(base[split].length + done, total),
  });
  swapped.dispose();

  const record: BaseToNewRecord = {
    format: 1,
    protocol: 'base-to-new',
    method,
    dataset: dataset.name,
    split,
    seed,
    design,
    ...(history.length === 0 ? {} : { recipe: { ...recipe, depth: design.textDepth, length: design.textLength } }),
    backbone: { name: backbone.name, identity: backbone.identity },
    environment: args.environment,
    trainedParameters: trainedParameters(design, backbone.config),
    trainSeconds: (tuned - start) / 1000,
    testSeconds: (performance.now() - tuned) / 1000,
    history,
    base: onBase,
    new: onNew,
    harmonicMean: harmonicMean(onBase.accuracy, onNew.accuracy),
    finished: new Date().toISOString(),
  };
  return { record, model };
}
