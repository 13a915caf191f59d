import type { Command } from 'commander';
import type { EmojiGroup } from '../emoji_world/concepts.js';
import type { BackendName } from '../node/backend.js';
import {
  addBackboneOptions,
  announceBackend,
  backendOption,
  integer,
  openBackboneFor,
  type BackboneFlags,
} from './options.js';

interface DemoFlags extends BackboneFlags {
  style: string;
  group: EmojiGroup;
  shots: number;
  seed: number;
  out: string;
  backend?: BackendName;
}

/** `tfjs-maple demo`, which is `npm start`. */
export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('zero-shot, CoOp and MaPLe side by side on emoji that the backbone has never seen; writes a report')
    .option('--style <id>', 'whose drawings', 'noto')
    .option('--group <name>', 'which emoji', 'food')
    .option('--shots <number>', 'training pictures a base class', integer(1), 16)
    .option('--seed <number>', 'decides training pictures, initial prompts and their order', integer(0), 1)
    .option('--out <path>', 'where report, records, model and pictures go', 'out/demo');
  addBackboneOptions(command)
    .addOption(backendOption())
    .addHelpText(
      'after',
      `
Examples:
  tfjs-maple demo
  tfjs-maple demo --group animals --style fluent-emoji --shots 8 --out out/animals`,
    )
    .action(demo);
}

async function demo({ out, backend, ...flags }: DemoFlags): Promise<void> {
  const [{ runDemo }, { runEnvironment }, { clock }] = await Promise.all([
    import('../emoji_world/demo.js'),
    import('../node/environment.js'),
    import('../node/progress.js'),
  ]);
  const { resultsTable } = await import('../report/terminal_table.js');
  const { answersTable } = await import('../report/answers_table.js');
  const { summarise } = await import('../report/summary.js');
  const { findingOf } = await import('../report/finding.js');

  const start = performance.now();
  const environment = runEnvironment(await announceBackend(backend));
  const backbone = await openBackboneFor(flags);
  console.log(`Backbone: ${backbone.name}`);
  const { style, group, shots, seed } = flags;
  const result = await runDemo({
    ...{ style, group, shots, seed },
    backbone,
    environment,
    folder: out,
    onStage: (text) => console.log(`\n${text}`),
    onRecords: (records) => {
      const { headline, details } = findingOf(summarise(records));
      console.log(`\n${resultsTable(records)}\n${[headline, ...details].join('\n')}`);
    },
  });
  console.log(`\n${answersTable(result.classification.classified, result.truths)}`);
  for (const { reason } of result.classification.skipped) {
    console.log(`skipped: ${reason}`);
  }
  console.log(`\nReport:   ${result.report}\nModel:    ${result.model}\nPictures: ${result.pictures}`);
  console.log(`Classify your own: npx tfjs-maple predict ${result.model} <pictures>`);
  console.log(`Done in ${clock((performance.now() - start) / 1000)}.`);
}
