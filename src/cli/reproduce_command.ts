import { join } from 'node:path';
import type { Command } from 'commander';
import { MapleError } from '../../layers/errors.js';
import type { TransformerBackbone } from '../clip/transformer_backbone.js';
import { clipConfigs } from '../clip/clip_configs.js';
import type { ClipConfig } from '../clip/config.js';
import { findPaperDataset } from '../datasets/catalogue.js';
import type { ExperimentRecord } from '../evaluation/record.js';
import { METHODS, type Method } from '../prompting/presets.js';
import type { ReproducedFigure } from '../report/reproduced_figures.js';
import type { ResultTable } from '../report/result_table.js';
import type { StudyCell } from '../study/cell.js';
import { integer } from './options.js';
import { print, printJson } from './output.js';
import { addComputeOptions, list, someOf, type StudyFlags } from './study_options.js';
import { runStudyCommand } from './study_session.js';

interface ReproduceFlags extends Omit<StudyFlags, 'methods' | 'split' | 'folder'> {
  methods?: Method[];
  list?: boolean;
  folder?: string;
  json?: boolean;
}

/** The published figures are of this one. */
const PAPER_BACKBONE = 'openai/clip-vit-base-patch16';

const OTHER_ARCHITECTURE =
  'The published figures are of CLIP ViT-B/16, and this backbone is of another architecture: differences tell nothing.';

/** `tfjs-maple reproduce`. */
export function addReproduce(program: Command): void {
  const command = program
    .command('reproduce')
    .description(
      'a table of the paper on its own data sets, beside the published figures; goes on where it was stopped',
    )
    .argument('[table]', 'which; --list tells what there is')
    .option('--list', 'tell what can be reproduced')
    .option('--root <folder>', 'where the data sets are, each in the folder of its name')
    .option('--datasets <names>', 'some of the data sets, joined by commas (default: all of the table)', list)
    .option('--methods <names>', `some of ${METHODS.join(',')} (default: the table's)`, someOf(METHODS))
    .option('--seeds <numbers>', 'joined by commas', (text) => list(text).map(integer(0)), [1, 2, 3])
    .option('--folder <path>', 'where records and report are kept (default: runs/reproduce/<table>)')
    .option('--json', 'print the figures as JSON');
  addComputeOptions(command, `${PAPER_BACKBONE}, the paper's`)
    .addHelpText(
      'after',
      `
Examples:
  tfjs-maple reproduce --list
  tfjs-maple reproduce zero-shot --root /data --datasets EuroSAT,OxfordPets   is everything read right? run it first
  tfjs-maple reproduce base-to-new --root /data --datasets EuroSAT --methods zeroShot,maple
  tfjs-maple reproduce domain-generalisation --root /data --methods maple --seeds 1`,
    )
    .action(reproduce);
}

async function reproduce(table: string | undefined, flags: ReproduceFlags): Promise<void> {
  const { noTable, REPRODUCTIONS, reproductionCells } = await import('../study/reproduction.js');
  if (flags.list) {
    return showList(REPRODUCTIONS, flags.json);
  }
  const names = REPRODUCTIONS.map(({ name }) => name).join(', ');
  if (table === undefined) {
    throw new MapleError(`Name what is to be reproduced: ${names}. --list tells more.`);
  }
  const { root, methods, seeds, datasets, json, folder = join('runs', 'reproduce', table) } = flags;
  if (!REPRODUCTIONS.some(({ name }) => name === table)) {
    throw noTable(table);
  }
  const chosen = datasets?.map((name) => findPaperDataset(name).name);
  if (root === undefined) {
    throw new MapleError(
      '`--root` must name the folder of the data sets. docs/reproducing.md tells what is to be in it.',
    );
  }
  let cells: StudyCell[] = [];
  const { records, study } = await runStudyCommand(
    {
      ...flags,
      split: 'test',
      data: 'paper',
      backbone: flags.backbone ?? PAPER_BACKBONE,
      folder: join(folder, 'records'),
    },
    ({ data, recipeOf, backbone: { config } }) =>
      (cells = reproductionCells(table, { data, recipeOf, config, methods, seeds, datasets: chosen })),
  );
  mustBeTestedOn(cells, records, folder);
  await show(table, records, study.backbone, folder, json);
}

