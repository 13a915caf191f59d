import type { Command } from 'commander';
import { MapleError } from '../../layers/errors.js';
import { print, printJson } from './output.js';

interface DoctorFlags {
  hub?: boolean;
  json?: boolean;
}

/** `tfjs-maple doctor`. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('tell which backend this machine gives, with what libraries, and how fast it is')
    .option('--hub', 'also ask whether the Hugging Face hub answers; nothing else needs a network')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
The exit code is 2 where something keeps programs from working here: no backend, no way to read pictures, a cache
folder that cannot be written, or with --hub a hub that does not answer.

Examples:
  tfjs-maple doctor
  tfjs-maple doctor --json --hub`,
    )
    .action(doctor);
}

async function doctor({ hub, json }: DoctorFlags): Promise<void> {
  const { diagnose, formatDiagnosis, problemsOf } = await import('../node/doctor.js');
  const diagnosis = await diagnose({ hub });
  const problems = problemsOf(diagnosis);
  await (json ? printJson({ ...diagnosis, problems }) : print(`${formatDiagnosis(diagnosis)}\n`));
  if (problems.length > 0) {
    throw new MapleError(problems.join('\n'));
  }
}
