import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROJECT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Below the project, so that packages resolve as for the project itself; ignored by git. */
const BUILDS = join(PROJECT, 'out', 'test-packages');
/** What the package is built from, or ships as it is. */
const SOURCES = ['layers', 'src', 'bin', 'assets', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];
const TEXTS = ['README.md', 'CHANGELOG.md', 'LICENSE'];
/** What is no part of a clean checkout, or much and of no use here. */
const LEFT_OUT = ['node_modules', '.git', 'out', 'dist', 'runs', 'coverage', '.cache', 'test/fixtures', 'docs/api'];
const AN_HOUR = 3_600_000;

/** A test that builds the package needs longer than others; in milliseconds. */
export const BUILD_TIMEOUT = 300_000;

/**
 * The folder of a copy of the project with the package built in it, and packed by `npm pack`, which builds by itself.
 * Programs below it import `tfjs-maple` by name, as a user's would. Built once for the same sources; a build of the
 * project's own dist/ disturbs nobody who runs it.
 */
export async function builtPackage(): Promise<string> {
  const folder = join(BUILDS, sourcesDigest());
  if (existsSync(folder)) {
    return folder;
  }
  mkdirSync(BUILDS, { recursive: true });
  removeOldBuilds();
  const work = `${folder}.${randomBytes(4).toString('hex')}.tmp`;
  mkdirSync(work);
  // One by one, since a folder cannot be copied into itself.
  for (const name of readdirSync(PROJECT).filter(isPart)) {
    const filter = (path: string) => isPart(relative(PROJECT, path));
    cpSync(join(PROJECT, name), join(work, name), { recursive: true, filter });
  }
  await promisify(execFile)('npm', ['pack', '--loglevel=error'], { cwd: work, maxBuffer: 2 ** 26 });
  try {
    renameSync(work, folder);
  } catch (error) {
    rmSync(work, { recursive: true });
    // Another test file may have been quicker.
    if (!existsSync(folder)) {
      throw error;
    }
  }
  return folder;
}

/** The tarball that {@link builtPackage} was packed into, as a registry would have it. */
export async function packedPackage(): Promise<string> {
  const folder = await builtPackage();
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  return join(folder, `${name}-${version}.tgz`);
}

/** Runs Node and returns what it printed; throws with what it printed when it fails. */
export async function runNode(args: string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  try {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 };
    return (await promisify(execFile)(process.execPath, args, options)).stdout;
  } catch (error) {
    const { message, stdout } = error as Error & { stdout: string };
    throw new Error(`${message}\n${stdout}`, { cause: error });
  }
}

function isPart(path: string): boolean {
  return !LEFT_OUT.includes(path.replaceAll('\\', '/'));
}

function sourcesDigest(): string {
  const hash = createHash('sha256');
  for (const file of [...SOURCES, ...TEXTS].flatMap((source) => filesBelow(join(PROJECT, source)))) {
    hash.update(relative(PROJECT, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) {
    return [];
  }
  if (!statSync(path).isDirectory()) {
    return [path];
  }
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** Builds of an hour ago are of sources that have changed, and of no running test. */
function removeOldBuilds(): void {
  for (const name of readdirSync(BUILDS)) {
    const path = join(BUILDS, name);
    if (Date.now() - statSync(path).mtimeMs > AN_HOUR) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}
