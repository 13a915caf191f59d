import { basename, dirname, extname, join, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import type { FileToWrite } from '../node/atomic_files.js';
import { print } from './output.js';

interface ReportFlags {
  out: string;
  markdown?: string;
  csv?: string;
  title: string;
}

/** What commands write beside their records, which nobody takes for one. */
const WRITTEN_BESIDE = ['model.json', 'adapter_config.json', 'figures.json'];

/** `tfjs-maple report`. */
export function addReport(program: Command): void {
  program
    .command('report')
    .description('a page, and tables, of any experiment records')
    .argument('<records...>', 'record files, or folders with them')
    .option('--out <file>', 'the page, one HTML file that needs no network', filePath, 'report.html')
    .option('--markdown <file>', 'the tables as Markdown', filePath)
    .option(
      '--csv <file>',
      'all numbers, a row each; beside it <file>-tables.csv with the cells of the tables',
      filePath,
    )
    .option('--title <text>', 'what stands above', 'Experiments')
    .addHelpText(
      'after',
      `
Examples:
  tfjs-maple report runs
  tfjs-maple report runs/photos runs/coop
  tfjs-maple report runs/base-to-new runs/transfer --out page.html --markdown tables.md --csv numbers.csv`,
    )
    .action(report);
}

async function report(paths: string[], { out, markdown, csv, title }: ReportFlags): Promise<void> {
  const [
    { readRecords },
    { renderReport },
    { studyTables },
    { markdownTables },
    { csvRecords, csvTables },
    { writeFilesTogether },
    { recordsFinding },
    { comparedRunsTables },
    { studyRecords },
    { titledTerminalTable },
  ] = await Promise.all([
    import('../report/read_records.js'),
    import('../report/report.js'),
    import('../report/study_tables.js'),
    import('../report/markdown_table.js'),
    import('../report/csv.js'),
    import('../node/atomic_files.js'),
    import('../report/study_finding.js'),
    import('../report/compared_runs_table.js'),
    import('../report/study_records.js'),
    import('../report/terminal_table.js'),
  ]);
  const { records, skipped } = await readRecords(paths);
  for (const { path, reason } of skipped.filter(({ path }) => !WRITTEN_BESIDE.includes(basename(path)))) {
    process.stderr.write(`left out: ${path}: ${reason}\n`);
  }
  const page = await renderReport(records, { title });
  const tables = studyTables(records);
  const texts: [string, string][] = [
    [out, page],
    ...(markdown === undefined ? [] : [[markdown, markdownTables(tables, title)] as [string, string]]),
    ...(csv === undefined ? [] : csvFiles(csv, csvRecords(records), csvTables(tables))),
  ];
  for (const [folder, files] of byFolder(texts)) {
    await writeFilesTogether(folder, files);
  }
  const { headline, lead, details } = recordsFinding(records);
  const compared = comparedRunsTables(studyRecords(records).trainings).map(titledTerminalTable);
  await print(
    `${[[headline, lead, ...details].join('\n'), ...compared, texts.map(([path]) => path).join('\n')].join('\n\n')}\n`,
  );
}

function csvFiles(path: string, ofRecords: string, ofTables: string): [string, string][] {
  const ending = extname(path);
  const stem = basename(path, ending);
  return [
    [path, ofRecords],
    [join(dirname(path), `${stem}-tables${ending}`), ofTables],
  ];
}

/** Files of one folder are written together, whole or not at all. */
function byFolder(texts: readonly [string, string][]): Map<string, FileToWrite[]> {
  const folders = new Map<string, FileToWrite[]>();
  for (const [path, text] of texts) {
    const folder = dirname(resolve(path));
    const file = { name: basename(path), chunks: [new TextEncoder().encode(text)] };
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  return folders;
}

function filePath(path: string): string {
  if (path === '' || /[\\/]$/.test(path)) {
    throw new InvalidArgumentError('It must be the path of a file.');
  }
  return path;
}
