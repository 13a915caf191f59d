import type { Figure } from '../charts/svg_chart.js';
import { html, type Html, type HtmlPart } from '../html.js';
import { swatch, titledTable } from '../html_table.js';
import { METHOD_TITLES } from '../methods.js';
import type { RunMethod } from '../../evaluation/run_methods.js';
import type { ResultTable } from '../result_table.js';

/** A part of the page with a heading. */
export function section(title: string, ...parts: HtmlPart[]): Html {
  return html`<section>
    <h2>${title}</h2>
    ${parts}
  </section>`;
}

/** A sentence or two below a heading. */
export function note(...parts: HtmlPart[]): Html {
  return html`<p class="note">${parts}</p>`;
}

/** What is looked up rather than read. */
export function folded(title: string, ...parts: HtmlPart[]): Html {
  return html`<details class="inner">
    <summary>${title}</summary>
    ${parts}
  </details>`;
}

/**
 * Charts beside each other, on a phone one below the other.
 * @param beside - how many at most
 */
export function figures(charts: readonly Figure[], beside: 2 | 3 = 3): Html {
  return html`<div class="charts beside${beside}">
    ${charts.map(
      ({ title, chart }) =>
        html`<figure>
          <figcaption>${title}</figcaption>
          ${chart}
        </figure> `,
    )}
  </div>`;
}

/** Small tables beside each other where there is room. */
export function tableGrid(tables: readonly ResultTable[]): Html {
  return html`<div class="tables">${tables.map(titledTable)}</div>`;
}

/** Which line is whose. */
export function methodLegend(methods: readonly RunMethod[]): Html {
  return html`<ul class="legend">
    ${methods.map((method) => html`<li>${swatch(method)} ${METHOD_TITLES[method]}</li> `)}
  </ul>`;
}
