import type { BaseToNewRecord } from '../../evaluation/record.js';
import { ablationsOf, ablationTables, ablationTitle, type Ablation } from '../ablation_tables.js';
import { curveChart, type Curve } from '../charts/line_charts.js';
import type { Figure } from '../charts/svg_chart.js';
import { html, type Html } from '../html.js';
import { titledTable } from '../html_table.js';
import { METHOD_TITLES } from '../methods.js';
import { percent } from '../numbers.js';
import { figures, section } from './section.js';

/** The three accuracies of a curve, each with a colour and a marker of its own. */
const MEASURES = [
  { name: 'Base', key: 'base', colour: 'var(--class1)', marker: 'M5 0L10 10H0Z' },
  { name: 'HM', key: 'harmonicMean', colour: 'var(--class0)', marker: 'M5 0A5 5 0 1 1 5 10A5 5 0 1 1 5 0Z' },
  { name: 'New', key: 'new', colour: 'var(--class2)', marker: 'M0 0H10V10H0Z' },
] as const;

/** Ablations: curves where what is varied is a number, and a table each. */
export function ablationSection(settings: readonly BaseToNewRecord[], usual: readonly BaseToNewRecord[]): Html[] {
  if (settings.length === 0) {
    return [];
  }
  const ablations = ablationsOf(settings, usual);
  const charts = ablations.filter(isNumeric).map(chartOf);
  const tables = html`<div class="tables wide">${ablationTables(ablations).map(titledTable)}</div>`;
  return [section('Ablations', charts.length === 0 ? undefined : [figures(charts), legend()], tables)];
}

function isNumeric({ variants }: Ablation): boolean {
  return variants.length > 1 && variants.every(({ value }) => value.trim() !== '' && Number.isFinite(Number(value)));
}

function chartOf({ name, method, variants }: Ablation): Figure {
  const title = ablationTitle(name);
  const curves: Curve[] = MEASURES.map(({ name: measure, key, colour, marker }) => ({
    name: measure,
    colour,
    marker,
    points: variants.map(({ value, summary }) => ({ x: Number(value), score: summary.overSeeds[key] })),
  }));
  const described = variants.map(({ value, summary }) => `${value}: HM ${percent(summary.harmonicMean)}%`).join(', ');
  return curveChart({
    id: `ablation-${name}-${method ?? 'all'}`,
    title: method === undefined ? title : `${title}: ${METHOD_TITLES[method]}`,
    description: `${title}: ${described}`,
    curves,
    axis: name,
    amounts: variants.map(({ value }) => Number(value)),
    doubling: name === 'length',
  });
}

function legend(): Html {
  return html`<ul class="legend">
    ${MEASURES.map(
      ({ name, colour, marker }) =>
        html`<li>
          <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><path d="${marker}" fill="${colour}" /></svg>
          ${name}
        </li> `,
    )}
  </ul>`;
}