async function showList(
  reproductions: readonly { name: string; about: string; methods: readonly Method[] }[],
  json?: boolean,
): Promise<void> {
  if (json) {
    return printJson(reproductions);
  }
  const width = Math.max(...reproductions.map(({ name }) => name.length));
  const lines = reproductions.flatMap(({ name, about, methods }) => [
    `${name.padEnd(width)}  ${about}`,
    `${' '.repeat(width)}  methods: ${methods.join(',')}`,
  ]);
  await print(`${lines.join('\n')}\n`);
}

async function show(
  table: string,
  records: readonly ExperimentRecord[],
  { name: backbone, config }: TransformerBackbone,
  folder: string,
  json?: boolean,
): Promise<void> {
  const [{ reproducedFigures }, { reproductionFinding, reproductionTables }, { studyTables }, { titledTerminalTable }] =
    await Promise.all([
      import('../report/reproduced_figures.js'),
      import('../report/reproduction_tables.js'),
      import('../report/study_tables.js'),
      import('../report/terminal_table.js'),
    ]);
  const figures = reproducedFigures(records);
  const finding = [...reproductionFinding(figures), ...(isPapersArchitecture(config) ? [] : [OTHER_ARCHITECTURE])];
  const tables = reproductionTables(figures);
  const report = await writeReport(table, records, tables, figures, folder);
  if (json) {
    return printJson({ table, backbone, figures, finding, records: join(folder, 'records'), report });
  }
  // Few-shot and ablations have no counterpart in the paper.
  const shown = tables.length > 0 ? tables : studyTables(records);
  const texts = shown.map(titledTerminalTable);
  await print(`${[...texts, `Backbone: ${backbone}\n${finding.join('\n')}`, `Report: ${report}`].join('\n\n')}\n`);
}

/** A record's name does not tell what its prompts were carried over to. */
function mustBeTestedOn(cells: readonly StudyCell[], records: readonly ExperimentRecord[], folder: string): void {
  for (const [index, record] of records.entries()) {
    const { id, targets = [], domains = [] } = cells[index];
    const wanted = [...targets, ...domains].join(', ');
    const tested = record.protocol === 'transfer' ? record.targets.map(({ dataset }) => dataset).join(', ') : '';
    if (tested !== wanted) {
      throw new MapleError(
        `${join(folder, 'records', id)}.json was tested on ${tested}, and this asks for ${wanted}. Choose another ` +
          '`--folder`, or move the file away.',
      );
    }
  }
}

function isPapersArchitecture({ vision, text }: ClipConfig): boolean {
  const { vision: papers, text: papersText } = clipConfigs.vitB16;
  const fields = ['width', 'layers', 'patchSize', 'imageSize'] as const;
  return fields.every((field) => vision[field] === papers[field]) && text.width === papersText.width;
}

/** The report, the tables and the figures; the report's path. */
async function writeReport(
  table: string,
  records: readonly ExperimentRecord[],
  tables: readonly ResultTable[],
  figures: readonly ReproducedFigure[],
  folder: string,
): Promise<string> {
  const [{ renderReport }, { studyTables }, { markdownTables }, { writeFilesTogether }] = await Promise.all([
    import('../report/report.js'),
    import('../report/study_tables.js'),
    import('../report/markdown_table.js'),
    import('../node/atomic_files.js'),
  ]);
  const title = `The paper’s ${table}, run again`;
  const texts = {
    'report.html': await renderReport(records, { title, tables }),
    'tables.md': markdownTables([...tables, ...studyTables(records)], title),
    'figures.json': `${JSON.stringify(figures, undefined, 2)}\n`,
  };
  const encoder = new TextEncoder();
  const files = Object.entries(texts).map(([name, text]) => ({ name, chunks: [encoder.encode(text)] }));
  await writeFilesTogether(folder, files);
  return join(folder, 'report.html');
}
