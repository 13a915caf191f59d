import { join } from 'node:path';
import type { Command } from 'commander';
import type { Skipped } from '../node/image_folder.js';
import type { TrainedClassifier } from '../node/train_classifier.js';
import type { BackendName } from '../node/backend.js';
import { note } from '../node/notes.js';
import { addBackboneOptions, announceBackend, backendOption, openBackboneFor, orientationOption } from './options.js';
import { print, printJson } from './output.js';
import { untilStopped } from './stop_signals.js';
import { Interrupted } from './study_session.js';
import { addTrainSettings, trainSettings, type SettingFlags } from './train_settings.js';

interface TrainFlags extends SettingFlags {
  out?: string;
  validate?: boolean;
  resume?: boolean;
  force?: boolean;
  json?: boolean;
  backend?: BackendName;
}

/** Files named on standard error; the record has all. */
const NAMED = 10;
const SHIPPED =
  'Backbone: the shipped emoji-clip, which is tiny and knows drawings of emoji only: good to try this out, not for ' +
  'photographs.\nFor those name a real one: --backbone openai/clip-vit-base-patch16, or ' +
  'laion/CLIP-ViT-B-16-laion2B-s34B-b88K, or a folder with one.';

/** `tfjs-maple train`. */
export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .description('tune a classifier on a few of your own pictures, and test it beside zero-shot')
    .argument('<pictures>', 'a folder of class folders, of train/val/test folders, or a list (.csv, .json)')
    .option('--out <folder>', 'where model, record, report and log go (default: runs/<name of the pictures>)');
  addTrainSettings(command)
    .option('--validate', 'test on validation pictures after each epoch, for the log')
    .option('--resume', 'go on with the training in the folder, which must have had the same settings')
    .option('--force', 'begin anew in a folder that is not empty')
    .option('--json', 'print one JSON document: records, paths, what was left out');
  addBackboneOptions(command)
    .addOption(orientationOption())
    .addOption(backendOption())
    .addHelpText(
      'after',
      `
Ctrl-C stops after the batch under way and keeps the training's state; the same command with --resume goes on, and ends
with the same model as if it had not been stopped. A second Ctrl-C ends at once.

Examples:
  tfjs-maple train photos
  tfjs-maple predict runs/photos new-pictures
  tfjs-maple train photos --backbone openai/clip-vit-base-patch16 --shots all --epochs 10
  tfjs-maple train list.csv --method coop --out runs/coop --json > result.json
  tfjs-maple train photos --resume`,
    )
    .action(train);
}

async function train(pictures: string, flags: TrainFlags): Promise<void> {
  const [{ trainClassifier }, { trainingName }, { openPictureLoader }, { runEnvironment }] = await Promise.all([
    import('../node/train_classifier.js'),
    import('../node/train_data.js'),
    import('../node/picture_loader.js'),
    import('../node/environment.js'),
  ]);
  if (flags.backbone === undefined) {
    note(SHIPPED);
  }
  const out = flags.out ?? join('runs', trainingName(pictures));
  const environment = runEnvironment(await announceBackend(flags.backend));
  const backbone = await openBackboneFor(flags);
  if (flags.loss === 'sigmoid' && backbone.config.logitBias !== true) {
    note("The sigmoid loss is meant for backbones whose logits have a bias (SigLIP); this one's have none.");
  }
  const loader = openPictureLoader();
  const { validate, resume, force } = flags;
  const args = {
    ...(await trainSettings(flags)),
    validate,
    resume,
    force,
    pictures,
    out,
    backbone,
    environment,
    loader,
  };
  const run = (signal: AbortSignal): Promise<TrainedClassifier> =>
    trainClassifier({ ...args, signal, onStage: note, onSkipped: tellSome });
  const trained = await untilStopped(run, 'Stopping after this batch; again to end at once.')
    .catch((error: unknown) => stopped(error, out))
    .finally(() => loader.close());
  if (flags.json) {
    await printJson(trained);
    return;
  }
  const [{ trainFinding }, { trainTables }, { titledTerminalTable }] = await Promise.all([
    import('../report/train_finding.js'),
    import('../report/train_tables.js'),
    import('../report/terminal_table.js'),
  ]);
  const { headline, lead, details } = trainFinding(trained.records);
  await print(`${[headline, lead, ...details].join('\n')}\n\n`);
  for (const table of trainTables(trained.records)) {
    await print(`${titledTerminalTable(table)}\n\n`);
  }
  await print(
    `Model:  ${trained.model}\nReport: ${trained.report}\nClassify pictures: npx tfjs-maple predict ${quoted(out)} <pictures>\n`,
  );
}

/** What a stopped training leaves, and how to go on. */
async function stopped(error: unknown, out: string): Promise<never> {
  if (!(error instanceof Interrupted)) {
    throw error;
  }
  const { readCheckpoint } = await import('../node/training_checkpoint.js');
  const state = await readCheckpoint(join(out, 'checkpoint'));
  if (state === undefined) {
    throw new Interrupted(
      error.signal,
      'Stopped before settings were found and the first batch was done: --resume begins with the search.',
    );
  }
  const { epoch, within, settings } = state;
  const place = within === undefined ? '' : ` and ${within.batches} batches`;
  throw new Interrupted(
    error.signal,
    `Stopped after ${epoch} of ${settings.recipe.epochs} epochs${place}. The state is kept in ${join(out, 'checkpoint')}: ` +
      'the same command with --resume goes on from there.',
  );
}

function tellSome(skipped: readonly Skipped[]): void {
  skipped.slice(0, NAMED).forEach(({ path, reason }) => {
    process.stderr.write(`left out: ${reason.includes(path) ? reason : `${path}: ${reason}`}\n`);
  });
  if (skipped.length > NAMED) {
    process.stderr.write(`left out: ${skipped.length - NAMED} more; record.json and log.jsonl name them all\n`);
  }
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `"${path}"`;
}
