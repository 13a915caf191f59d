import { mcnemar } from '../evaluation/mcnemar.js';
import type { FewShotRecord } from '../evaluation/record.js';
import { verdict, writtenP } from './chance.js';
import { comparedRuns, type LabelledRun, type RunGroup } from './compared_runs.js';
import type { StudyFinding } from './finding.js';
import { recordTitle } from './methods.js';
import { counted, percent, points, thousands } from './numbers.js';
import { pairedFinding } from './paired_finding.js';

const REMEDIES =
  'Try --shots all or more pictures of each class, names that say what is to be seen, or a backbone that knows such ' +
  'pictures (--backbone openai/clip-vit-base-patch16).';

/**
 * What trainings say in a sentence: first of a training that taught nothing; then what `predict` uses and what it gained
 * over zero-shot, or of several trainings the best against the next.
 * @param records - at least one
 */
export function trainFinding(records: readonly FewShotRecord[]): StudyFinding {
  const groups = comparedRuns(records);
  const found = groups.length === 1 ? ofGroup(groups[0]) : ofGroups(groups);
  const runs = groups.flatMap((group) => group.runs);
  const guesses = runs.filter(({ record }) => record.guesses !== undefined);
  if (guesses.length === 0) {
    return found;
  }
  const told = guesses.map(({ label, record }) => `${label} guesses: it ended with ${record.guesses}.`).join(' ');
  const chosen = runs.filter(({ record }) => record.chosen === true);
  const isSound = chosen.length > 0 && chosen.every(({ record }) => record.guesses === undefined);
  return isSound
    ? { headline: `${told} ${found.headline}`, lead: found.lead, details: [...found.details, REMEDIES] }
    : { headline: `${told} ${REMEDIES}`, lead: found.headline, details: [found.lead, ...found.details] };
}

function ofGroup({ runs }: RunGroup): StudyFinding {
  const records = runs.map(({ record }) => record);
  const chosen = records.filter((record) => record.chosen === true);
  const zeroShot = records.find(({ method }) => method === 'zeroShot');
  const used = chosen[0] ?? records[records.length - 1];
  if (chosen.length > 1 || zeroShot === undefined || records.filter(isTuned).length > 2) {
    return bestOf(runs);
  }
  const paired = used === zeroShot ? undefined : pairedFinding([zeroShot, used]);
  const { headline, lead, details } = paired ?? bestOf(runs);
  const { validation } = used;
  const why =
    validation === undefined || chosen.length === 0
      ? []
      : [
          `predict uses ${recordTitle(used)}: ${percent(validation.accuracy)}% of ` +
            `${counted(validation.pictures, 'validation picture')} right, which were not tested on.`,
        ];
  return { headline, lead, details: [...details, ...why] };
}

function isTuned({ recipe }: FewShotRecord): boolean {
  return recipe !== undefined;
}

/** The run with the most test pictures right, against the next. */
function bestOf(runs: readonly LabelledRun[]): StudyFinding {
  const [first, second] = [...runs].sort((one, other) => other.record.test.accuracy - one.record.test.accuracy);
  const { pictures, accuracy, labels } = first.record.test;
  const lead = `Tested on ${thousands(pictures)} pictures of ${new Set(labels).size} classes.`;
  const right = `${first.label} has ${percent(accuracy)}% of ${counted(pictures, 'test picture')} right`;
  if (second === undefined) {
    return { headline: `${right}.`, lead, details: [] };
  }
  const { gained, lost, p } = mcnemar(first.record.test, second.record.test);
  const difference = accuracy - second.record.test.accuracy;
  const against =
    difference === 0 ? `as many as ${second.label}` : `${points(difference)} above ${second.label}: ${verdict(p)}`;
  return {
    headline: `${right}, ${against}.`,
    lead,
    details: [
      `${first.label} has ${counted(gained, 'picture')} right that ${second.label} has wrong, and ` +
        `${counted(lost, 'picture')} wrong that it has right (McNemar’s exact test: ${writtenP(p)}).`,
    ],
  };
}

function ofGroups(groups: readonly RunGroup[]): StudyFinding {
  const [{ headline, lead }, ...others] = groups.map((group) => ofGroup(group));
  return {
    headline: `${groups[0].dataset}: ${headline}`,
    lead,
    details: others.map((other, index) => `${groups[index + 1].dataset}: ${other.headline}`),
  };
}
