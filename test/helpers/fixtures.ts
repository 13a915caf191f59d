import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures');

/**
 * The folder of the parity data: MAPLE_FIXTURES, or the project's own. A missing folder is an error, so that no test
 * passes by not running.
 */
export function fixturesFolder(): string {
  const folder = process.env.MAPLE_FIXTURES ?? OWN;
  if (!existsSync(folder)) {
    throw new Error(`The fixtures folder ${folder} is missing. Set MAPLE_FIXTURES, or restore test/fixtures.`);
  }
  return folder;
}

/** The path of a fixture, e.g. `fixturePath('tiny-clip', 'clip.safetensors')`. */
export function fixturePath(...parts: string[]): string {
  const path = join(fixturesFolder(), ...parts);
  if (!existsSync(path)) {
    throw new Error(`The fixture ${path} is missing.`);
  }
  return path;
}

/** Parses a JSON fixture; the caller states its form. */
export function readJsonFixture<T>(...parts: string[]): T {
  return JSON.parse(readFileSync(fixturePath(...parts), 'utf8')) as T;
}

/** The path of a fixture that comes with the project only, whatever MAPLE_FIXTURES says. */
export function ownFixturePath(...parts: string[]): string {
  return join(OWN, ...parts);
}

/** Parses one of the project's own JSON fixtures; the caller states its form. */
export function readOwnFixture<T>(...parts: string[]): T {
  return JSON.parse(readFileSync(ownFixturePath(...parts), 'utf8')) as T;
}
