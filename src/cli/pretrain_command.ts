import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ChoiceOption } from './choice_option.js';
import type { ClipTowers } from '../clip/build_towers.js';
import type { StoredTokenizer } from '../tokenizers/stored_tokenizer.js';
import type { TinyArchitecture } from '../emoji_world/tiny_models.js';
import type { BackendName } from '../node/backend.js';
import type { ProgressBar } from '../node/progress.js';
import { announceBackend, backendOption, integer, positive } from './options.js';

interface PretrainFlags {
  architecture: TinyArchitecture;
  from?: string;
  steps: number;
  batchSize: number;
  learningRate: number;
  warmup: number;
  seed: number;
  interval: number;
  folder?: string;
  out?: string;
  backend?: BackendName;
}

/** `tfjs-maple pretrain`. */
export function addPretrain(program: Command): void {
  program
    .command('pretrain')
    .description('train the tiny CLIP of Emoji World from scratch, or a tiny SigLIP; goes on where it was stopped')
    .addOption(
      new ChoiceOption('--architecture <name>', 'what is trained').choices(['clip', 'siglip'] as const).default('clip'),
    )
    .option('--from <folder>', 'start from the weights of a model where names and shapes agree')
    .option('--steps <number>', 'steps in all', integer(1), 3600)
    .option('--batch-size <number>', 'pictures a step', integer(2), 256)
    .option('--learning-rate <number>', 'the highest', positive, 1e-3)
    .option('--warmup <number>', 'steps until the rate is at its highest', integer(1), 200)
    .option('--seed <number>', 'decides weights, pictures and captions', integer(0), 1)
    .option('--interval <number>', 'steps between two checkpoints', integer(1), 100)
    .option('--folder <path>', 'where checkpoint and curve are kept (default: runs/emoji-clip, or runs/emoji-siglip)')
    .option(
      '--out <path>',
      'where the trained model goes (default: assets/emoji-clip of this package, or out/emoji-siglip)',
    )
    .addOption(backendOption())
    .addHelpText(
      'after',
      `
Examples:
  tfjs-maple pretrain --steps 600 --out out/emoji-clip
  tfjs-maple pretrain --architecture siglip --from assets/emoji-clip --steps 600 --out out/emoji-siglip`,
    )
    .action(runPretrain);
}

async function runPretrain(flags: PretrainFlags): Promise<void> {
  const { pretrain } = await import('../emoji_world/pretrain.js');
  const { loadBackbone } = await import('../node/load_backbone.js');
  const { packageFolder } = await import('../node/package_folder.js');
  const { progressBar } = await import('../node/progress.js');
  // The package ships the tiny CLIP alone.
  const shipped = flags.architecture === 'clip' ? join(packageFolder(), 'assets', 'emoji-clip') : 'out/emoji-siglip';
  const out = resolve(flags.out ?? shipped);
  const folder = flags.folder ?? `runs/emoji-${flags.architecture}`;
  await announceBackend(flags.backend);
  console.log(`Pretraining for ${flags.steps} steps, with checkpoints in ${resolve(folder)}; the model goes to ${out}`);
  let bar: ProgressBar | undefined;
  try {
    const { architecture, steps, batchSize, learningRate, warmup, seed, interval } = flags;
    const { towers, tokenizer } = await pretrain({
      ...{ architecture, steps, batchSize, learningRate, warmup, seed, interval },
      from: flags.from === undefined ? undefined : await loadBackbone(flags.from),
      folder,
      onStep: (step, loss) => {
        // What was done before it was resumed says nothing of the time left.
        bar ??= progressBar({ label: `From step ${step - 1}`, total: flags.steps - step + 1 });
        bar.increment(1, { step, loss: loss.toFixed(3) });
      },
      onCheck: ({ seenStyle, validationStyle }) =>
        bar?.increment(0, { seen: share(seenStyle), validation: share(validationStyle) }),
    });
    await saveTrained(out, folder, towers, tokenizer);
  } finally {
    bar?.stop();
  }
  console.log(`Saved ${out}`);
}

async function saveTrained(out: string, folder: string, towers: ClipTowers, tokenizer: StoredTokenizer): Promise<void> {
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
