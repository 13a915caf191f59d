import type { ExperimentRecord, FewShotRecord } from '../evaluation/record.js';
import { datasetsOf } from './base_to_new_tables.js';
import { comparedRuns } from './compared_runs.js';
import { html, type Html } from './html.js';
import { METHOD_TITLES, methodsOf } from './methods.js';
import { thousands } from './numbers.js';

const PROTOCOLS: Record<ExperimentRecord['protocol'], string> = {
  'base-to-new': 'base to new',
  transfer: 'transfer',
  'few-shot': 'few-shot',
  gallery: 'gallery',
};

/**
 * What the figures were made with, folded: data, seeds, backbone, machine, and the design and recipe of each method, of
 * trainings of each run.
 */
export function configuration(records: readonly ExperimentRecord[], trainings: readonly FewShotRecord[] = []): Html {
  const distinct = (value: (record: ExperimentRecord) => string | number): string =>
    [...new Set(records.map(value))].join('; ');
  const finished = records.map((record) => record.finished).sort();
  const common: [string, string][] = [
    ['Records', `${thousands(records.length)}: ${distinct(({ protocol }) => PROTOCOLS[protocol])}`],
    ['Data sets', datasetsOf(records).join('; ')],
    ['Seeds', distinct(({ seed }) => seed)],
    ['Tested on', `${distinct(({ split }) => split)} pictures`],
    ['Backbone', distinct(({ backbone }) => backbone.name)],
    ['SHA-256 of its weights', distinct(({ backbone }) => backbone.identity)],
    ['Backend', distinct(({ environment }) => `${environment.backend}: ${environment.device}`)],
    ['Versions', distinct(({ environment }) => `tfjs-maple ${environment.version}, tfjs ${environment.tfjs}`)],
    ['Finished', finished[finished.length - 1]],
  ];
  return html`<details>
    <summary>Configuration</summary>
    ${definitions(common)}
    ${usualForms(records.filter((record) => !(trainings as readonly ExperimentRecord[]).includes(record)))}
    ${eachRun(trainings)}
  </details>`;
}

/** The first record of every method and protocol in its usual form. */
function usualForms(records: readonly ExperimentRecord[]): Html[] {
  return methodsOf(records).flatMap((method) =>
    (Object.keys(PROTOCOLS) as ExperimentRecord['protocol'][])
      .filter((protocol) => protocol !== 'gallery')
      .flatMap((protocol) => {
        const run = records.find(
          (record) => record.method === method && record.protocol === protocol && record.setting === undefined,
        );
        return run === undefined
          ? []
          : [
              html`<h3>${METHOD_TITLES[method]}, ${PROTOCOLS[protocol]}</h3>
                ${definitions([...entries(run.design), ...entries(run.recipe ?? {})])}`,
            ];
      }),
  );
}

function eachRun(trainings: readonly FewShotRecord[]): Html[] {
  return comparedRuns(trainings).flatMap(({ dataset, runs }) =>
    runs.map(
      ({ label, record: { design, recipe, head } }) =>
        html`<h3>${label}, ${dataset}</h3>
          ${definitions([...entries(design), ...entries(recipe ?? {}), ...entries(head ?? {})])}`,
    ),
  );
}

function entries(settings: object): [string, string][] {
  return Object.entries(settings).flatMap(([name, value]): [string, string][] => {
    if (Array.isArray(value)) {
      return [[name, value.join(' to ')]];
    }
    return typeof value === 'object' && value !== null ? entries(value) : [[name, written(value)]];
  });
}

function written(value: unknown): string {
  return Number.isInteger(value) ? thousands(value as number) : String(value);
}

function definitions(pairs: readonly [string, string][]): Html {
  return html`<dl>
    ${pairs.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div> `,
    )}
  </dl>`;
}
