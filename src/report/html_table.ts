import { html, rawHtml, type Html, type HtmlPart } from './html.js';
import { methodColour, methodMarker } from './methods.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import type { Column, ResultTable } from './result_table.js';

/** From so many columns on, a table is set smaller. */
const MANY_COLUMNS = 8;

/** A table as HTML, methods with their colour and marker; a column's highest number is bold. */
export function htmlTable({ columns, rows }: ResultTable): Html {
  const head = columns.map((column) => html`<th scope="col" ${look(column)}>${column.title}</th>`);
  const body = rows.map(({ cells: [name, ...values], best, method }) => {
    const sign = method === undefined ? undefined : swatch(method);
    const data = values.map((text, index) => {
      const shown = best[index + 1] ? html`<b>${cellText(text)}</b>` : cellText(text);
      return html`<td${look(columns[index + 1])}>${shown}</td>`;
    });
    return html`<tr>
      <th scope="row">${sign}${name}</th>
      ${data}
    </tr> `;
  });
  return html`<div class="scroll">
    <table class="${columns.length >= MANY_COLUMNS ? 'dense' : 'usual'}">
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

/** A table with its title and what must be known to read it. */
export function titledTable(table: ResultTable): Html {
  return html`<div class="titled" id="${anchor(table.id)}">
    <h3>${table.title}</h3>
    ${htmlTable(table)} ${table.caption === '' ? undefined : html`<p class="note">${table.caption}</p>`}
  </div>`;
}

/** A method's marker in its colour. */
export function swatch(method: RunMethod): Html {
  return html`<svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
    <path d="${methodMarker(method)}" fill="${methodColour(method)}" />
  </svg>`;
}

/** A deviation goes below its mean on a phone. */
function cellText(text: string): HtmlPart {
  const [mean, deviation] = text.split(' ± ');
  return deviation === undefined ? text : html`${mean} <small>± ${deviation}</small>`;
}

function look({ published, text }: Column): Html | undefined {
  const name = published ? 'published' : text ? 'text' : undefined;
  return name === undefined ? undefined : rawHtml(` class="${name}"`);
}

/** A name as an address within the page. */
function anchor(name: string): string {
  return name.replace(/[^\w-]+/g, '-');
}
