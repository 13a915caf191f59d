import type { BaseToNewRecord } from '../evaluation/record.js';
import { html, type Html } from './html.js';
import { methodColour } from './methods.js';
import { resultsOf } from './results.js';
import { summarise } from './summary.js';

/** The results as an HTML table, each method with its colour; a column's highest accuracy is bold. */
export function htmlTable(records: readonly BaseToNewRecord[]): Html {
  const { header, rows } = resultsOf(records);
  const methods = summarise(records).map(({ method }) => method);
  const cell = (text: string, best: boolean): Html => html`<td>${best ? html`<strong>${text}</strong>` : text}</td>`;
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${header.map((name) => html`<th scope="col">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ cells, best }, row) =>
            html`<tr>
              <th scope="row"><i class="swatch" style="background:${methodColour(methods[row])}"></i>${cells[0]}</th>
              ${cells.slice(1).map((text, index) => cell(text, best[index + 1]))}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}
