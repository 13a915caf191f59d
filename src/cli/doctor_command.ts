import type { Command } from 'commander';

/** `tfjs-maple doctor`. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('tell which backend this machine gives, with what libraries, and how fast it is')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { diagnose, formatDiagnosis } = await import('../node/doctor.js');
      const diagnosis = await diagnose();
      console.log(json ? JSON.stringify(diagnosis, undefined, 2) : formatDiagnosis(diagnosis));
    });
}
