// Benchmarks of the built library: `npm run bench -- step`.
import { Command } from 'commander';
import { benchStep } from './step.js';
import { benchTextRows } from './text_rows.js';

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

program
  .command('text-rows')
  .description("a gradient of ViT-B/16's text tower, random weights, some of the texts at once")
  .option('--texts <number>', 'texts: images x classes of CoCoOp', Number, 256)
  .option('--rows <number>', 'texts computed at once', Number, 64)
  .option('--length <number>', 'positions a text', Number, 12)
  .option('--backend <name>', 'native or wasm; default: the better one there is')
  .action(benchTextRows);

await program.parseAsync();
