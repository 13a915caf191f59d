import type { BaseToNewRecord } from '../evaluation/record.js';
import { html, type Html } from './html.js';
import { METHOD_TITLES } from './methods.js';
import { thousands } from './numbers.js';
import type { MethodSummary } from './summary.js';

/** What the figures were made with, folded: data, seeds, backbone, machine, and each method's design and recipe. */
export function configuration(summaries: readonly MethodSummary[]): Html {
  const records = summaries.flatMap(({ runs }) => runs);
  const distinct = (value: (record: BaseToNewRecord) => string | number): string =>
    [...new Set(records.map(value))].join('; ');
  const common: [string, string][] = [
    ['Data set', distinct(({ dataset }) => dataset)],
    ['Seeds', distinct(({ seed }) => seed)],
    ['Classes', distinct((record) => `${record.base.classNames.length} base, ${record.new.classNames.length} new`)],
    ['Test pictures', distinct(({ base, new: { pictures } }) => `${base.pictures} base, ${pictures} new`)],
    ['Backbone', distinct(({ backbone }) => backbone.name)],
    ['SHA-256 of its weights', distinct(({ backbone }) => backbone.identity)],
    ['Backend', distinct(({ environment }) => `${environment.backend}: ${environment.device}`)],
    ['Versions', distinct(({ environment }) => `tfjs-maple ${environment.version}, tfjs ${environment.tfjs}`)],
    ['Finished', records.map(({ finished }) => finished).sort()[records.length - 1]],
  ];
  return html`<details>
    <summary>Configuration</summary>
    ${definitions(common)}
    ${summaries.map(
      ({ method, runs: [run] }) =>
        html`<h3>${METHOD_TITLES[method]}</h3>
          ${definitions([...entries(run.design), ...entries(run.recipe ?? {})])}`,
    )}
  </details>`;
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
