import type { PromptDesign } from '../prompting/design.js';
import type { Method } from '../prompting/presets.js';
import type { RunMethod } from './run_methods.js';
import type { OptimizerName, Recipe } from '../training/recipe.js';
import type { EpochRecord } from '../training/epoch_record.js';
import type { HeadSettings } from '../heads/head.js';
import type { ForwardFlops } from './flops.js';

/** What one set of test pictures says of a classifier. Accuracies are shares, 0 to 1. */
export interface SplitMetrics {
  classNames: string[];
  /** Number of test pictures. */
  pictures: number;
  accuracy: number;
  macroF1: number;
  /** Accuracy within each class, in the order of `classNames`. */
  perClass: number[];
  /** The class of each test picture, as an index into `classNames`; with `said` it makes the confusion matrix. */
  labels: number[];
  /** What was said of each test picture, as an index into `classNames`, in the same order. */
  said: number[];
}

/** What validation pictures say of a classifier. */
export interface ValidationFigures {
  /** Number of validation pictures. */
  pictures: number;
  accuracy: number;
  /** Mean cross-entropy. */
  loss: number;
}

/** How the settings of a training were found on validation pictures. */
export interface SettingsSearch {
  /** In the order they were tried. */
  rungs: SearchRung[];
  /** Index of the one that was taken. */
  chosen: number;
  /** Whether the validation pictures are shots, which the search trained without. */
  heldOut: boolean;
}

/** One training of a search. */
export interface SearchRung {
  optimizer: OptimizerName;
  learningRate: number;
  batchSize: number;
  /** Of the whole training, as its schedule takes it. */
  epochs: number;
  /** Training loss of each epoch that was trained. */
  losses: number[];
  /** What validation pictures said after some of the epochs, counted from 1. */
  checked: ({ epoch: number } & ValidationFigures)[];
  /** Why it was given up; absent where it went to its end. */
  givenUp?: string;
}

/** Where and with what a run was made. */
export interface RunEnvironment {
  /** Version of tfjs-maple. */
  version: string;
  /** Version of tfjs. */
  tfjs: string;
  /** tfjs' name of the backend: `tensorflow`, `wasm`, `cpu`. */
  backend: string;
  /** For people: library, processor or device, where known. */
  device: string;
}

/** What the records of all protocols hold: one run of one method on one data set with one seed. */
export interface RunRecord {
  format: 1;
  method: RunMethod;
  /** Name of the data set that was trained on. */
  dataset: string;
  /** Which pictures it was tested on: settings are chosen on `validation`, figures are reported on `test`. */
  split: 'test' | 'validation';
  seed: number;
  /** What is varied against the method's usual form, e.g. `depth=1`; absent for the usual form. */
  setting?: string;
  design: PromptDesign;
  /** Fixed texts of a method without text prompts, where not the prefix's. */
  templates?: string[];
  /** Absent where nothing is trained. */
  recipe?: Recipe;
  backbone: { name: string; identity: string };
  environment: RunEnvironment;
  /** Numbers in trained tensors. */
  trainedParameters: number;
  /** Seconds of training, data included. */
  trainSeconds: number;
  /** Seconds of testing. */
  testSeconds: number;
  history: EpochRecord[];
  /** The head on the features, of a method that is one or of a tuned model that one was put on. */
  head?: HeadSettings;
  /** How rate, batch and epochs of the recipe were found, where they were searched for. */
  search?: SettingsSearch;
  /** On validation pictures, trained without them. */
  validation?: ValidationFigures;
  /** A number made of the test pictures' labels and file names in order: where it differs, they are other pictures. */
  testPictures?: number;
  /** Whether it is the one of its training that was best on validation pictures, and that `predict` uses. */
  chosen?: boolean;
  /** Why the training taught the model nothing: then its figures are a guess's. */
  guesses?: string;
  /** When the run ended, ISO 8601. */
  finished: string;
}

/**
 * The base-to-new protocol (MaPLe, section 4.1): tuned on the base classes, tested on base classes among base names
 * and on new classes among new names. Ablations are such runs with a `setting`.
 */
export interface BaseToNewRecord extends RunRecord {
  protocol: 'base-to-new';
  base: SplitMetrics;
  new: SplitMetrics;
  /** Of both accuracies. */
  harmonicMean: number;
}

