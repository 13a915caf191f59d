import type { Command } from 'commander';
import type { BackendName } from '../node/backend.js';
import { addAnswerOptions, showAnswers, type AnswerFlags } from './answers.js';
import { openModel } from './open_model.js';
import {
  addBackboneOptions,
  announceBackend,
  backendOption,
  orientationOption,
  type BackboneFlags,
} from './options.js';

interface PredictFlags extends AnswerFlags, BackboneFlags {
  backend?: BackendName;
}

/** `tfjs-maple predict`. */
export function addPredict(program: Command): void {
  const command = program
    .command('predict')
    .description('classify pictures with a tuned model')
    .argument('<model>', 'what `train` or `demo` wrote, a folder of model.save, or prompts with their --backbone')
    .argument('<pictures...>', 'picture files, or folders of them');
  addBackboneOptions(addAnswerOptions(command))
    .addOption(orientationOption())
    .addOption(backendOption())
    .addHelpText(
      'after',
      `
Files that are no pictures are told of on standard error; the exit code is 0 if at least one picture was classified.

Examples:
  tfjs-maple predict out/demo/maple out/demo/pictures --top 1
  tfjs-maple predict runs/pets photos --recursive --jsonl > answers.jsonl
  tfjs-maple predict runs/pets photos --csv --threshold 0.5`,
    )
    .action(predict);
}

async function predict(path: string, pictures: string[], flags: PredictFlags): Promise<void> {
  // Before the model is loaded, which takes longer: whether there is anything to do.
  const { findPictures } = await import('../node/find_pictures.js');
  const paths = await findPictures(pictures, { recursive: flags.recursive });
  await announceBackend(flags.backend);
  const model = await openModel(path, flags);
  await showAnswers(model, paths, flags, { model: path });
}
