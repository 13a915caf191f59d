import { InvalidArgumentError, Option } from 'commander';
import type { BackendName, ChosenBackend } from '../node/backend.js';

/** Reads an integer of at least `least`, or tells commander what is wrong with it. */
export function integer(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be an integer of ${least} or more.`);
    }
    return value;
  };
}

/** Reads a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return value;
}

/** `--backend native` or `--backend wasm`. */
export function backendOption(): Option {
  return new Option('--backend <name>', 'compute on this one only (default: native, else wasm)').choices([
    'native',
    'wasm',
  ]);
}

/** Chooses the backend and tells on standard error which, and why no better one. */
export async function announceBackend(preferred: BackendName | undefined): Promise<ChosenBackend> {
  const { chooseBackend } = await import('../node/backend.js');
  const chosen = await chooseBackend(preferred);
  process.stderr.write(`Backend: ${chosen.description}\n`);
  for (const reason of chosen.whyNotBetter) {
    process.stderr.write(`  not better: ${reason}\n`);
  }
  return chosen;
}
