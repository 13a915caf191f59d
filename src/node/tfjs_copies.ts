import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { MapleError } from '../../layers/errors.js';

const CORE = '@tensorflow/tfjs-core';
const LAYERS = '@tensorflow/tfjs-layers';
/** What a program may have tfjs-core by. */
const USERS = [
  '@tensorflow/tfjs',
  LAYERS,
  '@tensorflow/tfjs-converter',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-node-gpu',
];
/** What package.json asks for: this minor version or a later one of this major. */
const [MAJOR, MINOR] = [4, 22];
const WANTED = `^${MAJOR}.${MINOR}.0`;
/** tfjs-core as Node loads it, imported or required. */
const LOADED = /^(.*[/\\]@tensorflow[/\\]tfjs-core)[/\\]dist[/\\]tf-core\.node\.js$/;
const US = 'tfjs-maple';
const PROJECT = 'your project';

/** One copy of tfjs-core on this machine. */
export interface TfjsCopy {
  version: string;
  folder: string;
  /** Who finds this copy: "tfjs-maple", "your project", or the packages of tfjs in it; empty where it is not known. */
  usedBy: string[];
}

/**
 * The copies of tfjs-core that tfjs-maple, the project and their packages of tfjs find. Nothing is loaded.
 *
 * @param project - the project's folder
 * @param own - the file that resolves as tfjs-maple does
 * @returns the copy that tfjs-maple uses first; it is missing where there is none
 */
export function findTfjsCopies(project = process.cwd(), own: string = import.meta.url): TfjsCopy[] {
  const copies = new Map<string, TfjsCopy>();
  const add = (from: string | undefined, user: string): void => {
    const folder = from && folderOf(CORE, from);
    if (!folder) return;
    const copy = copies.get(folder) ?? { version: versionIn(folder), folder, usedBy: [] };
    copies.set(folder, copy);
    if (!copy.usedBy.includes(user)) copy.usedBy.push(user);
  };
  const inProject = join(project, 'package.json');
  add(own, US);
  add(inProject, PROJECT);
  for (const from of [own, inProject]) {
    for (const name of USERS) {
      const folder = folderOf(name, from);
      add(folder && join(folder, 'package.json'), name);
    }
  }
  return [...copies.values()];
}

/** The copies of tfjs-core that this process has loaded by now; none in a bundle, which has no files of packages. */
export function loadedTfjsCopies(): TfjsCopy[] {
  const found = findTfjsCopies();
  const folders = Object.keys(createRequire(import.meta.url).cache).flatMap((path) => LOADED.exec(path)?.[1] ?? []);
  return [...new Set(folders)].map(
    (folder) => found.find((copy) => copy.folder === folder) ?? { version: versionIn(folder), folder, usedBy: [] },
  );
}

/**
 * Makes sure that the packages without which nothing of tfjs-maple loads are there, in a version it runs on.
 *
 * @param own - the file that resolves as tfjs-maple does
 * @throws MapleError that names what is missing or of another version, with the remedy
 */
export function checkInstalledTfjs(own: string = import.meta.url): void {
  for (const name of [CORE, LAYERS]) {
    const folder = folderOf(name, own);
    if (!folder) {
      throw new MapleError(
        `The package ${name}, which tfjs-maple depends on, is not installed. Run \`npm install\` again; where that ` +
          `leaves it out, \`npm install ${CORE}@${WANTED} ${LAYERS}@${WANTED}\`.`,
      );
    }
    checkVersion(name, versionIn(folder), folder);
  }
}

/**
 * Makes sure that this process has one tfjs-core, of a version that tfjs-maple runs on.
 *
 * @param version - of the tfjs-core that tfjs-maple has imported
 * @throws MapleError that names the copies or the version, with the remedy
 */
export function checkLoadedTfjs(version: string): void {
  checkVersion(CORE, version, folderOf(CORE, import.meta.url));
  const problem = severalCopies(loadedTfjsCopies());
  if (problem !== undefined) throw new MapleError(problem);
}

/** What is wrong with having these copies, with the remedy; undefined where there is no more than one. */
export function severalCopies(copies: readonly TfjsCopy[]): string | undefined {
  if (copies.length < 2) return undefined;
  const lines = copies.map(
    ({ version, folder, usedBy }) => `  - ${version} in ${folder}${usedBy.length ? ` (${usedBy.join(', ')})` : ''}`,
  );
  const others = copies.filter(({ usedBy }) => !usedBy.includes(US));
  const named = [...new Set(others.flatMap(({ usedBy }) => usedBy))].filter((name) => name !== PROJECT && name !== US);
  const install = (named.length ? named : [CORE]).map((name) => `${name}@${WANTED}`).join(' ');
  return (
    `There are ${copies.length} copies of ${CORE}, and the tensors and layers of one are foreign to the other:\n` +
    `${lines.join('\n')}\n` +
    (new Set(copies.map(({ version }) => version)).size === 1
      ? 'They are of one version: `npm dedupe` (`pnpm dedupe`, `yarn dedupe`) makes one of them.'
      : `Give all packages of tfjs one version: \`npm install ${install}\`, then \`npm dedupe\`. ` +
        `\`npm ls ${CORE}\` shows what still asks for another.`)
  );
}

function checkVersion(name: string, version: string, folder: string | undefined): void {
  const [major, minor] = version.split('.').map(Number);
  if (major === MAJOR && minor >= MINOR) return;
  throw new MapleError(
    `tfjs-maple runs on ${name} ${MAJOR}.${MINOR} or a later version of ${MAJOR}. Received: ${version}` +
      `${folder ? ` in ${folder}` : ''}. Give all packages of tfjs that version: ` +
      `\`npm install ${CORE}@${WANTED} ${LAYERS}@${WANTED}\`, and the same for @tensorflow/tfjs and ` +
      '@tensorflow/tfjs-node where they are installed.',
  );
}

/** The real folder of a package as a file finds it; undefined where it is not installed. */
function folderOf(name: string, from: string): string | undefined {
  try {
    const folder = dirname(createRequire(from).resolve(`${name}/package.json`));
    return existsSync(folder) ? realpathSync(folder) : folder;
  } catch {
    return undefined;
  }
}

function versionIn(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}
