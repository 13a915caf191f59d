// Benchmarks of the built library: `npm run bench -- step`.
import { Command } from 'commander';
import { benchStep } from './step.js';

const program = new Command('bench').description(
  'Benchmarks. Quote medians and ratios within one run, not single times.',
);

program
  .command('step')
  .description('one MaPLe training step and a 16-picture prediction of a ViT-B/16-shaped CLIP with random weights')
  .option('--classes <number>', 'classes', Number, 50)
  .option('--batch <number>', 'pictures a training step', Number, 4)
  .option('--repeats <number>', 'measured repetitions, after one that is not', Number, 5)
  .option('--backend <name>', 'native or wasm; default: the better one there is')
  .action(benchStep);

await program.parseAsync();
