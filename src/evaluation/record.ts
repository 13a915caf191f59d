import type { PromptDesign } from '../prompting/design.js';
import type { Method } from '../prompting/presets.js';
import type { Recipe } from '../training/recipe.js';
import type { EpochRecord } from '../training/tune_prompts.js';

/** What one test split says of a classifier. Accuracies are shares, 0 to 1. */
export interface SplitMetrics {
  classNames: string[];
  /** Number of test pictures. */
  pictures: number;
  accuracy: number;
  macroF1: number;
  /** Accuracy within each class, in the order of `classNames`. */
  perClass: number[];
  /** [class][said] counts. */
  confusion: number[][];
  /** What was said of each test picture, as an index into `classNames`, in the order of the split. */
  said: number[];
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

/**
 * One run of the base-to-new protocol (MaPLe, section 4.1): tuned on the base classes, tested on base classes among
 * base names and on new classes among new names. Tables and plots are made from such records only.
 */
export interface BaseToNewRecord {
  format: 1;
  protocol: 'base-to-new';
  method: Method;
  /** Name of the data set. */
  dataset: string;
  /** Which pictures it was tested on: settings are chosen on `validation`, figures are reported on `test`. */
  split: 'test' | 'validation';
  seed: number;
  design: PromptDesign;
  /** Absent where nothing is trained. */
  recipe?: Recipe;
  backbone: { name: string; identity: string };
  environment: RunEnvironment;
  /** Numbers in trained tensors. */
  trainedParameters: number;
  /** Seconds of training, data included. */
  trainSeconds: number;
  /** Seconds of testing both splits. */
  testSeconds: number;
  history: EpochRecord[];
  base: SplitMetrics;
  new: SplitMetrics;
  /** Of both accuracies. */
  harmonicMean: number;
  /** When the run ended, ISO 8601. */
  finished: string;
}
