import { mcnemar } from '../evaluation/mcnemar.js';
import type { FewShotRecord } from '../evaluation/record.js';
import { LEVEL, verdict, writtenP } from './chance.js';
import type { StudyFinding } from './finding.js';
import { recordTitle } from './methods.js';
import { counted, percent, points, thousands } from './numbers.js';

/**
 * Says what tuning gained over zero-shot on the same test pictures, and whether chance could make it, by McNemar's exact
 * test.
 * @returns undefined where the records are not one of zero-shot and one of another method on the same test pictures
 */
export function pairedFinding(records: readonly FewShotRecord[]): StudyFinding | undefined {
  const zeroShot = records.find(({ method }) => method === 'zeroShot');
  const tuned = records.find(({ method }) => method !== 'zeroShot');
  if (records.length !== 2 || zeroShot === undefined || tuned === undefined || !samePictures(zeroShot, tuned)) {
    return undefined;
  }
  const { pictures, labels } = tuned.test;
  const { gained, lost, p } = mcnemar(tuned.test, zeroShot.test);
  const title = recordTitle(tuned);
  const chance = p < LEVEL ? '' : ' More test pictures would tell.';
  return {
    headline: headlineOf(title, zeroShot, tuned, p),
    lead:
      `Tuned on up to ${counted(tuned.shots, 'picture')} of each class, tested on ${thousands(pictures)} others of ` +
      `${new Set(labels).size} classes.`,
    details: [
      `${title} has ${counted(gained, 'picture')} right that zero-shot has wrong, and ${counted(lost, 'picture')} wrong ` +
        `that zero-shot has right (McNemar’s exact test: ${writtenP(p)}).${chance}`,
    ],
  };
}

function headlineOf(title: string, zeroShot: FewShotRecord, tuned: FewShotRecord, p: number): string {
  const [before, after] = [zeroShot.test.accuracy, tuned.test.accuracy];
  const right = `${percent(after)}% of ${counted(tuned.test.pictures, 'test picture')} right`;
  if (percent(before) === percent(after)) {
    return `${title} has ${right}, as many as zero-shot.`;
  }
  const difference = `${points(after - before)} ${after > before ? 'above' : 'below'} zero-shot`;
  const start = p < LEVEL && after < before ? `Tuning does not pay here: ${title}` : title;
  return `${start} has ${right}, ${difference}: ${verdict(p)}.`;
}

function samePictures(one: FewShotRecord, other: FewShotRecord): boolean {
  const [labels, others] = [one.test.labels, other.test.labels];
  return (
    one.dataset === other.dataset &&
    labels.length === others.length &&
    labels.every((label, index) => label === others[index])
  );
}
