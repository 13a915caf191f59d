import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { classNamesOf } from '../backbone/model_metadata.js';
import type { Orientation } from '../data/picture.js';
import { PREDICT_OPTIONS, predictExamples, type PredictOptions } from '../evaluation/predict_examples.js';
import { mustHold } from '../must_hold.js';
import type { Skipped } from './image_folder.js';
import { mustBeOrientation, READ_PICTURE_OPTIONS, readPicture, type ReadPictureOptions } from './pictures.js';

/** What a model takes a picture for. */
export interface Answer {
  className: string;
  /** 0 to 1; over all classes of the model they sum to 1. */
  probability: number;
}

/** A picture and the classes most like it, the likeliest first. */
export interface ClassifiedPicture {
  path: string;
  /** As many as were asked for, fewer where the others are below the threshold. */
  answers: Answer[];
}

/** What {@link classifyPictures} gives. */
export interface Classification {
  classified: ClassifiedPicture[];
  /** Files that could not be read, and why. */
  skipped: Skipped[];
}

/** Options of {@link classifyStream}. */
export interface ClassifyStreamOptions extends PredictOptions, ReadPictureOptions {
  /** Answers a picture, at most the number of classes. Default: 3. */
  top?: number;
  /** Answers less likely than this are left out, 0 to 1. Default: 0. */
  threshold?: number;
}

const STREAM_OPTIONS: SettingNames<ClassifyStreamOptions> = {
  ...PREDICT_OPTIONS,
  ...READ_PICTURE_OPTIONS,
  top: true,
  threshold: true,
};

/** Options of {@link classifyPictures}. */
export interface ClassifyOptions extends ClassifyStreamOptions {
  /** Told the number of pictures done after each. */
  onProgress?: (done: number, total: number) => void;
}

const OPTIONS: SettingNames<ClassifyOptions> = { ...STREAM_OPTIONS, onProgress: true };

/**
 * Classifies picture files one after the other, in the order they are given: made the model's input as its image
 * statistics say. Two batches are in memory at a time, so that there may be any number of files. A file that
 * is no picture comes as skipped, with the reason.
 *
 * ```ts no-run
 * for await (const result of classifyStream(model, paths, { top: 1 })) {
 *   console.log(result.path, 'reason' in result ? result.reason : result.answers[0].className);
 * }
 * ```
 * @param model - a model of this library, as {@link loadClassifier} or `buildClip` gives it; folded ones are faster
 * @throws MapleError for an option out of its range
 */
export async function* classifyStream(
  model: LayersModel,
  paths: Iterable<string> | AsyncIterable<string>,
  options: ClassifyStreamOptions = {},
): AsyncGenerator<ClassifiedPicture | Skipped, void, undefined> {
  checkKnown('classifyStream', options, STREAM_OPTIONS);
  const { top = 3, threshold = 0, orientation = 'ignore', ...predicting } = options;
  mustHold('top', top, Number.isInteger(top) && top > 0, 'a positive integer');
  mustHold('threshold', threshold, threshold >= 0 && threshold <= 1, 'a number from 0 to 1');
  mustBeOrientation(orientation);
  const classNames = classNamesOf(model);
  for await (const { example, ...said } of predictExamples(model, asExamples(paths, orientation), predicting)) {
    yield 'problem' in said
      ? { path: example.path, reason: said.problem.message }
      : { path: example.path, answers: likeliest(said.probabilities, classNames, top, threshold) };
  }
}

/**
 * Classifies picture files, as {@link classifyStream} does, and gives all answers at once. A file that is no picture is
 * skipped and listed.
 *
 * @param model - a model of this library, as {@link loadClassifier} or `buildClip` gives it; folded ones are faster
 */
export async function classifyPictures(
  model: LayersModel,
  paths: readonly string[],
  options: ClassifyOptions = {},
): Promise<Classification> {
  checkKnown('classifyPictures', options, OPTIONS);
  const { onProgress, ...stream } = options;
  const classified: ClassifiedPicture[] = [];
  const skipped: Skipped[] = [];
  for await (const result of classifyStream(model, paths, stream)) {
    if ('reason' in result) {
      skipped.push(result);
    } else {
      classified.push(result);
    }
    onProgress?.(classified.length + skipped.length, paths.length);
  }
  return { classified, skipped };
}

async function* asExamples(paths: Iterable<string> | AsyncIterable<string>, orientation: Orientation) {
  for await (const path of paths) {
    yield { path, orientation, load: () => readPicture(path, { orientation }) };
  }
}

function likeliest(
  probabilities: Float32Array,
  classNames: readonly string[],
  top: number,
  threshold: number,
): Answer[] {
  return Array.from(probabilities, (probability, label) => ({ className: classNames[label], probability }))
    .sort((one, other) => other.probability - one.probability)
    .slice(0, top)
    .filter(({ probability }) => probability >= threshold);
}
