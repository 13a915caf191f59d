import type { Command } from 'commander';
import { MapleError } from '../../layers/errors.js';
import { proposal } from '../../layers/known_names.js';
import type { BackendName } from '../node/backend.js';
import { clipTemplates } from '../prompting/templates.js';
import { addAnswerOptions, showAnswers, type AnswerFlags } from './answers.js';
import { addClassNameOptions, classNamesFor, type ClassNameFlags } from './class_names.js';
import { showEvaluation } from './evaluation.js';
import { addLabelledDataOptions, readLabelledData, type LabelledDataFlags } from './labelled_data.js';
import { warnOfOneClass } from './one_class.js';
import {
  addBackboneOptions,
  announceBackend,
  backendOption,
  orientationOption,
  openBackboneFor,
  type BackboneFlags,
} from './options.js';
import { InvalidArgumentError, Option } from 'commander';

interface ZeroShotFlags extends AnswerFlags, BackboneFlags, ClassNameFlags, LabelledDataFlags {
  template?: string[];
  templates?: readonly string[];
  evaluate?: boolean;
  backend?: BackendName;
}

/** `tfjs-maple zero-shot`. */
export function addZeroShot(program: Command): void {
  const command = program
    .command('zero-shot')
    .description('classify pictures among class names of your own, without training')
    .argument('<pictures...>', 'picture files or folders; with --evaluate, labelled data');
  addClassNameOptions(command, 'names of the classes')
    .addOption(
      new Option('--template <text>', 'what is said of a class, {} in its place; several are averaged (repeatable)')
        .argParser((text: string, before: string[] | undefined) => [...(before ?? []), text])
        .conflicts('templates'),
    )
    .option('--templates <name>', `imagenet80, selected, or a data set's: ${datasetNames().join(', ')}`, templatesOf)
    .option('--evaluate', 'the pictures are labelled: print the accuracy instead of answers');
  addBackboneOptions(addAnswerOptions(addLabelledDataOptions(command)))
    .addOption(orientationOption())
    .addOption(backendOption())
    .addHelpText(
      'after',
      `
Examples:
  tfjs-maple zero-shot photos --classes "cat,dog,fox"
  tfjs-maple zero-shot photos --classes-file names.txt --templates imagenet80 --top 1 --csv
  tfjs-maple zero-shot cat.jpg --classes "cat,dog" --template "a drawing of a {}." --template "a photo of a {}."
  tfjs-maple zero-shot photos-test --evaluate --backbone openai/clip-vit-base-patch16`,
    )
    .action(zeroShot);
}

async function zeroShot(named: string[], flags: ZeroShotFlags): Promise<void> {
  const given = await classNamesFor(flags);
  const templates = flags.template ?? flags.templates;
  await (flags.evaluate ? evaluate(named, given, templates, flags) : classify(named, given, templates, flags));
}

async function classify(
  named: readonly string[],
  classNames: readonly string[] | undefined,
  templates: readonly string[] | undefined,
  flags: ZeroShotFlags,
): Promise<void> {
  if (classNames === undefined) {
    throw new MapleError('Name the classes: --classes "cat,dog", or --classes-file names.txt.');
  }
  const { findPictures } = await import('../node/find_pictures.js');
  const paths = await findPictures(named, { recursive: flags.recursive });
  const { model, name } = await classifier(classNames, templates, flags);
  await showAnswers(model, paths, flags, { backbone: name, classNames, ...(templates ? { templates } : {}) });
}

async function evaluate(
  named: readonly string[],
  given: readonly string[] | undefined,
  ofUser: readonly string[] | undefined,
  flags: ZeroShotFlags,
): Promise<void> {
  if (named.length !== 1 || flags.jsonl || flags.csv) {
    throw new MapleError('--evaluate takes one folder or list of labelled pictures, and prints tables or --json.');
  }
  const data = await readLabelledData(named[0], flags);
  const templates = ofUser ?? (data.template === undefined ? undefined : [data.template]);
  const { model, name } = await classifier(given ?? data.classNames, templates, flags);
  const heading = {
    backbone: name,
    ...(templates ? { templates } : {}),
    data: named[0],
    name: data.name,
    split: data.split,
  };
  await showEvaluation(model, data, { ...flags, heading, skipped: data.skipped });
}

async function classifier(
  classNames: readonly string[],
  templates: readonly string[] | undefined,
  flags: ZeroShotFlags,
) {
  const { zeroShotClassifier } = await import('../evaluation/zero_shot.js');
  warnOfOneClass(classNames);
  await announceBackend(flags.backend);
  const backbone = await openBackboneFor(flags);
  return { model: await zeroShotClassifier(backbone, classNames, { templates }), name: backbone.name };
}

/** Data sets that have a text of their own. */
export function datasetNames(): string[] {
  return Object.keys(clipTemplates.datasets);
}

/** Reads the name of a set of texts, for `--templates`. */
export function templatesOf(name: string): readonly string[] {
  if (name === 'imagenet80' || name === 'selected') {
    return clipTemplates[name];
  }
  const own = (clipTemplates.datasets as Record<string, string>)[name];
  if (!Object.hasOwn(clipTemplates.datasets, name)) {
    const known = ['imagenet80', 'selected', ...datasetNames()];
    throw new InvalidArgumentError(`It must be ${known.join(', ')}.${proposal(name, known)}`);
  }
  return [own];
}
