import { METHOD_TITLES, methodInText } from './methods.js';
import { percent, points, thousands } from './numbers.js';
import { testPictures, type MethodSummary } from './summary.js';

/** What the records show, in plain sentences. */
export interface Finding {
  headline: string;
  details: string[];
}

/** Two-sided 95% of a normal distribution. */
const DEVIATIONS = 1.96;
/** Differences that one decimal of a percentage cannot show. */
const TIE = 0.0005;

/** Says which method came out best, what each gained and lost against zero-shot, and what chance could make of it. */
export function findingOf(summaries: readonly MethodSummary[]): Finding {
  const ranked = [...summaries].sort((one, other) => other.harmonicMean - one.harmonicMean);
  const zeroShot = summaries.find(({ method }) => method === 'zeroShot');
  const trained = summaries.filter(({ method }) => method !== 'zeroShot');
  return {
    headline: headlineOf(ranked, zeroShot),
    details: [
      ...(zeroShot ? trained.map((summary) => gainsAndLosses(summary, zeroShot)) : []),
      ...(ranked.length > 1 ? [chance(ranked[0], ranked[1])] : []),
    ],
  };
}

function headlineOf(ranked: readonly MethodSummary[], zeroShot?: MethodSummary): string {
  const [best, second] = ranked;
  const mean = `${percent(best.harmonicMean)}%`;
  const title = METHOD_TITLES[best.method];
  if (second === undefined) {
    return `${title} reaches a harmonic mean of ${mean} over base and new classes.`;
  }
  const tied = ranked.filter(({ harmonicMean }) => best.harmonicMean - harmonicMean < TIE);
  if (tied.length > 1) {
    const names = tied.map(({ method }) => METHOD_TITLES[method]);
    return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]} tie at a harmonic mean of ${mean}.`;
  }
  const other = zeroShot === undefined || best === zeroShot ? second : zeroShot;
  const lead = `${points(best.harmonicMean - other.harmonicMean)} above ${methodInText(other.method)}`;
  if (best.harmonicMean - second.harmonicMean < marginOf(best, second)) {
    return `${title} is ahead, though within what chance can make: its harmonic mean is ${mean}, ${lead}.`;
  }
  return best === zeroShot
    ? `Tuning does not pay here: zero-shot stays best, with a harmonic mean of ${mean}, ${lead}.`
    : `${title} comes out best, with a harmonic mean of ${mean}, ${lead}.`;
}

function gainsAndLosses(summary: MethodSummary, zeroShot: MethodSummary): string {
  const base = summary.base - zeroShot.base;
  const novel = summary.new - zeroShot.new;
  const start = `Against zero-shot, ${METHOD_TITLES[summary.method]}`;
  if (Math.min(Math.abs(base), Math.abs(novel)) >= TIE && base > 0 === novel > 0) {
    const verb = base > 0 ? 'gains' : 'loses';
    return `${start} ${verb} ${points(base)} on base classes and ${points(novel)} on new ones.`;
  }
  return `${start} ${change(base)} on base classes and ${change(novel)} on new ones.`;
}

function change(difference: number): string {
  if (Math.abs(difference) < TIE) {
    return 'stays the same';
  }
  return `${difference > 0 ? 'gains' : 'loses'} ${points(difference)}`;
}

function chance(best: MethodSummary, second: MethodSummary): string {
  const margin = marginOf(best, second);
  const lead = `The lead over ${methodInText(second.method)} is ${points(best.harmonicMean - second.harmonicMean)}`;
  const tested =
    `${thousands(testPictures(best, 'base'))} base and ${thousands(testPictures(best, 'new'))} new test pictures ` +
    `(95%: ${points(margin)})`;
  return best.harmonicMean - second.harmonicMean < margin
    ? `${lead}, within what chance can make of ${tested}.`
    : `${lead}, more than chance makes of ${tested}.`;
}

/** What two harmonic means may differ by, by chance, in 95 of 100 cases. */
function marginOf(one: MethodSummary, other: MethodSummary): number {
  return DEVIATIONS * Math.hypot(deviationOfMean(one), deviationOfMean(other));
}

/**
 * Standard deviation of a harmonic mean of two accuracies, each from so many pictures, to first order. The methods are
 * taken as tested on different pictures; that they see the same ones makes the true margin smaller.
 */
function deviationOfMean(summary: MethodSummary): number {
  const { base, new: novel } = summary;
  if (base + novel === 0) {
    return 0;
  }
  const slopes = { base: 2 * (novel / (base + novel)) ** 2, new: 2 * (base / (base + novel)) ** 2 };
  const term = (split: 'base' | 'new'): number =>
    slopes[split] * Math.sqrt((summary[split] * (1 - summary[split])) / testPictures(summary, split));
  return Math.hypot(term('base'), term('new'));
}
