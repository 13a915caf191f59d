import type { SettingNames } from '../../layers/known_names.js';
import { mustHold } from '../must_hold.js';
import type { ClassTexts, PictureFeatures } from './features.js';

/** What every head is fitted on. */
export interface FitArgs {
  /** Features of the training pictures. */
  train: PictureFeatures;
  /** Of the same model. */
  texts: ClassTexts;
  /**
   * Features of pictures that alpha and beta are chosen on, never the test's. Default: the training pictures in turn.
   * LP++ chooses nothing.
   */
  validation?: PictureFeatures;
}

/** The names of {@link FitArgs}. */
export const FIT_ARGS: SettingNames<FitArgs> = { train: true, texts: true, validation: true };

/**
 * Checks that features fit the texts.
 * @throws MapleError for other widths, none or too few values, or labels that are none of the classes
 */
export function checkFit({ train, texts, validation }: FitArgs): void {
  const classes = texts.classNames.length;
  for (const [name, features] of Object.entries({ train, ...(validation && { validation }) })) {
    const { width, values, labels } = features;
    mustHold(`${name}.width`, width, width === texts.width, `${texts.width}, the width of the text features`);
    mustHold(`${name}.labels`, [], labels.length > 0, 'the class of one picture at least');
    const wanted = labels.length * width;
    mustHold(
      `${name}.values`,
      `${values.length} numbers`,
      values.length === wanted,
      `${wanted} numbers, a row a label`,
    );
    const strange = labels.find((label) => !Number.isInteger(label) || label < 0 || label >= classes);
    mustHold(`${name}.labels`, strange, strange === undefined, `class indices from 0 to ${classes - 1}`);
  }
}

/** Pictures of each class. */
export function countsOf(labels: readonly number[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  labels.forEach((label) => counts[label]++);
  return counts;
}
