import type { ImageDataset } from '../data/dataset.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import type { Recipe } from '../training/recipe.js';
import type { ExperimentRecord } from '../evaluation/record.js';

/** Where a study's pictures come from. */
export interface StudyData {
  /** Said in titles, e.g. `Emoji World, noto`. */
  name: string;
  /** Data sets of base-to-new, few-shot and as targets, in the tables' order; `source` is the first. */
  datasets: readonly string[];
  /** What transfer is trained on: stands in ImageNet's place. */
  source: string;
  /** Other looks of the source's classes, for domain generalisation. */
  domains: readonly string[];
  /** Texts that suit the data, `{}` in the class name's place, to average text features over. */
  templates?: readonly string[];
  /** `name` is one of datasets or domains. `shots` training pictures a class, drawn by `seed`. */
  load(name: string, options: { seed: number; shots: number }): Promise<ImageDataset>;
  /**
   * The `name` of what `load(name)` resolves to, where it is another: records bear it, and a record of other data is
   * not taken for a cell's. Default: the same name.
   */
  recordedAs?(name: string): string;
  /**
   * Looks for all that `load` will need, before hours are spent on a part of it. Resolves to warnings.
   * @throws MapleError telling what is missing
   */
  check?(names: readonly string[]): Promise<string[]>;
}

/** Name of a protocol, as in its records. */
export type Protocol = ExperimentRecord['protocol'];

/** How a method is trained in a protocol; for few-shot with so many pictures of each class. */
export type RecipeOf = (method: RunMethod, protocol: Protocol, shots?: number) => Recipe;

/** What of a study's data can be chosen, where it offers that. */
export interface StudyOptions {
  /** Whose pictures, e.g. a style of Emoji World. */
  style?: string;
  /** The folder of the data sets, where they are files. */
  root?: string;
  /** Which pictures will be tested on. */
  split?: 'test' | 'validation';
}

/** What a module exports to be the data of a study: every process that runs cells imports it. */
export interface StudyModule {
  /** `options` are plain data, as the program was told them. */
  studyData(options: StudyOptions): StudyData | Promise<StudyData>;
  /** Default: the paper's recipes. */
  recipeOf?: RecipeOf;
}
