import type { BaseToNewRecord } from '../evaluation/record.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import { comparableRuns } from './comparable.js';
import { METHOD_TITLES, methodsOf } from './methods.js';
import { meanOver, percentWithDeviation, thousands } from './numbers.js';
import { resultTable, type ResultTable } from './result_table.js';
import { summariseRuns, type MethodSummary } from './summary.js';

/** What one part of a method's design does: runs that differ in it alone. */
export interface Ablation {
  /** What is varied, e.g. `depth`. */
  name: string;
  /** Whose design it is; undefined where every value is a method of its own. */
  method?: RunMethod;
  /** By value, ascending where they are numbers. */
  variants: AblationVariant[];
  note: string;
}

/** One value of what is varied. */
export interface AblationVariant {
  value: string;
  /** Whether it is the method's usual form. */
  usual: boolean;
  summary: MethodSummary;
}

/** The method's usual value of what is varied, as a setting would state it. */
const USUAL_VALUE: Record<string, (record: BaseToNewRecord) => string> = {
  depth: ({ design }) => String(Math.max(design.textDepth, design.visionDepth)),
  length: ({ design }) => String(Math.max(design.textLength, design.visionLength)),
  coupling: ({ design }) => design.coupling,
  initialization: ({ design }) => design.initialization,
  classPosition: ({ design }) => design.classPosition ?? 'end',
  contexts: ({ design }) => design.contexts ?? 'shared',
  templates: () => 'prefix',
};
const TITLES: Record<string, string> = {
  depth: 'Prompt depth',
  length: 'Prompt length',
  coupling: 'Coupling of the towers',
  initialization: 'Initialisation of the first prompt',
  classPosition: 'Place of the class name',
  contexts: 'Contexts shared or per class',
  templates: 'Templates of the fixed text',
};

/**
 * The ablations among some records. One of a single method also has the method's usual form on the same data sets and
 * seeds, where no setting states it; one of several methods (as of coupling, which makes methods) has a value a method.
 * @param usual - runs without a setting
 */
export function ablationsOf(settings: readonly BaseToNewRecord[], usual: readonly BaseToNewRecord[]): Ablation[] {
  const found = new Set(settings.map((record) => nameAndValue(record)[0]));
  const names = [...new Set([...Object.keys(TITLES), ...found])].filter((name) => found.has(name));
  return names.flatMap((name) => {
    const own = settings.filter((record) => nameAndValue(record)[0] === name);
    const methods = methodsOf(own);
    const values = new Set(own.map((record) => nameAndValue(record)[1]));
    const oneEach = new Set(own.map(({ method, setting }) => `${method} ${setting}`)).size === values.size;
    if (methods.length > 1 && oneEach) {
      return [ablationOf(name, undefined, own, [])];
    }
    return methods.map((method) => {
      const ofMethod = (records: readonly BaseToNewRecord[]) => records.filter((record) => record.method === method);
      return ablationOf(name, method, ofMethod(own), ofMethod(usual));
    });
  });
}

/** A table of each ablation. */
export function ablationTables(ablations: readonly Ablation[]): ResultTable[] {
  return ablations.map(({ name, method, variants, note }) => {
    const title = ablationTitle(name);
    const seeds = Math.max(...variants.map(({ summary }) => summary.overSeeds.base.count));
    const caption = `Accuracy in percent, averages over data sets; ${meanOver(seeds)}.`;
    return resultTable(
      {
        id: ['ablation', name, ...(method === undefined ? [] : [method])].join('-'),
        title: method === undefined ? title : `${title}: ${METHOD_TITLES[method]}`,
        caption: `${caption} ${note}`.trim(),
        columns: [
          { title: name },
          ...['Base', 'New', 'HM'].map((title) => ({ title, ranked: true })),
          { title: 'Trained parameters' },
        ],
      },
      variants.map(({ value, usual, summary: { method: of, overSeeds, trainedParameters } }) => ({
        name: method === undefined ? `${value} (${METHOD_TITLES[of]})` : usual ? `${value} (usual)` : value,
        values: [
          ...[overSeeds.base, overSeeds.new, overSeeds.harmonicMean].map(percentWithDeviation),
          thousands(trainedParameters),
        ],
      })),
    );
  });
}

/** What is varied, as a heading. */
export function ablationTitle(name: string): string {
  return TITLES[name] ?? name;
}

/** `depth=1` -> depth and 1; a setting of another form is a value of `setting`. */
function nameAndValue({ setting = '' }: BaseToNewRecord): [string, string] {
  const at = setting.indexOf('=');
  return at < 0 ? ['setting', setting] : [setting.slice(0, at), setting.slice(at + 1)];
}

function ablationOf(
  name: string,
  method: RunMethod | undefined,
  varied: readonly BaseToNewRecord[],
  usual: readonly BaseToNewRecord[],
): Ablation {
  const usualValue = USUAL_VALUE[name] ?? (() => 'usual form');
  const stated = new Set(varied.map((record) => nameAndValue(record)[1]));
  const cells = new Set(varied.map(({ dataset, seed }) => `${dataset} ${seed}`));
  const unstated = usual.filter(
    (record) => cells.has(`${record.dataset} ${record.seed}`) && !stated.has(usualValue(record)),
  );
  const valueOf = (record: BaseToNewRecord): string =>
    record.setting === undefined ? usualValue(record) : nameAndValue(record)[1];
  const { groups, note } = comparableRuns([...varied, ...unstated], valueOf);
  const variants = [...groups].map(([value, runs]) => ({
    value,
    usual: usual.some((record) => usualValue(record) === value),
    summary: summariseRuns(runs),
  }));
  return { name, method, note, variants: variants.sort((one, other) => Number(one.value) - Number(other.value) || 0) };
}
