import { Command, CommanderError } from 'commander';
import { MapleError } from '../../layers/errors.js';
import { note, silenceNotes } from '../node/notes.js';
import { checkInstalledTfjs, findTfjsCopies, severalCopies } from '../node/tfjs_copies.js';
import { VERSION } from '../version.js';
import { addBenchmark } from './benchmark_command.js';
import { addComplexity } from './complexity_command.js';
import { addConvert } from './convert_command.js';
import { addDemo } from './demo_command.js';
import { addDoctor } from './doctor_command.js';
import { addEvaluate } from './evaluate_command.js';
import { addInspect } from './inspect_command.js';
import { missingPackage } from './missing_package.js';
import { addNative } from './native_command.js';
import { addPredict } from './predict_command.js';
import { addPretrain } from './pretrain_command.js';
import { guardProcess } from './process_guards.js';
import { addAblation, addBaseToNew, addFewShot, addGallery, addTransfer } from './protocol_commands.js';
import { addReport } from './report_command.js';
import { addReproduce } from './reproduce_command.js';
import { Interrupted } from './study_session.js';
import { addTrain } from './train_command.js';
import { addZeroShot } from './zero_shot_command.js';

/** What a program tells the shell. */
const EXIT = { ok: 0, defect: 1, usersError: 2 };

/** The commands, as the help shows them. */
const GROUPS: readonly [string, readonly ((program: Command) => void)[]][] = [
  ['Your pictures:', [addTrain, addPredict, addEvaluate, addZeroShot]],
  ['Weights:', [addConvert, addInspect]],
  [
    'Experiments:',
    [
      addDemo,
      addBaseToNew,
      addTransfer,
      addFewShot,
      addAblation,
      addGallery,
      addBenchmark,
      addReproduce,
      addReport,
      addComplexity,
    ],
  ],
  ['Machine:', [addDoctor, addNative, addPretrain]],
];

const EPILOGUE = `
Results go to standard output, notes and progress to standard error. With --json, standard output holds one JSON
document and nothing else; after an error it holds nothing.

Exit codes:
  0    done
  1    a defect of this program
  2    something you can mend: the message says what
  130  stopped by Ctrl-C (143: by SIGTERM); 141: nobody reads the output any more

Environment:
  MAPLE_BACKEND           native or wasm: compute on this one only
  TF_NUM_INTRAOP_THREADS  threads of the native backend
  MAPLE_CACHE             folder for what is downloaded or compiled
  HF_TOKEN                for models of the hub that ask for one
  HF_HUB_OFFLINE          1: never ask the hub

Examples:
  tfjs-maple train photos                                   tune on a folder of class folders
  tfjs-maple predict runs/photos new-pictures               classify with what was tuned
  tfjs-maple zero-shot pictures --classes "cat,dog,fox"     classify without training`;

/**
 * Runs a command line.
 * @param args - without node and the script
 * @returns the exit code: 0 done, 1 a defect of this program, 2 something the user can mend, 130 or 143 stopped
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    return reportError(error);
  }
}

/** {@link main} as what a process is for: ends it as programs of a shell end. */
export async function runProgram(args: readonly string[]): Promise<number> {
  guardProcess(reportError);
  return main(args);
}

/** The command line with all commands, as yet told nothing. */
export function createProgram(): Command {
  const program = new Command('tfjs-maple')
    .description('MaPLe, multi-modal prompt learning, for TensorFlow.js')
    .version(VERSION)
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride()
    .addHelpText('after', EPILOGUE)
    .hook('preAction', (_, command) => {
      silenceNotes(command.opts<{ quiet?: boolean }>().quiet === true);
      checkTfjs(command.name());
    });
  for (const [heading, commands] of GROUPS) {
    program.commandsGroup(heading);
    commands.forEach((add) => add(program));
  }
  program.commands.forEach((command) => command.option('-q, --quiet', 'no notes and no progress bars'));
  return program;
}

/** Before a command loads tfjs: what is missing is an error, a copy that only the user's programs meet is told. */
function checkTfjs(command: string): void {
  checkInstalledTfjs();
  const problem = severalCopies(findTfjsCopies());
  // The doctor shows it among what else it finds.
  if (problem !== undefined && command !== 'doctor') {
    note(`Note: ${problem}`);
  }
}

function reportError(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed the help or the error.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usersError;
  }
  if (error instanceof Interrupted) {
    process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof MapleError) {
    process.stderr.write(`Error: ${error.message}\n`);
    return EXIT.usersError;
  }
  const missing = missingPackage(error);
  if (missing !== undefined) {
    process.stderr.write(
      `Error: The package ${missing} is not installed: ${(error as Error).message.split('\n')[0]}. ` +
        'Run `npm install` again in your project, without leaving out optional packages.\n',
    );
    return EXIT.usersError;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`This is a defect of tfjs-maple; please report it with what led to it.\n${text}\n`);
  return EXIT.defect;
}
