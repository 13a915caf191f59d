import { join } from 'node:path';
import type { Command } from 'commander';
import type { ExperimentRecord } from '../evaluation/record.js';
import { integer } from './options.js';
import { addMachineOptions, list, type StudyFlags } from './study_options.js';
import { runStudyCommand } from './study_session.js';

interface BenchmarkFlags extends Omit<StudyFlags, 'methods' | 'seeds' | 'split' | 'datasets'> {
  quick?: boolean;
  seeds?: number[];
}

/** `tfjs-maple benchmark`, which is `npm run benchmark`. */
export function addBenchmark(program: Command): void {
  const command = program
    .command('benchmark')
    .description('all experiments of the paper on Emoji World, with a report; goes on where it was stopped')
    .option('--quick', 'one seed, few sets and methods: within ten minutes on the native backend')
    .option('--seeds <numbers>', 'joined by commas (default: 1,2,3; quick: 1)', (text) => list(text).map(integer(0)))
    .option('--folder <path>', 'where records and report are kept', 'runs/benchmark');
  addMachineOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  tfjs-maple benchmark --quick
  tfjs-maple benchmark --seeds 1,2,3 --jobs 2`,
    )
    .action(benchmark);
}

async function benchmark({ quick, seeds, ...flags }: BenchmarkFlags): Promise<void> {
  const { benchmarkCells } = await import('../study/benchmark.js');
  const { records, study } = await runStudyCommand(
    { ...flags, split: 'test', folder: join(flags.folder, 'records') },
    ({ data, recipeOf, backbone }) => benchmarkCells({ data, recipeOf, config: backbone.config, seeds, quick }),
  );
  for (const path of await writeReport(records, study.data.name, flags.folder)) {
    console.log(path);
  }
}

/** The report and its tables; their paths. */
async function writeReport(records: readonly ExperimentRecord[], name: string, folder: string): Promise<string[]> {
  const [{ renderReport }, { studyTables }, { markdownTables }, { csvTables }, { writeFilesTogether }] =
    await Promise.all([
      import('../report/report.js'),
      import('../report/study_tables.js'),
      import('../report/markdown_table.js'),
      import('../report/csv.js'),
      import('../node/atomic_files.js'),
    ]);
  const title = `MaPLe's experiments on ${name}`;
  const tables = studyTables(records);
  const texts = {
    'report.html': await renderReport(records, { title }),
    'tables.md': markdownTables(tables, title),
    'tables.csv': csvTables(tables),
  };
  const encoder = new TextEncoder();
  const files = Object.entries(texts).map(([file, text]) => ({ name: file, chunks: [encoder.encode(text)] }));
  await writeFilesTogether(folder, files);
  return files.map((file) => join(folder, file.name));
}
