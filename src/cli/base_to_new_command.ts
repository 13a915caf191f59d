import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { EmojiGroup } from '../emoji_world/concepts.js';
import type { BackendName } from '../node/backend.js';
import { METHODS, type Method } from '../prompting/presets.js';
import { announceBackend, backendOption, integer } from './options.js';

interface BaseToNewFlags {
  style: string;
  groups: EmojiGroup[];
  classes: number;
  methods: Method[];
  seeds: number[];
  split: 'test' | 'validation';
  folder: string;
  backbone?: string;
  backend?: BackendName;
}

/** `tfjs-maple base-to-new`. */
export function addBaseToNew(program: Command): void {
  program
    .command('base-to-new')
    .description('the base-to-new protocol on several groups of emoji and seeds; leaves out what has a record')
    .option('--style <id>', 'whose drawings', 'noto')
    .option('--groups <names>', 'which emoji, joined by commas', list, ['animals', 'food', 'objects'])
    .option('--classes <number>', 'classes a group', integer(2), 60)
    .option('--methods <names>', `some of ${METHODS.join(',')}`, list, ['zeroShot', 'coop', 'maple'])
    .option('--seeds <numbers>', 'joined by commas', (text) => list(text).map(integer(0)), [1, 2, 3])
    .addOption(new Option('--split <name>', 'pictures to test on').choices(['test', 'validation']).default('test'))
    .option('--folder <path>', 'where the records are kept, one file a cell', 'runs/base-to-new')
    .option('--backbone <path>', 'a CLIP in Hugging Face layout (default: assets/emoji-clip of this package)')
    .addOption(backendOption())
    .action(baseToNew);
}

async function baseToNew({ backbone: path, backend, ...study }: BaseToNewFlags): Promise<void> {
  const [{ studyBaseToNew }, { runEnvironment }, { loadBackbone }, { packageFolder }, { TrainingProgress }] =
    await Promise.all([
      import('../emoji_world/base_to_new_study.js'),
      import('../node/environment.js'),
      import('../node/load_backbone.js'),
      import('../node/package_folder.js'),
      import('../node/training_progress.js'),
    ]);
  const { studyTable } = await import('../report/study_table.js');
  const environment = runEnvironment(await announceBackend(backend));
  const records = await studyBaseToNew({
    ...study,
    backbone: await loadBackbone(path ?? join(packageFolder(), 'assets', 'emoji-clip')),
    environment,
    callbacksOf: (cell) => [new TrainingProgress(cell)],
  });
  console.log(studyTable(records));
}

function list(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('')) {
    throw new InvalidArgumentError('Join the values by single commas.');
  }
  return items;
}
