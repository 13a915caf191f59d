import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ClipTowers } from '../clip/build_towers.js';
import type { ClipTokenizer } from '../clip/tokenizer.js';
import type { BackendName } from '../node/backend.js';
import type { ProgressBar } from '../node/progress.js';
import { announceBackend, backendOption, integer, positive } from './options.js';

interface PretrainFlags {
  steps: number;
  batchSize: number;
  learningRate: number;
  seed: number;
  interval: number;
  folder: string;
  out?: string;
  backend?: BackendName;
}

/** `tfjs-maple pretrain`. */
export function addPretrain(program: Command): void {
  program
    .command('pretrain')
    .description('train the tiny CLIP of Emoji World from scratch; goes on where it was stopped')
    .option('--steps <number>', 'steps in all', integer(1), 3600)
    .option('--batch-size <number>', 'pictures a step', integer(2), 256)
    .option('--learning-rate <number>', 'the highest', positive, 1e-3)
    .option('--seed <number>', 'decides weights, pictures and captions', integer(0), 1)
    .option('--interval <number>', 'steps between two checkpoints', integer(1), 100)
    .option('--folder <path>', 'where checkpoint and curve are kept', 'runs/emoji-clip')
    .option('--out <path>', 'where the trained model goes (default: assets/emoji-clip of this package)')
    .addOption(backendOption())
    .addHelpText('after', `\nExample:\n  tfjs-maple pretrain --steps 600 --out out/emoji-clip`)
    .action(runPretrain);
}

async function runPretrain(flags: PretrainFlags): Promise<void> {
  const { pretrain } = await import('../emoji_world/pretrain.js');
  const { packageFolder } = await import('../node/package_folder.js');
  const { progressBar } = await import('../node/progress.js');
  const out = resolve(flags.out ?? join(packageFolder(), 'assets', 'emoji-clip'));
  await announceBackend(flags.backend);
  console.log(`Pretraining for ${flags.steps} steps, with checkpoints in ${resolve(flags.folder)}`);
  let bar: ProgressBar | undefined;
  try {
    const { towers, tokenizer } = await pretrain({
      ...flags,
      onStep: (step, loss) => {
        // What was done before it was resumed says nothing of the time left.
        bar ??= progressBar({ label: `From step ${step - 1}`, total: flags.steps - step + 1 });
        bar.increment(1, { step, loss: loss.toFixed(3) });
      },
      onCheck: ({ seenStyle, validationStyle }) =>
        bar?.increment(0, { seen: share(seenStyle), validation: share(validationStyle) }),
    });
    await saveTrained(out, flags.folder, towers, tokenizer);
  } finally {
    bar?.stop();
  }
  console.log(`Saved ${out}`);
}

async function saveTrained(out: string, folder: string, towers: ClipTowers, tokenizer: ClipTokenizer): Promise<void> {
  const { readTowers } = await import('../clip/build_towers.js');
  const { CLIP_IMAGE_STATISTICS } = await import('../clip/config.js');
  const { writeFilesTogether } = await import('../node/atomic_files.js');
  const { saveBackbone } = await import('../node/save_backbone.js');
  const weights = [...(await readTowers(towers))].map(([name, { values }]) => [name, values] as const);
  const imageStatistics = CLIP_IMAGE_STATISTICS;
  await saveBackbone(out, { config: towers.config, tokenizer, imageStatistics, weights, dtype: 'F16' });
  await writeFilesTogether(out, [{ name: 'curve.jsonl', chunks: [await readFile(join(folder, 'curve.jsonl'))] }]);
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}
