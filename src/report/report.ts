import type { BaseToNewRecord } from '../evaluation/record.js';
import { accuracyCharts, lossCharts } from './charts.js';
import { configuration } from './configuration.js';
import { findingOf } from './finding.js';
import { html, rawHtml, type Html } from './html.js';
import { thousands } from './numbers.js';
import { PAGE_STYLE } from './page_style.js';
import { sceneStrip, type Scene } from './scene_strip.js';
import { summarise, testPictures, type MethodSummary } from './summary.js';
import { htmlTable } from './table.js';

/** What a report shows beside the records. */
export interface ReportOptions {
  /** What the browser's tab and the line above the headline say. */
  title: string;
  /** Test pictures with what the methods said of them. */
  scenes?: readonly Scene[];
}

/** Nothing may be fetched, even if a name in the records were markup. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/**
 * The report of a set of base-to-new runs as one HTML page that needs no network: what they show in a sentence, the
 * table, accuracies as bars, loss curves, test pictures, and the configuration.
 * @throws MapleError when there is no record, or the methods cannot be compared
 */
export async function renderReport(
  records: readonly BaseToNewRecord[],
  { title, scenes = [] }: ReportOptions,
): Promise<string> {
  const summaries = summarise(records);
  const { headline, details } = findingOf(summaries);
  const losses = lossCharts(summaries);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <title>${title}</title>
        <style>
          ${rawHtml(PAGE_STYLE)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <p class="kicker">${title}</p>
            <h1>${headline}</h1>
            <p>${protocolOf(summaries)}</p>
            <ul class="lead">
              ${details.map((detail) => html`<li>${detail}</li>`)}
            </ul>
          </header>
          <section>
            <h2>Results</h2>
            ${htmlTable(records)}
          </section>
          <section>
            <h2>Accuracy</h2>
            ${figures(accuracyCharts(summaries))}
          </section>
          ${
            losses.length === 0
              ? undefined
              : html`<section>
                  <h2>Training loss</h2>
                  <p class="note">
                    Mean cross-entropy of each epoch, on randomly cropped and flipped pictures. One scale for all
                    methods; each with its own number of epochs.
                  </p>
                  ${figures(losses)}
                </section>`
          }
          ${
            scenes.length === 0
              ? undefined
              : html`<section>
                  <h2>Test pictures</h2>
                  <p class="note">✓ right; ✗ wrong, with the class it was taken for.</p>
                  ${await sceneStrip(scenes)}
                </section>`
          }
          ${configuration(summaries)}
        </main>
      </body>
    </html> `;
  return String(page);
}

function protocolOf(summaries: readonly MethodSummary[]): string {
  const { runs } = summaries[0];
  const { base, new: novel } = runs[0];
  const datasets = new Set(runs.map(({ dataset }) => dataset)).size;
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  const shots = summaries.flatMap((summary) => summary.runs).find(({ recipe }) => recipe)?.recipe?.shots;
  const tuned = shots === undefined ? '' : `Tuned on ${shots} pictures of each base class. `;
  const pictures = (['base', 'new'] as const).map((split) => thousands(testPictures(summaries[0], split)));
  return (
    tuned +
    `Tested on ${pictures[0]} pictures of base classes among the ${base.classNames.length} base names, and on ` +
    `${pictures[1]} of classes never trained on among the ${novel.classNames.length} new names. ` +
    `From ${counted(datasets, 'data set')} and ${counted(seeds, 'seed')}.`
  );
}

function counted(count: number, noun: string): string {
  return count === 1 ? `one ${noun}` : `${count} ${noun}s`;
}

function figures(charts: readonly { title: string; chart: Html }[]): Html {
  return html`<div class="charts">
    ${charts.map(
      ({ title, chart }) =>
        html`<figure>
          <figcaption>${title}</figcaption>
          ${chart}
        </figure> `,
    )}
  </div>`;
}
