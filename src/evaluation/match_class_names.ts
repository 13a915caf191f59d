import { MapleError } from '../../layers/errors.js';

/** How the classes of a data set and of a model belong together. */
export interface MatchedClasses {
  /** For each class of the data, its index among the model's; undefined where the model has none of that name. */
  labels: (number | undefined)[];
  /** Classes of the data that the model does not know. */
  unknown: string[];
}

/**
 * Finds the classes of a data set among those of a model, by name. Names are alike also where they differ in
 * underscores for spaces, in capital letters, or in how accented letters are stored.
 * @throws MapleError when no class is found, or a name could be one of several
 */
export function matchClassNames(ofData: readonly string[], ofModel: readonly string[]): MatchedClasses {
  const labels = ofData.map((name) => labelOf(name, ofModel));
  const unknown = ofData.filter((_, index) => labels[index] === undefined);
  if (unknown.length === ofData.length) {
    throw new MapleError(
      `None of the data's classes is one of the model's. The data has ${some(ofData)}; the model ${some(ofModel)}. ` +
        "Give the model the data's names (`swapClassNames`, or `evaluate --data-classes`), or take data of its classes.",
    );
  }
  const taken = new Map<number, string>();
  labels.forEach((label, index) => {
    if (label === undefined) {
      return;
    }
    const other = taken.get(label);
    if (other !== undefined) {
      throw new MapleError(
        `The classes "${other}" and "${ofData[index]}" of the data are both "${ofModel[label]}" to the model. ` +
          'Join or rename one of them.',
      );
    }
    taken.set(label, ofData[index]);
  });
  return { labels, unknown };
}

function labelOf(name: string, ofModel: readonly string[]): number | undefined {
  const exact = ofModel.indexOf(name);
  if (exact >= 0) {
    return exact;
  }
  const alike = ofModel.flatMap((other, index) => (folded(other) === folded(name) ? [index] : []));
  if (alike.length > 1) {
    throw new MapleError(
      `The class "${name}" of the data could be ${alike.map((index) => `"${ofModel[index]}"`).join(' or ')} of the ` +
        "model. Write it exactly as one of the model's.",
    );
  }
  return alike.at(0);
}

function folded(name: string): string {
  return name.normalize('NFC').replaceAll('_', ' ').replace(/\s+/g, ' ').trim().toLowerCase();
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`);
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}
