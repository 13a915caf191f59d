// Benchmarks of the built library: `npm run bench -- step`.
import { Command } from 'commander';
import { benchBrowserStep } from './browser_step.js';
import { benchCompare } from './compare.js';
import { benchLoad } from './load.js';
import { benchLoading } from './loading.js';
import { benchScaling } from './scaling.js';
import { plotScaling } from './scaling_plot.js';
import { benchStep } from './step.js';
import { benchTextRows } from './text_rows.js';
import { benchWasmStep } from './wasm_step.js';

const program = new Command('bench').description(
  'Benchmarks. Quote medians and ratios within one run, not single times.',
);

program
  .command('step')
  .description('one MaPLe training step and a 16-picture prediction of a ViT-B/16-shaped CLIP with random weights')
  .option('--classes <number>', 'classes', Number, 50)
  .option('--batch <number>', 'pictures a training step', Number, 4)
  .option('--text-rows <number>', 'classes that the text tower takes at once; default: as buildClip has it', Number)
  .option('--recompute', 'compute blocks once more in the backward pass')
  .option('--repeats <number>', 'measured repetitions, after one that is not', Number, 5)
  .option('--backend <name>', 'native or wasm; default: the better one there is')
  .action(benchStep);

program
  .command('wasm-step')
  .description("a training step of the shipped CLIP on WASM, with tfjs' own kernels and with speedUpWasm's")
  .option('--methods <names>', 'methods of promptDesign', 'maple,coop,cocoop,vpt')
  .option('--classes <number>', 'classes', Number, 20)
  .option('--batch <number>', 'pictures a step', Number, 4)
  .option('--repeats <number>', 'measured steps of each, after two that are not', Number, 20)
  .action(benchWasmStep);

program
  .command('browser-step')
  .description('the same of MaPLe in a browser, in a page that is cross-origin isolated and in one that is not')
  .option('--browser <path>', 'a Chromium', 'chromium')
  .option('--threads <numbers>', 'what setThreadsCount is told in the isolated page', '1,2')
  .option('--repeats <number>', 'measured steps of each, after two that are not', Number, 20)
  .action(benchBrowserStep);

program
  .command('text-rows')
  .description("a gradient of ViT-B/16's text tower, random weights, some of the texts at once")
  .option('--texts <number>', 'texts: images x classes of CoCoOp', Number, 256)
  .option('--rows <number>', 'texts computed at once', Number, 64)
  .option('--length <number>', 'positions a text', Number, 12)
  .option('--backend <name>', 'native or wasm; default: the better one there is')
  .action(benchTextRows);

program
  .command('load')
  .description('load and build a CLIP of random weights from a folder: time, and peak memory against the file (Linux)')
  .option('--shape <name>', 'architecture of clipConfigs', 'vitB16')
  .option('--methods <names>', 'built classifiers', 'zeroShot,maple')
  .option('--dtype <name>', 'how the weights are stored: F32, F16 or BF16', 'F32')
  .option('--folder <path>', 'keep the backbone there, and take it from there the next time')
  .option('--backend <name>', 'native or wasm; default: the better one there is')
  .action(benchLoad);

program
  .command('loading')
  .description(
    'an epoch of the shipped CLIP on generated JPEGs, read by its own thread, by a loader, and kept in memory',
  )
  .option('--pictures <number>', 'JPEGs', Number, 64)
  .option('--width <number>', 'their width', Number, 2000)
  .option('--height <number>', 'their height', Number, 1500)
  .option('--batch <number>', 'pictures a step', Number, 4)
  .option('--shape <name>', 'architecture of clipConfigs, with random weights; default: the shipped CLIP')
  .option('--threads <number>', "the loader's threads; default: its own", Number)
  .option('--repeats <number>', 'measured epochs of each, after one that is not', Number, 3)
  .option('--backend <name>', 'native or wasm; default: the better one there is')
  .action(benchLoading);

program
  .command('compare')
  .description("MaPLe at ViT-B/16's shape against PyTorch and others, in alternation, each in a process of its own")
  .option('--task <name>', 'step (training) or features (the image tower, on pictures)', 'step')
  .option('--classes <number>', 'classes', Number, 50)
  .option('--batch <number>', 'pictures a training step', Number, 4)
  .option('--pictures <number>', 'pictures of the task features', Number, 16)
  .option('--repeats <number>', 'measured repetitions, after one that is not', Number, 5)
  .option('--threads <number>', 'of either', Number, 2)
  .option('--recompute', 'compute blocks once more in the backward pass')
  .option('--python <path>', 'a Python that has torch and safetensors', 'python3')
  .option(
    '--onnx',
    'features: also against onnxruntime from Python, which needs onnx, onnxscript and onnxruntime there',
  )
  .option(
    '--peers-from <folder>',
    'features: also against onnxruntime-node and transformers.js of its node_modules; needs onnx and onnxscript in Python',
  )
  .action(benchCompare);

program
  .command('scaling')
  .description('a training step against classes, batch, depth and backbone: seconds and peak memory')
  .option('--axes <names>', 'some of classes,batch,depth,shape', 'classes,batch,depth,shape')
  .option('--repeats <number>', 'measured steps of each size, after one that is not', Number, 3)
  .option('--threads <number>', 'of the native backend', Number, 2)
  .option('--recompute', 'compute blocks once more in the backward pass')
  .option('--out <path>', 'where the figures go', 'out/bench/scaling.json')
  .action(benchScaling);

program
  .command('scaling-plot')
  .description('the figures of `scaling` as a picture')
  .option('--from <path>', 'JSON of `scaling`', 'out/bench/scaling.json')
  .option('--to <path>', 'an SVG', 'out/bench/scaling.svg')
  .action(plotScaling);

await program.parseAsync();
