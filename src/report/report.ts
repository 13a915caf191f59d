import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import type { AnyRecord } from '../evaluation/record.js';
import { resample } from './bootstrap.js';
import { configuration } from './configuration.js';
import { html, rawHtml } from './html.js';
import { titledTable } from './html_table.js';
import { PAGE_STYLE } from './page_style.js';
import type { ResultTable } from './result_table.js';
import { sceneStrip, type Scene } from './scene_strip.js';
import { ablationSection } from './sections/ablations.js';
import { baseToNewSections } from './sections/base_to_new.js';
import { complexitySection } from './sections/complexity.js';
import { confusionSection } from './sections/confusion.js';
import { fewShotSection } from './sections/few_shot.js';
import { gallerySections } from './sections/gallery.js';
import { lossSection } from './sections/losses.js';
import { note, section } from './sections/section.js';
import { trainingsSection } from './sections/trainings.js';
import { transferSection } from './sections/transfer.js';
import { studyFinding } from './study_finding.js';
import { studyRecords } from './study_records.js';
import { summarise } from './summary.js';

/** What a report shows beside the records. */
export interface ReportOptions {
  /** What the browser's tab and the line above the headline say. */
  title: string;
  /** Test pictures with what the methods said of them. */
  scenes?: readonly Scene[];
  /** Tables of the caller's own, e.g. of one training: a section after the protocols'. */
  tables?: readonly ResultTable[];
}

const OPTIONS: SettingNames<ReportOptions> = { title: true, scenes: true, tables: true };

/** Nothing may be fetched, even if a name in the records were markup. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/**
 * The report of any set of experiment records as one HTML page that needs no network: what they show in a sentence,
 * then a section for each protocol that there are records of, with tables and charts, and the configuration.
 * @throws MapleError when there is no record, or methods have no data set and seed in common
 */
export async function renderReport(records: readonly AnyRecord[], options: ReportOptions): Promise<string> {
  checkKnown('renderReport', options, OPTIONS);
  const { title, scenes = [], tables = [] } = options;
  if (records.length === 0) {
    throw new MapleError('A report needs at least one record. Received: none. Run an experiment first.');
  }
  const study = studyRecords(records);
  const { baseToNew, ablations, transfer, fewShot, trainings, gallery, complexity, runs, leftOut } = study;
  const summaries = baseToNew.length === 0 ? [] : summarise(baseToNew);
  const resampled = summaries.length === 0 ? undefined : resample(summaries);
  const { headline, lead, details } = studyFinding(study, summaries, resampled);
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
            <p>${lead}</p>
            <ul class="lead">
              ${details.map((detail) => html`<li>${detail}</li>`)}
            </ul>
          </header>
          ${resampled === undefined ? undefined : baseToNewSections(baseToNew, summaries, resampled)}
          ${trainingsSection(trainings)} ${transferSection(transfer)} ${fewShotSection(fewShot)}
          ${ablationSection(ablations, baseToNew)}
          ${tables.length === 0 ? undefined : section('In detail', ...tables.map(titledTable))}
          ${complexitySection(complexity)} ${lossSection(summaries)} ${confusionSection(baseToNew)}
          ${
            scenes.length === 0
              ? undefined
              : section(
                  'Test pictures',
                  note('✓ right; ✗ wrong, with the class it was taken for.'),
                  await sceneStrip(scenes),
                )
          }
          ${gallerySections(gallery)} ${runs.length === 0 ? undefined : configuration(runs, trainings)}
          ${leftOut.map((sentence) => note(sentence))}
        </main>
      </body>
    </html> `;
  return String(page);
}
