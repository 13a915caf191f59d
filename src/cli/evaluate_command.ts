import type { Command } from 'commander';
import type { BackendName } from '../node/backend.js';
import { addClassNameOptions, classNamesFor, type ClassNameFlags } from './class_names.js';
import { showEvaluation } from './evaluation.js';
import { addLabelledDataOptions, readLabelledData, type LabelledDataFlags } from './labelled_data.js';
import { openModel } from './open_model.js';
import {
  addBackboneOptions,
  announceBackend,
  backendOption,
  orientationOption,
  integer,
  type BackboneFlags,
} from './options.js';

interface EvaluateFlags extends BackboneFlags, ClassNameFlags, LabelledDataFlags {
  dataClasses?: boolean;
  batchSize: number;
  json?: boolean;
  backend?: BackendName;
}

/** `tfjs-maple evaluate`. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('test a tuned model on labelled pictures: accuracy, hardest classes, confusions')
    .argument('<model>', 'what `train` or `demo` wrote, a folder of model.save, or prompts with their --backbone')
    .argument('<data>', 'a folder of class folders, of train/val/test folders, or a list (.csv, .json)')
    .option('--batch-size <number>', 'pictures at once', integer(1), 100)
    .option('--json', 'print one JSON document: figures, and what was said of each picture');
  addLabelledDataOptions(command);
  addClassNameOptions(command, 'other class names for the model, without training again')
    .option('--data-classes', "the data's class names for the model, without training again")
    .addHelpText(
      'after',
      `
Class names of the data are found among the model's, underscores or spaces, capitals or not; pictures of classes that
the model does not know are left out and told of. Where the data are not split, --split test takes the pictures that
\`train\` held out of the same data with the same --seed and --test-share.

Examples:
  tfjs-maple evaluate runs/pets photos-test
  tfjs-maple evaluate runs/pets photos --split test --json > evaluation.json
  tfjs-maple evaluate runs/pets/prompts new-animals --data-classes`,
    );
  addBackboneOptions(command).addOption(orientationOption()).addOption(backendOption()).action(evaluate);
}

async function evaluate(path: string, source: string, flags: EvaluateFlags): Promise<void> {
  const given = await classNamesFor(flags);
  const { name, classNames, examples, split, skipped } = await readLabelledData(source, flags);
  await announceBackend(flags.backend);
  const model = await openModel(path, flags, given ?? (flags.dataClasses ? classNames : undefined));
  const heading = { model: path, data: source, name, split };
  await showEvaluation(model, { classNames, examples }, { ...flags, heading, skipped });
}
