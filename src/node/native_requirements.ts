import { mkdir, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { MapleError } from '../../layers/errors.js';
import { runProgram } from './run_program.js';

const require = createRequire(import.meta.url);

const OR_WASM = 'Without it tfjs-maple runs on WASM, which is slower.';

/**
 * Refuses a platform for which there is no TensorFlow wheel with the C API.
 *
 * @throws MapleError that tells what to do instead
 */
export function checkPlatform(platform: string, arch: string, glibc: string | undefined, cuda: boolean): void {
  const here = `${platform} ${arch}`;
  if (platform !== 'linux' || (arch !== 'x64' && arch !== 'arm64')) {
    throw new MapleError(
      `The native backend is built on Linux x64 and arm64 only. Received: ${here}. Use the WASM backend, which needs ` +
        'nothing (MAPLE_BACKEND=wasm); on Windows, WSL is a Linux x64.',
    );
  }
  if (glibc === undefined) {
    throw new MapleError(`TensorFlow needs a Linux with glibc; this one (${here}) has another C library. ${OR_WASM}`);
  }
  if (cuda && arch !== 'x64') {
    throw new MapleError(`TensorFlow's wheel has CUDA on Linux x64 only. Received: ${here}. Build without --cuda.`);
  }
}

/** The version of glibc that this process runs on; undefined with musl and outside Linux. */
export function glibcVersion(): string | undefined {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  return report?.header?.glibcVersionRuntime;
}

/** The folder of an installed npm package and its version. */
export function findPackage(name: string): { folder: string; version: string } {
  try {
    const file = require.resolve(`${name}/package.json`);
    return { folder: path.dirname(file), version: (require(file) as { version: string }).version };
  } catch {
    throw new MapleError(
      `The npm package ${name} is not installed, and the native backend is built from it. Run ` +
        `\`npm install --ignore-scripts ${name}\` and then this command again, or \`npm run native\` in a clone.`,
    );
  }
}

/** A Python with pip: `$PYTHON`, python3 or python. It downloads and unpacks the wheel; TensorFlow does not run in it. */
export async function findPython(): Promise<string> {
  for (const python of [process.env.PYTHON, 'python3', 'python']) {
    if (!python) continue;
    const found = await runProgram(python, ['-c', 'import sys, zipfile; assert sys.version_info >= (3, 8)']);
    if (found.code !== 0) continue;
    const pip = await runProgram(python, ['-m', 'pip', '--version']);
    if (pip.code === 0) return python;
    throw new MapleError(
      `${python} has no pip, which downloads TensorFlow. Run \`${python} -m ensurepip\` or install it with the ` +
        `system's package manager (Debian and Ubuntu: \`apt install python3-pip\`). ${OR_WASM}`,
    );
  }
  throw new MapleError(
    'Python 3.8 or later was not found (looked for $PYTHON, python3 and python). Its pip downloads TensorFlow. ' +
      `Install it (Debian and Ubuntu: \`apt install python3 python3-pip\`). ${OR_WASM}`,
  );
}

/** A C++17 compiler that takes g++'s arguments: `$CXX` or g++. */
export async function findCompiler(): Promise<string> {
  const compiler = process.env.CXX || 'g++';
  if ((await runProgram(compiler, ['--version'])).code === 0) return compiler;
  throw new MapleError(
    `The C++ compiler ${compiler} was not found; it compiles the addon. Install it (Debian and Ubuntu: ` +
      `\`apt install g++\`, Fedora: \`dnf install gcc-c++\`) or name another in CXX. ${OR_WASM}`,
  );
}

/**
 * Makes sure of a writable folder with room.
 *
 * @param bytes - how many are needed for the download and what is unpacked of it
 */
export async function checkDisk(folder: string, bytes: number): Promise<void> {
  let free: number;
  try {
    await mkdir(folder, { recursive: true });
    const { bavail, bsize } = await statfs(folder);
    free = bavail * bsize;
  } catch (error) {
    throw new MapleError(
      `The cache folder ${folder} cannot be used: ${(error as Error).message}. Name another in MAPLE_CACHE.`,
    );
  }
  if (free >= bytes) return;
  const gigabytes = (count: number): string => `${(count / 1e9).toFixed(1)} GB`;
  throw new MapleError(
    `Not enough disk space for TensorFlow in ${folder}: ${gigabytes(bytes)} needed, ${gigabytes(free)} free. ` +
      'Free some space or name a folder on another disk in MAPLE_CACHE.',
  );
}
