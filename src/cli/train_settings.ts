import { InvalidArgumentError, Option, type Command } from 'commander';
import { ChoiceOption } from './choice_option.js';
import type { TrainClassifierArgs } from '../node/train_classifier.js';
import { RUN_METHODS, type RunMethod } from '../evaluation/run_methods.js';
import { LOSS_NAMES, type LossName, type Recipe } from '../training/recipe.js';
import { imageFolderOption, integer, positive, type BackboneFlags, type OrientationFlag } from './options.js';
import { datasetNames, templatesOf } from './zero_shot_command.js';

/** What of a training can be chosen. */
export interface SettingFlags extends BackboneFlags, OrientationFlag {
  method?: RunMethod;
  shots: number | 'all';
  epochs?: number;
  lr?: number;
  batch?: number;
  loss?: LossName;
  depth?: number;
  length?: number;
  seed: number;
  template?: string[];
  templates?: readonly string[];
  prefix?: string;
  testShare?: number;
  imageFolder?: string;
  /** False for `--no-search`. */
  search: boolean;
}

/** Adds the options of {@link SettingFlags}, but for backbone and orientation. */
export function addTrainSettings(command: Command): Command {
  return command
    .addOption(
      new ChoiceOption(
        '--method <name>',
        'the method to measure and keep (default: MaPLe is tuned, and what is best on validation pictures is kept)',
      ).choices(RUN_METHODS),
    )
    .option('--shots <number>', 'training pictures a class, or all', shotsOf, 16)
    .option('--epochs <number>', 'passes over them; no search (default: searched for)', integer(1))
    .option('--lr <number>', 'highest learning rate; no search (default: searched for)', positive)
    .option('--batch <number>', 'pictures a step; no search (default: searched for)', integer(1))
    .option('--no-search', "take the paper's rate, epochs and batch, where they are not given")
    .addOption(
      new ChoiceOption('--loss <name>', 'softmax over the classes, or a yes or no of each (default: softmax)').choices(
        LOSS_NAMES,
      ),
    )
    .option('--depth <number>', 'blocks that take prompts', integer(1))
    .option('--length <number>', 'prompt vectors a block', integer(1))
    .option('--prefix <words>', 'words before the class name (default: a photo of a)')
    .addOption(
      new Option('--template <text>', 'text for zero-shot, {} for the class name; several are averaged (repeatable)')
        .argParser(collect)
        .conflicts('templates'),
    )
    .option('--templates <name>', `imagenet80, selected, or a data set's: ${datasetNames().join(', ')}`, templatesOf)
    .option('--seed <number>', 'decides held-out pictures, shots, initial prompts and their order', integer(0), 1)
    .option('--test-share <share>', 'held out of each class where the pictures are not split (default: 0.25)', share)
    .addOption(imageFolderOption());
}

/** The settings that the options name; numbers that are not given are of the method's recipe. */
export async function trainSettings(flags: SettingFlags): Promise<Partial<TrainClassifierArgs>> {
  const [{ emojiRecipe }, { paperRecipeOf }] = await Promise.all([
    import('../emoji_world/recipes.js'),
    import('../study/paper_recipes.js'),
  ]);
  const { method, epochs, lr, batch, loss, depth, length, prefix, template, templates = template } = flags;
  const tuned = method ?? 'maple';
  const usual = flags.backbone === undefined ? emojiRecipe(tuned) : paperRecipeOf(tuned, 'base-to-new');
  const recipe: Recipe = {
    ...usual,
    epochs: epochs ?? usual.epochs,
    learningRate: lr ?? usual.learningRate,
    batchSize: batch ?? usual.batchSize,
    ...(loss === undefined ? {} : { loss }),
  };
  const design = {
    ...(depth === undefined ? {} : { depth }),
    ...(length === undefined ? {} : { length }),
    ...(prefix === undefined ? {} : { prefix }),
  };
  const { shots, seed, testShare, imageFolder, orientation } = flags;
  return {
    ...{ method, recipe, design, shots, seed, testShare, imageFolder, orientation },
    search: flags.search && [epochs, lr, batch].every((value) => value === undefined),
    ...(templates === undefined ? {} : { templates }),
  };
}

function shotsOf(text: string): number | 'all' {
  return text === 'all' ? 'all' : integer(1)(text);
}

function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) {
    throw new InvalidArgumentError('It must be a number between 0 and 1.');
  }
  return value;
}

function collect(text: string, before: string[] = []): string[] {
  if (!text.includes('{}')) {
    throw new InvalidArgumentError('It must have {} where the class name goes.');
  }
  return [...before, text];
}
