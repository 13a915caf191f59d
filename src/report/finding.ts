import { resample, type Difference, type Resampled } from './bootstrap.js';
import { METHOD_TITLES, methodInText } from './methods.js';
import { counted, listed, percent, points, signedPoints, thousands } from './numbers.js';
import { testPictures, type MethodSummary } from './summary.js';

/** What the records show, in plain sentences. */
export interface Finding {
  headline: string;
  details: string[];
}

/** What a whole study shows, in plain sentences. */
export interface StudyFinding extends Finding {
  /** How it was tested. */
  lead: string;
}

/** Differences that one decimal of a percentage cannot show. */
const TIE = 0.0005;
/** With more trained methods, only the main claims are put in sentences; the tables have the others. */
const FEW = 3;

/**
 * Says which method came out best, what was gained and lost against zero-shot, and what chance could make of it.
 * @param summaries - methods on the same data sets and seeds
 */
export function findingOf(summaries: readonly MethodSummary[], resampled = resample(summaries)): Finding {
  const ranked = [...summaries].sort((one, other) => other.harmonicMean - one.harmonicMean);
  const zeroShot = summaries.find(({ method }) => method === 'zeroShot');
  return {
    headline: headlineOf(ranked, resampled, zeroShot),
    details: [
      ...claims(ranked).flatMap((summary) => (zeroShot ? [gainsAndLosses(summary, zeroShot, resampled)] : [])),
      ...mapleAgainstCoop(summaries, ranked.slice(0, 2), resampled),
      ...(ranked.length > 1 ? [lead(ranked[0], ranked[1], resampled)] : []),
    ],
  };
}

function headlineOf(ranked: readonly MethodSummary[], resampled: Resampled, zeroShot?: MethodSummary): string {
  const [best, second] = ranked;
  const mean = `${percent(best.harmonicMean)}%`;
  const title = METHOD_TITLES[best.method];
  if (second === undefined) {
    return `${title} reaches a harmonic mean of ${mean} over base and new classes.`;
  }
  const tied = ranked.filter(({ harmonicMean }) => best.harmonicMean - harmonicMean < TIE);
  if (tied.length > 1) {
    return `${listed(tied.map(({ method }) => METHOD_TITLES[method]))} tie at a harmonic mean of ${mean}.`;
  }
  const other = zeroShot === undefined || best === zeroShot ? second : zeroShot;
  const ahead = `${points(best.harmonicMean - other.harmonicMean)} above ${methodInText(other.method)}`;
  if (resampled.difference(best, second).withinChance) {
    const over = other === second ? '' : ` of ${methodInText(second.method)}`;
    return `${title} is ahead${over}, though within what chance can make: its harmonic mean is ${mean}, ${ahead}.`;
  }
  return best === zeroShot
    ? `Tuning does not pay here: zero-shot stays best, with a harmonic mean of ${mean}, ${ahead}.`
    : `${title} comes out best, with a harmonic mean of ${mean}, ${ahead}.`;
}

/** The trained methods to put in sentences: all of a few, else MaPLe and the best. */
function claims(ranked: readonly MethodSummary[]): MethodSummary[] {
  const trained = ranked.filter(({ method }) => method !== 'zeroShot');
  return trained.length <= FEW
    ? trained
    : trained.filter((summary) => summary.method === 'maple' || summary === trained[0]);
}

function gainsAndLosses(summary: MethodSummary, zeroShot: MethodSummary, resampled: Resampled): string {
  const base = summary.base - zeroShot.base;
  const novel = summary.new - zeroShot.new;
  const sameWay = Math.min(Math.abs(base), Math.abs(novel)) >= TIE && base > 0 === novel > 0;
  const changes = sameWay
    ? `${base > 0 ? 'gains' : 'loses'} ${points(base)} on base classes and ${points(novel)} on new ones`
    : `${change(base)} on base classes and ${change(novel)} on new ones`;
  const means = inMeans(resampled.difference(summary, zeroShot));
  return `Against zero-shot, ${METHOD_TITLES[summary.method]} ${changes}; its harmonic mean is ${means}.`;
}

function change(difference: number): string {
  if (Math.abs(difference) < TIE) {
    return 'stays the same';
  }
  return `${difference > 0 ? 'gains' : 'loses'} ${points(difference)}`;
}

/** The paper's claim, unless the two are the best and the second, whose distance is said anyway. */
function mapleAgainstCoop(
  summaries: readonly MethodSummary[],
  leaders: readonly MethodSummary[],
  resampled: Resampled,
): string[] {
  const [maple, coop] = (['maple', 'coop'] as const).map((name) => summaries.find(({ method }) => method === name));
  if (!maple || !coop || (leaders.includes(maple) && leaders.includes(coop))) {
    return [];
  }
  return [`Against CoOp, MaPLe’s harmonic mean is ${inMeans(resampled.difference(maple, coop))}.`];
}

/** `2.6 points higher (95%: +0.4 to +4.8)`. */
function inMeans(difference: Difference): string {
  const { difference: size, withinChance } = difference;
  const direction = Math.abs(size) < TIE ? 'the same' : `${points(size)} ${size > 0 ? 'higher' : 'lower'}`;
  return `${direction}${withinChance ? ', within chance' : ''} (95%: ${interval(difference)})`;
}

/** A 95% interval in percentage points: `+0.4 to +4.8`. */
export function interval({ low, high }: Difference): string {
  return `${signedPoints(low)} to ${signedPoints(high)}`;
}

function lead(best: MethodSummary, second: MethodSummary, resampled: Resampled): string {
  const difference = resampled.difference(best, second);
  const seeds = new Set(best.runs.map(({ seed }) => seed)).size;
  const tested =
    `${thousands(testPictures(best, 'base'))} base and ${thousands(testPictures(best, 'new'))} new test pictures ` +
    `and ${counted(seeds, 'seed')}`;
  const verdict = difference.withinChance ? 'within what chance can make of' : 'more than chance makes of';
  return (
    `The lead over ${methodInText(second.method)} is ${points(difference.difference)}, ${verdict} ${tested} ` +
    `(95%: ${interval(difference)}).`
  );
}
