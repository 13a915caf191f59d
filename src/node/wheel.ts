import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { MapleError } from '../../layers/errors.js';
import { lastLines, runProgram, type ProgramResult } from './run_program.js';

/** Bytes done and, where known, in all. */
export type ByteProgress = (done: number, total?: number) => void;

// The wheels of these Pythons hold the same C++ libraries; one that matches the user's own Python is tried first.
const OTHER_PYTHONS = ['3.13', '3.12', '3.11', '3.10'];
const PLATFORMS: Record<string, string[]> = {
  x64: ['manylinux_2_28_x86_64', 'manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64'],
  arm64: ['manylinux_2_28_aarch64', 'manylinux_2_27_aarch64', 'manylinux_2_17_aarch64', 'manylinux2014_aarch64'],
};

/**
 * Downloads one wheel with pip, without what it depends on, into a new folder below `folder`.
 *
 * @param requirement - as pip takes it, e.g. "tensorflow-cpu==2.21.0"
 * @returns the wheel's path; the caller removes its folder
 * @throws MapleError when pip finds no such wheel, or cannot reach its index
 */
export async function downloadWheel(
  python: string,
  requirement: string,
  folder: string,
  onProgress: ByteProgress,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const target = await mkdtemp(path.join(folder, 'wheel-'));
  try {
    const platforms = PLATFORMS[process.arch].flatMap((platform) => ['--platform', platform]);
    let first: ProgramResult | undefined;
    for (const version of [undefined, ...OTHER_PYTHONS]) {
      const other = version ? ['--python-version', version, '--implementation', 'cp', ...platforms] : [];
      const result = await pipDownload(python, [...other, requirement], target, onProgress);
      if (result.code === 0) return await wheelIn(target, requirement);
      if (!/no matching distribution|could not find a version/i.test(result.stderr)) {
        throw new MapleError(
          `pip could not download ${requirement}. Check the network, and pip's own settings (index, proxy):\n` +
            lastLines(result),
        );
      }
      first ??= result;
    }
    throw new MapleError(
      `pip finds no wheel of ${requirement} for Linux ${process.arch}, neither for its own Python nor for ` +
        `${OTHER_PYTHONS.join(', ')}. Choose another TensorFlow version or another pip index:\n${lastLines(first!)}`,
    );
  } catch (error) {
    await rm(target, { recursive: true, force: true });
    throw error;
  }
}

/** One pip download; its progress is the size of the growing file against the size that pip announces. */
async function pipDownload(python: string, args: string[], target: string, onProgress: ByteProgress) {
  let total: number | undefined;
  const watch = setInterval(() => {
    void largestFile(target).then((bytes) => onProgress(bytes, total && Math.max(total, bytes)));
  }, 500);
  try {
    const command = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir'];
    return await runProgram(python, [...command, '--progress-bar', 'off', '--dest', target, ...args], {
      // pip writes to a temporary folder first: there the file can be watched, and lies on the disk that was checked.
      env: { PYTHONUNBUFFERED: '1', TMPDIR: target, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
      onLine: (line) => (total = announcedBytes(line) ?? total),
    });
  } finally {
    clearInterval(watch);
  }
}

/** The size in pip's line "Downloading x.whl (572.6 MB)". */
export function announcedBytes(line: string): number | undefined {
  const match = /Downloading \S+ \(([\d.]+) (kB|MB|GB)\)/.exec(line);
  return match
    ? Math.round(Number(match[1]) * { kB: 1e3, MB: 1e6, GB: 1e9 }[match[2] as 'kB' | 'MB' | 'GB'])
    : undefined;
}

async function largestFile(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = entries.map((entry) =>
    stat(path.join(folder, entry))
      .then(({ size }) => size)
      .catch(() => 0),
  );
  return Math.max(0, ...(await Promise.all(sizes)));
}

async function wheelIn(folder: string, requirement: string): Promise<string> {
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new MapleError(`pip downloaded no wheel for ${requirement}.`);
  return path.join(folder, wheel);
}

// Python's own zipfile spares a dependency. Only regular files below `out` are written, whatever the archive names.
const UNPACK = `
import os, re, sys, zipfile
wheel, out, pattern = sys.argv[1:]
archive = zipfile.ZipFile(wheel)
members = [m for m in archive.infolist() if re.search(pattern, m.filename) and not m.is_dir()]
total, done = sum(m.file_size for m in members), 0
for member in members:
    if '..' in member.filename.split('/') or member.filename.startswith('/'):
        sys.exit('unsafe name in the wheel: ' + member.filename)
    target = os.path.join(out, member.filename)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with archive.open(member) as source, open(target, 'wb') as file:
        while chunk := source.read(1 << 22):
            file.write(chunk)
            done += len(chunk)
            if len(chunk) == 1 << 22:
                print(done, total, flush=True)
metadata = next(m for m in archive.namelist() if m.endswith('.dist-info/METADATA'))
for line in archive.read(metadata).decode().splitlines():
    if line.startswith('Requires-Dist:'):
        print(line)
`;

/**
 * Unpacks the files of a wheel whose names match.
 *
 * @param pattern - a regular expression of Python
 * @returns what the wheel requires, e.g. `nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"`
 */
export async function unpackWheel(
  python: string,
  wheel: string,
  target: string,
  pattern: string,
  onProgress: ByteProgress,
): Promise<string[]> {
  const result = await runProgram(python, ['-c', UNPACK, wheel, target, pattern], {
    onLine: (line) => {
      const match = /^(\d+) (\d+)$/.exec(line);
      if (match) onProgress(Number(match[1]), Number(match[2]));
    },
  });
  if (result.code !== 0)
    throw new MapleError(`Cannot unpack ${path.basename(wheel)} to ${target}:\n${lastLines(result)}`);
  const lines = result.stdout.split('\n').filter((line) => line.startsWith('Requires-Dist:'));
  return lines.map((line) => line.slice('Requires-Dist:'.length).trim());
}