/**
 * Cross-dataset evaluation and domain generalisation (MaPLe, sections 4.3 and 4.4): tuned on all classes of a source,
 * tested on it and, with the same prompts, on other data sets and on other domains of the source.
 */
export interface TransferRecord extends RunRecord {
  protocol: 'transfer';
  source: SplitMetrics;
  targets: TransferTarget[];
}

/** One data set that prompts were carried over to. */
export interface TransferTarget extends SplitMetrics {
  dataset: string;
  /** `dataset`: other classes; `domain`: the source's classes, looking otherwise. */
  kind: 'dataset' | 'domain';
}

/** Few-shot classification: tuned on `recipe.shots` pictures of every class, tested among all of them. */
export interface FewShotRecord extends RunRecord {
  protocol: 'few-shot';
  /** Training pictures a class; for a method that learns nothing, 0. */
  shots: number;
  test: SplitMetrics;
}

/**
 * What a base-to-new run looks like: test pictures with what was said of them, and their features, which the same
 * record of `zeroShot` shows before tuning.
 */
export interface GalleryRecord extends RunRecord {
  protocol: 'gallery';
  base: GallerySplit;
  new: GallerySplit;
}

/** A few test pictures of a few classes, equally many of each. */
export interface GallerySplit {
  /** All names that the pictures were told among. */
  classNames: string[];
  /** Class of each picture, an index into `classNames`. */
  labels: number[];
  /** What was said of each picture. */
  said: number[];
  /** The first picture of each class as a data URI (PNG or JPEG), by label. */
  thumbnails: Record<number, string>;
  /** Image feature of each picture, unit length, four decimals. */
  features: number[][];
}

/** A record of any protocol. Tables and plots are made from such records only. */
export type ExperimentRecord = BaseToNewRecord | TransferRecord | FewShotRecord | GalleryRecord;

/** What methods cost on one backbone: parameters, counted operations, and times measured in one run. */
export interface ComplexityRecord {
  format: 1;
  protocol: 'complexity';
  backbone: { name: string; identity: string };
  environment: RunEnvironment;
  /** Number of parameters of the backbone, token embeddings included. */
  clipParameters: number;
  /** Number of classes. */
  classes: number;
  /** Pictures at once in the test. */
  testBatch: number;
  /** Pictures at once in a training step. */
  trainBatch: number;
  /** Median seconds over all of the run: of `zeroShot`'s test of a batch, and of `maple`'s training step. */
  reference: { test: number; step?: number };
  methods: MethodComplexity[];
  /** When the run ended, ISO 8601. */
  finished: string;
}

/** What one method costs. */
export interface MethodComplexity {
  method: Method;
  design: PromptDesign;
  /** Numbers in trained tensors. */
  trainedParameters: number;
  /** Their share of the backbone's parameters, 0 to 1. */
  shareOfClip: number;
  /** Tokens of the longest class text, start and end token included. */
  textLength: number;
  /** Operations of a forward pass as this library computes it. */
  flops: ForwardFlops;
  /** The same as the official code computes it: all positions of the context, all queries. */
  unprunedFlops: ForwardFlops;
  /** Testing one batch; the text features are kept where they do not depend on the picture. Ratio to `zeroShot`. */
  test: Timing;
  /**
   * Pictures a second in the test: what the ratio makes of the reference's median over all of the run, so that a load
   * of the machine that comes and goes between methods does not count.
   */
  picturesPerSecond: number;
  /** A training step; absent where nothing is trained, or no step was measured. Ratio to `maple`. */
  step?: Timing;
  /** Seconds of a training step, by the ratio as well. */
  secondsPerStep?: number;
}

/** Times of one thing that was done in turn with another, the reference, so that both met the same machine. */
export interface Timing {
  /** Seconds of each repetition. */
  seconds: number[];
  /** Seconds of the reference right before each. */
  reference: number[];
  /** Median of the ratios to the reference's time right before: 2 = takes twice as long. */
  ratio: number;
}

/** A record of any kind: of a run of a protocol, or of what methods cost. */
export type AnyRecord = ExperimentRecord | ComplexityRecord;
