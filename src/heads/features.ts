import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import * as tf from '@tensorflow/tfjs-core';
import { model as modelOf, type LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { l2Normalize } from '../../layers/functional.js';
import { modelMetadata } from '../backbone/model_metadata.js';
import { featureTensors } from '../clip/feature_tensors.js';
import { foldClassifier } from '../clip/fold_classifier.js';
import type { Example } from '../data/dataset.js';
import { pictureOutputs, type PictureOutputsArgs } from '../evaluation/picture_outputs.js';
import { mustHold } from '../must_hold.js';
import { Random } from '../random.js';
import { augmentTransform, type Augmentation } from '../training/recipe.js';

/** Image features of labelled pictures, worked out once for every head that is fitted on them. */
export interface PictureFeatures {
  /** Width of a feature. */
  width: number;
  /** [pictures, width], row by row, each of unit length; the mean of the views where there are several. */
  values: Float32Array;
  /** The class of each picture, an index into the model's class names. */
  labels: number[];
  /** The augmented views that the mean was taken of, [pictures, width] each; none where pictures are taken as in tests. */
  views: Float32Array[];
}

/** What a head is fitted on beside pictures: the texts that the model underneath compares them with. */
export interface ClassTexts {
  /** Width of a feature. */
  width: number;
  /** Text features [classes, width], row by row, each of unit length. */
  values: Float32Array;
  classNames: string[];
  /** The factor of the cosines, exp of the model's `logit_scale`. */
  logitScale: number;
  /** What is added to every logit; 0 but for SigLIP's form. */
  logitBias: number;
}

/** How the image features of pictures are worked out. */
export interface PictureFeaturesOptions extends Pick<PictureOutputsArgs, 'batchSize' | 'loader' | 'onProgress'> {
  /** Augmented views of each picture. Default: 0, the picture as in tests. */
  views?: number;
  /** How a view is varied. Default: crops of half the picture and more, mirrored or not, as Tip-Adapter's code has it. */
  augmentation?: Augmentation;
  /** Decides the views. Default: 1. */
  seed?: number;
}

const OPTIONS: SettingNames<PictureFeaturesOptions> = {
  batchSize: true,
  loader: true,
  onProgress: true,
  views: true,
  augmentation: true,
  seed: true,
};

/** Of the published code of Tip-Adapter. */
const AUGMENTATION: Augmentation = { scale: [0.5, 1], ratio: [3 / 4, 4 / 3], flip: 0.5 };

/**
 * The image features that a classifier sees in pictures, with its prompts, at unit length. Give a folded model where
 * there is one: what is not needed of another is not computed either, but its graph is larger.
 *
 * ```ts no-run
 * const features = await pictureFeatures(model, dataset.train);
 * const heads = [await fitHead('tipAdapter', { ...features, texts: await classTexts(model) })];
 * ```
 * @param examples - their labels are indices into the model's class names
 * @throws MapleError when the model is none of this library's, or a label none of its classes
 */
export async function pictureFeatures(
  model: LayersModel,
  examples: readonly Example[],
  options: PictureFeaturesOptions = {},
): Promise<PictureFeatures> {
  checkKnown('pictureFeatures', options, OPTIONS);
  const { views = 0, augmentation = AUGMENTATION, seed = 1, onProgress, batchSize, loader } = options;
  mustHold('views', views, Number.isInteger(views) && views >= 0, 'an integer of 0 or more');
  const { classNames, config, imageStatistics: statistics } = modelMetadata(model);
  checkLabels(examples, classNames.length);
  const { imageSize } = config.vision;
  const passes = Math.max(1, views);
  // Shares its layers with `model`, whose they stay.
  const tower = modelOf({ inputs: model.inputs, outputs: featureTensors(model).image });
  const found: Float32Array[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const raw = await pictureOutputs(tower, examples, {
      imageSize,
      statistics,
      batchSize,
      loader,
      ...(views === 0 ? {} : { transform: augmentTransform(imageSize, augmentation) }),
      random: new Random(seed).fork('view', pass),
      onProgress: (done) => onProgress?.(pass * examples.length + done, passes * examples.length),
    });
    const unit = tf.tidy(() => l2Normalize(raw));
    found.push(await unit.data<'float32'>());
    tf.dispose([raw, unit]);
  }
  const width = config.embedDim;
  const values = passes === 1 ? found[0] : unitMean(found, width);
  return { width, values, labels: examples.map(({ label }) => label), views: views === 0 ? [] : found };
}

/**
 * The text features of a classifier and the scale of its logits, as heads take them.
 * @throws MapleError when the model is none of this library's, has a head already, or its texts depend on the image
 * (CoCoOp)
 */
export async function classTexts(model: LayersModel): Promise<ClassTexts> {
  const { classNames, config } = headless(model);
  const folded = await foldClassifier(model);
  try {
    const unit = tf.tidy(() => l2Normalize(folded.getLayer('text/features').getWeights()[0]));
    const values = await unit.data<'float32'>();
    unit.dispose();
    const [scale, bias] = folded.getLayer('logits').getWeights();
    const [logScale] = await scale.data();
    const logitBias = bias === undefined ? 0 : (await bias.data())[0];
    return { width: config.embedDim, values, classNames: [...classNames], logitScale: Math.exp(logScale), logitBias };
  } finally {
    if (folded !== model) {
      folded.dispose();
    }
  }
}

/** The metadata of a model that a head can stand on. */
export function headless(model: LayersModel): ReturnType<typeof modelMetadata> {
  const metadata = modelMetadata(model);
  if (metadata.head !== undefined) {
    throw new MapleError(
      `The model has a head already (${metadata.head.kind}). Give the model that the head was put on.`,
    );
  }
  if (metadata.design.conditioning === 'metaNet') {
    throw new MapleError(
      'A head is fitted beside one text feature a class, and those of a model whose texts are conditioned on the image ' +
        '(CoCoOp) differ from picture to picture. Take the features of another method, or of zero-shot.',
    );
  }
  return metadata;
}

function checkLabels(examples: readonly Example[], classes: number): void {
  for (const { name, label } of examples) {
    const known = Number.isInteger(label) && label >= 0 && label < classes;
    mustHold(`label of ${name}`, label, known, `a class index from 0 to ${classes - 1}`);
  }
}

/** The mean of unit vectors, at unit length again. */
function unitMean(views: readonly Float32Array[], width: number): Float32Array {
  const mean = new Float32Array(views[0].length);
  for (let start = 0; start < mean.length; start += width) {
    let squares = 0;
    for (let i = start; i < start + width; i++) {
      mean[i] = views.reduce((sum, view) => sum + view[i], 0);
      squares += mean[i] ** 2;
    }
    for (let i = start; i < start + width; i++) {
      mean[i] /= Math.sqrt(squares);
    }
  }
  return mean;
}
