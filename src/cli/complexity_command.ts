import { Option, type Command } from 'commander';
import { MapleError } from '../../layers/errors.js';
import type { BackendName } from '../node/backend.js';
import { METHODS, type Method } from '../prompting/presets.js';
import {
  addBackboneOptions,
  announceBackend,
  backendOption,
  integer,
  openBackboneFor,
  type BackboneFlags,
} from './options.js';
import { someOf } from './study_options.js';

interface ComplexityFlags extends BackboneFlags {
  shape: string;
  classes: number;
  methods: Method[];
  testBatch: number;
  trainBatch: number;
  repeats: number;
  training: boolean;
  folder: string;
  backend?: BackendName;
}

/** `tfjs-maple complexity`. */
export function addComplexity(program: Command): void {
  const command = program
    .command('complexity')
    .description('what the methods cost: trained parameters, operations, speed of testing and of training')
    .addOption(
      new Option(
        '--shape <name>',
        "architecture, with random weights, where no --backbone is given: vitB16, siglipBase16At224, ..., or a published model's name",
      )
        .default('vitB16')
        .conflicts('backbone'),
    )
    .option('--classes <number>', 'classes', integer(1), 50)
    .option('--methods <names>', `some of ${METHODS.join(',')}`, someOf(METHODS), [...METHODS])
    .option('--test-batch <number>', 'pictures at once in the test', integer(1), 16)
    .option('--train-batch <number>', 'pictures at once in a training step', integer(1), 4)
    .option('--repeats <number>', 'measured repetitions of each', integer(1), 5)
    .option('--no-training', 'measure no training steps')
    .option('--folder <path>', 'where the record is kept, as complexity.json', 'runs/complexity');
  addBackboneOptions(command)
    .addOption(backendOption())
    .addHelpText(
      'after',
      `
Examples:
  tfjs-maple complexity --methods zeroShot,coop,maple
  tfjs-maple complexity --shape vitL14 --classes 100 --no-training
  tfjs-maple complexity --shape google/siglip-base-patch16-224 --methods zeroShot,maple`,
    )
    .action(complexity);
}

async function complexity({ shape, classes, folder, backend, ...rest }: ComplexityFlags): Promise<void> {
  const [
    { measureComplexity },
    { runEnvironment },
    { writeFilesTogether },
    { randomBackbone },
    { architectureOf },
    { complexityTable },
    { terminalTable },
  ] = await Promise.all([
    import('../evaluation/complexity.js'),
    import('../node/environment.js'),
    import('../node/atomic_files.js'),
    import('../node/random_backbone.js'),
    import('../published/architecture_of.js'),
    import('../report/complexity_table.js'),
    import('../report/terminal_table.js'),
  ]);
  const classNames = await someClassNames(classes);
  const backbone =
    rest.backbone === undefined
      ? await randomBackbone(architectureOf(shape), `${shape}, random weights`)
      : await openBackboneFor(rest);
  // Before minutes of measuring: whether the record can be kept.
  await writeFilesTogether(folder, []);
  const environment = runEnvironment(await announceBackend(backend));
  const { ProgressBar } = await import('../node/progress.js');
  let bar: InstanceType<typeof ProgressBar> | undefined;
  let measuring = 'none yet: models are built';
  const { methods, testBatch, trainBatch, repeats, training } = rest;
  const record = await measureComplexity({
    ...{ methods, testBatch, trainBatch, repeats, training },
    backbone,
    classNames,
    environment,
    onMethod: (method, index) => (measuring = `${method} (${index + 1} of ${rest.methods.length})`),
    onProgress: (done, total) => {
      bar ??= new ProgressBar({ label: 'measuring', total });
      bar.update(done, { method: measuring });
    },
  }).finally(() => bar?.stop());
  const chunks = [new TextEncoder().encode(`${JSON.stringify(record)}\n`)];
  await writeFilesTogether(folder, [{ name: 'complexity.json', chunks }]);
  const table = complexityTable(record);
  console.log(`${terminalTable(table)}\n${table.caption}`);
}

/** Names as long as class names are: Emoji World's. */
async function someClassNames(count: number): Promise<string[]> {
  const { emojiConcepts } = await import('../emoji_world/concepts.js');
  const labels = emojiConcepts().map(({ label }) => label);
  if (count > labels.length) {
    throw new MapleError(
      `\`--classes\` must be at most ${labels.length}, as many names as there are. Received: ${count}.`,
    );
  }
  return labels.slice(-count);
}
