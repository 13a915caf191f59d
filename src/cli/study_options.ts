import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { ChoiceOption } from './choice_option.js';
import { proposal } from '../../layers/known_names.js';
import type { BackendName } from '../node/backend.js';
import { RUN_METHODS, type RunMethod } from '../evaluation/run_methods.js';
import { addBackboneOptions, backendOption, integer, type BackboneFlags } from './options.js';

/** What all commands that run cells of a study take. */
export interface StudyFlags extends BackboneFlags {
  folder: string;
  datasets?: string[];
  methods: RunMethod[];
  seeds: number[];
  split: 'test' | 'validation';
  style?: string;
  data?: string;
  root?: string;
  backend?: BackendName;
  jobs: number;
  threads: number;
}

/** More processes than this seldom help, and each holds a model. */
const MOST_JOBS = 4;

/** Adds the options of a protocol; `methods` is left out where they are not to be chosen. */
export function addStudyOptions(command: Command, { methods }: { methods?: readonly RunMethod[] } = {}): Command {
  const name = command.name();
  if (methods !== undefined) {
    command.option('--methods <names>', `some of ${RUN_METHODS.join(',')}`, methodList, [...methods]);
  }
  command
    .option('--datasets <names>', 'some of the data, joined by commas (default: all)', list)
    .option('--seeds <numbers>', 'joined by commas', (text) => list(text).map(integer(0)), [1, 2, 3])
    .addOption(
      new ChoiceOption('--split <name>', 'pictures to test on').choices(['test', 'validation']).default('test'),
    )
    .option('--folder <path>', 'where the records are kept; a cell with a record is not run again', `runs/${name}`);
  return addMachineOptions(command);
}

/** Adds what every study needs: pictures, a backbone, and what it is computed with. */
export function addMachineOptions(command: Command): Command {
  command
    .option('--style <id>', 'whose drawings of Emoji World (default: noto)')
    .option('--data <module>', 'a module that exports studyData(), or paper, instead of Emoji World')
    .option('--root <folder>', 'where the paper’s data sets are, each in the folder of its name, for --data paper');
  return addComputeOptions(command);
}

/** Adds a backbone, `usual` where none is named, and what it is computed with. */
export function addComputeOptions(command: Command, usual?: string): Command {
  return addBackboneOptions(command, usual)
    .addOption(backendOption())
    .addOption(jobsOption())
    .addOption(threadsOption());
}

function jobsOption(): Option {
  return new Option('--jobs <number>', 'cells at once, each in a process of its own; changes no figure')
    .argParser(integer(1))
    .default(Math.min(MOST_JOBS, availableParallelism()));
}

function threadsOption(): Option {
  return new Option('--threads <number>', 'threads of the native backend in each process; can change last digits')
    .argParser(integer(1))
    .default(1);
}

/** Values joined by commas. */
export function list(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('')) {
    throw new InvalidArgumentError('Join the values by single commas.');
  }
  return items;
}

/** Values joined by commas, each one of `choices`. */
export function someOf<T extends string>(choices: readonly T[]): (text: string) => T[] {
  return (text) => {
    const items = list(text);
    const unknown = items.find((item) => !(choices as readonly string[]).includes(item));
    if (unknown !== undefined) {
      throw new InvalidArgumentError(`${unknown} is none of ${choices.join(', ')}.${proposal(unknown, choices)}`);
    }
    return items as T[];
  };
}

const methodList = someOf(RUN_METHODS);
