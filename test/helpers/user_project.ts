import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { EndedProgram } from './ended_program.js';
import { writePictures } from './picture_files.js';

/** A test that installs packages needs longer than others; in milliseconds. */
export const INSTALL_TIMEOUT = 600_000;

/** How much of what a failed program printed is shown; in characters. */
const SHOWN = 2000;
const CORE = '@tensorflow/tfjs-core';
/** What the shell that runs the tests says to npm and to us is not what a user's shell says. */
const STRANGE = /^npm_|^MAPLE_(?!CACHE)|^NODE_OPTIONS$|^INIT_CWD$/i;

/** A package manager: how it adds packages to a project, and how it runs a package's command there. */
interface PackageManager {
  add: readonly string[];
  execute: readonly string[];
  /** Files that a project has for it. */
  files?: Readonly<Record<string, string>>;
}

function script(path: string): string[] {
  return [process.execPath, resolve('node_modules', path)];
}

const YARN = {
  add: [...script('@yarnpkg/cli-dist/bin/yarn.js'), 'add'],
  execute: script('@yarnpkg/cli-dist/bin/yarn.js'),
};

/** The package managers that the package is installed with; versions but npm's are package-lock.json's. */
export const MANAGERS = {
  npm: { add: ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund'], execute: ['npx', '--no-install'] },
  pnpm: {
    add: [...script('pnpm/bin/pnpm.cjs'), 'add', '--prefer-offline'],
    execute: [...script('pnpm/bin/pnpm.cjs'), 'exec'],
  },
  'Yarn 1': {
    add: [...script('yarn/bin/yarn.js'), 'add', '--prefer-offline'],
    execute: [...script('yarn/bin/yarn.js'), '--silent'],
  },
  'Yarn 4 with node_modules': { ...YARN, files: { 'yarn.lock': '', '.yarnrc.yml': 'nodeLinker: node-modules\n' } },
  'Yarn 4 without node_modules': { ...YARN, files: { 'yarn.lock': '', '.yarnrc.yml': 'nodeLinker: pnp\n' } },
} satisfies Record<string, PackageManager>;
export type ManagerName = keyof typeof MANAGERS;

/** An empty project of somebody, in a folder far from this project's node_modules. */
export class UserProject {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'maple-project-')));
  private readonly manager: PackageManager;

  constructor(manager: ManagerName = 'npm') {
    this.manager = MANAGERS[manager];
    this.write({
      'package.json': '{ "name": "project", "version": "1.0.0", "private": true }\n',
      ...this.manager.files,
    });
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
  }

  /** Four pictures, of a colour each, in each of two class folders of `photos`. */
  async writePhotos(): Promise<void> {
    const paths = ['cat', 'dog'].flatMap((name) => [1, 2, 3, 4].map((at) => `${name}/${at}.png`));
    await writePictures(join(this.folder, 'photos'), paths);
  }

  /** Adds packages; throws with what was printed when that fails. */
  async add(...packages: string[]): Promise<string> {
    return this.mustRun([...this.manager.add, ...packages]);
  }

  /** Runs a command of an installed package, as `npx` does. */
  async execute(...command: string[]): Promise<EndedProgram> {
    return this.run([...this.manager.execute, ...command]);
  }

  /** Runs a program in the project's folder. */
  async run(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<EndedProgram> {
    const kept = Object.entries(process.env).filter(([name]) => !STRANGE.test(name));
    const options = { cwd: this.folder, env: { ...Object.fromEntries(kept), ...env }, maxBuffer: 2 ** 26 };
    return new Promise((done) =>
      execFile(command[0], command.slice(1), options, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : null, stdout, stderr }),
      ),
    );
  }

  /** {@link run}; throws with what was printed unless it ends well. */
  async mustRun(command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, env);
    if (code !== 0)
      throw new Error(`${command.join(' ')} ended with ${code}.\n${stdout.slice(-SHOWN)}\n${stderr.slice(-SHOWN)}`);
    return stdout;
  }

  /** The versions of the copies of tfjs-core in node_modules, sorted. */
  coreVersions(): string[] {
    const files = readdirSync(join(this.folder, 'node_modules'), { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith(`${CORE}/package.json`));
    const real = new Set(files.map((path) => realpathSync(join(this.folder, 'node_modules', path))));
    return [...real].map((path) => (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version).sort();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
