import { Command, CommanderError } from 'commander';
import { MapleError } from '../../layers/errors.js';
import { VERSION } from '../version.js';
import { addBenchmark } from './benchmark_command.js';
import { addComplexity } from './complexity_command.js';
import { addDemo } from './demo_command.js';
import { addDoctor } from './doctor_command.js';
import { addNative } from './native_command.js';
import { addPredict } from './predict_command.js';
import { addPretrain } from './pretrain_command.js';
import { addAblation, addBaseToNew, addFewShot, addGallery, addTransfer } from './protocol_commands.js';
import { addReport } from './report_command.js';
import { Interrupted } from './study_session.js';

/** What a program tells the shell. */
const EXIT = { ok: 0, defect: 1, usersError: 2 };

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

function createProgram(): Command {
  const program = new Command('tfjs-maple')
    .description('MaPLe, multi-modal prompt learning, for TensorFlow.js')
    .version(VERSION)
    .showHelpAfterError('(add --help for what there is)')
    .exitOverride();
  const protocols = [addBaseToNew, addTransfer, addFewShot, addAblation, addGallery, addBenchmark];
  [addDemo, addPredict, ...protocols, addReport, addComplexity, addDoctor, addNative, addPretrain].forEach((add) =>
    add(program),
  );
  return program;
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
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`This is a defect of tfjs-maple; please report it with what led to it.\n${text}\n`);
  return EXIT.defect;
}
