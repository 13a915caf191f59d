import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { MapleError } from '../../../layers/errors.js';
import { cacheFolder } from '../../../src/node/cache_folder.js';
import { buildNative, type NativeProgress } from '../../../src/node/native_build.js';
import { cudaRequirements, haveLibraries } from '../../../src/node/native_libraries.js';
import { checkDisk, checkPlatform, findPackage, findPython } from '../../../src/node/native_requirements.js';
import { announcedBytes, downloadWheel, unpackWheel } from '../../../src/node/wheel.js';
import { runProgram } from '../../../src/node/run_program.js';

let folder: string;
const before = { ...process.env };
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'maple-native-'));
  process.env.MAPLE_CACHE = path.join(folder, 'cache');
  delete process.env.PYTHON;
  delete process.env.CXX;
});
afterEach(async () => {
  process.env = { ...before };
  await rm(folder, { recursive: true });
});

/** A PATH of its own that holds nothing but these programs, as shell scripts or as links to the real ones. */
async function only(programs: Record<string, string>): Promise<string> {
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  for (const [name, script] of Object.entries(programs)) {
    if (script.startsWith('/')) await symlink(script, path.join(bin, name));
    else await writeFile(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  process.env.PATH = bin;
  return bin;
}

async function pathOf(program: string): Promise<string> {
  const expression = 'import sys; print(sys.executable)';
  return (await runProgram(program, ['-c', expression])).stdout.trim();
}

describe('what can be missing', () => {
  test.each([
    ['win32', 'x64', '2.39', false, 'Linux x64 and arm64 only. Received: win32 x64. Use the WASM backend'],
    ['darwin', 'arm64', '2.39', false, 'Received: darwin arm64. Use the WASM backend'],
    ['linux', 'riscv64', '2.39', false, 'Received: linux riscv64. Use the WASM backend'],
    ['linux', 'x64', undefined, false, 'a Linux with glibc'],
    ['linux', 'arm64', '2.39', true, 'CUDA on Linux x64 only. Received: linux arm64. Build without --cuda.'],
  ])('the platform: %s %s, glibc %s, CUDA %s', (platform, arch, glibc, cuda, message) => {
    expect(() => checkPlatform(platform, arch, glibc, cuda)).toThrow(MapleError);
    expect(() => checkPlatform(platform, arch, glibc, cuda)).toThrow(message);
  });

  test('this platform is none of these', () => {
    expect(() => checkPlatform('linux', 'x64', '2.36', true)).not.toThrow();
    expect(() => checkPlatform('linux', 'arm64', '2.36', false)).not.toThrow();
  });

  test('the compiler, before anything is downloaded', async () => {
    await only({});
    await expect(buildNative()).rejects.toThrow(MapleError);
    await expect(buildNative()).rejects.toThrow('The C++ compiler g++ was not found');
    process.env.CXX = 'clang++-99';
    await expect(buildNative()).rejects.toThrow('The C++ compiler clang++-99 was not found');
  });

  test('Python', async () => {
    await only({ 'g++': 'exit 0' });
    await expect(buildNative()).rejects.toThrow('Python 3.8 or later was not found');
  });

  test('a Python that is too old', async () => {
    await only({ 'g++': 'exit 0', python3: 'exit 1', python: 'exit 1' });
    await expect(buildNative()).rejects.toThrow('Python 3.8 or later was not found');
  });

  test('pip', async () => {
    await only({ 'g++': 'exit 0', python3: '[ "$1" = -c ]' });
    await expect(buildNative()).rejects.toThrow('python3 has no pip');
  });

  test('the Python named in PYTHON goes first', async () => {
    const bin = await only({ 'g++': 'exit 0', python3: 'exit 0', mine: 'exit 0' });
    process.env.PYTHON = path.join(bin, 'mine');
    expect(await findPython()).toBe(path.join(bin, 'mine'));
  });

  test('the npm package', () => {
    expect(() => findPackage('@tensorflow/no-such-package')).toThrow(
      'The npm package @tensorflow/no-such-package is not installed',
    );
  });

  test('disk space, and a cache folder that cannot be one', async () => {
    await expect(checkDisk(folder, 1e18)).rejects.toThrow(
      /Not enough disk space .*1000000000\.0 GB needed, [\d.]+ GB free/,
    );
    await writeFile(path.join(folder, 'file'), '');
    await expect(checkDisk(path.join(folder, 'file', 'x'), 1)).rejects.toThrow('Name another in MAPLE_CACHE');
    await expect(checkDisk(path.join(folder, 'new'), 1)).resolves.toBeUndefined();
  });

  test('a version that is none', async () => {
    await expect(buildNative({ tensorflowVersion: 'latest; rm -rf' })).rejects.toThrow(
      '`tensorflowVersion` must be of the form 2.21.0. Received: "latest; rm -rf".',
    );
  });

  test('the wheel: tried for other Pythons too, then told, and nothing is left', async () => {
    const log = path.join(folder, 'log');
    const answer = `echo "$@" >> ${log}; echo "ERROR: No matching distribution found for tensorflow-cpu==9.9.9" >&2; exit 1`;
    const bin = await only({
      'g++': 'exit 0',
      python3: `[ "$1" = -c ] && exit 0; [ "$3" = --version ] && exit 0; ${answer}`,
    });
    const attempt = buildNative({ tensorflowVersion: '9.9.9' });
    await expect(attempt).rejects.toThrow(
      /no wheel of tensorflow(-cpu)?==9\.9\.9 for Linux .*3\.13, 3\.12, 3\.11, 3\.10/,
    );
    process.env.PATH = `${bin}:${before.PATH}`;
    const calls = (await runProgram('cat', [log])).stdout.trim().split('\n');
    expect(calls).toHaveLength(5);
    expect(calls[0]).not.toContain('--python-version');
    expect(calls[1]).toContain('--python-version 3.13');
    const left = await readdir(path.join(cacheFolder(), `tensorflow-9.9.9-cpu-${process.arch}`));
    expect(left).toEqual(['nvidia']);
  });

  test('the network', async () => {
    const python = path.join(await only({ python3: 'echo "ERROR: connection refused" >&2; exit 1' }), 'python3');
    const attempt = downloadWheel(python, 'x==1', folder, () => undefined);
    await expect(attempt).rejects.toThrow(/could not download x==1\. Check the network[^]*connection refused/);
  });
});

describe('the wheel', () => {
  test("pip's announcement is understood", () => {
    expect(announcedBytes('  Downloading tensorflow-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl (572.6 MB)')).toBe(
      572.6e6,
    );
    expect(announcedBytes('  Downloading x-1-py3-none-any.whl (12 kB)')).toBe(12e3);
    expect(announcedBytes('Looking in indexes: https://example.org')).toBeUndefined();
  });

  test('the CUDA wheels it names, without their condition', () => {
    const requires = ['numpy>=1.26', 'nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"', 'nvidia-nccl-cu12<3.0'];
    expect(cudaRequirements(requires)).toEqual(['nvidia-cublas-cu12<13.0,>=12.5.3.2', 'nvidia-nccl-cu12<3.0']);
  });

  test('only what matches is unpacked, and no file outside the folder', async () => {
    const python = await pathOf('python3');
    const pack = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    z.writestr('tensorflow/a.so.2', 'library')
    z.writestr('tensorflow/b.py', 'no')
    z.writestr('t.dist-info/METADATA', 'Name: t\\nRequires-Dist: nvidia-x<2; extra == "and-cuda"\\n')
    if len(sys.argv) > 2: z.writestr(sys.argv[2], 'evil')
`;
    const wheel = path.join(folder, 't.whl');
    const out = path.join(folder, 'out');
    expect((await runProgram(python, ['-c', pack, wheel])).code).toBe(0);
    expect(await unpackWheel(python, wheel, out, '\\.so', () => undefined)).toEqual([
      'nvidia-x<2; extra == "and-cuda"',
    ]);
    expect(await readdir(path.join(out, 'tensorflow'))).toEqual(['a.so.2']);
    expect((await runProgram(python, ['-c', pack, wheel, '../evil.so'])).code).toBe(0);
    await expect(unpackWheel(python, wheel, out, '\\.so', () => undefined)).rejects.toThrow(
      'unsafe name in the wheel: ../evil.so',
    );
    expect(await readdir(folder)).not.toContain('evil.so');
  });

  test('libraries are there only when all of them are, and for CUDA every wheel named', async () => {
    expect(await haveLibraries(folder, false)).toBe(false);
    await mkdir(path.join(folder, 'tensorflow'));
    await mkdir(path.join(folder, 'nvidia'));
    await writeFile(path.join(folder, 'tensorflow', 'libtensorflow_cc.so.2'), '');
    expect(await haveLibraries(folder, false)).toBe(false);
    await writeFile(path.join(folder, 'tensorflow', 'libtensorflow_framework.so.2'), '');
    expect(await haveLibraries(folder, false)).toBe(true);
    await writeFile(path.join(folder, 'tensorflow', 'requires.json'), '["nvidia-x<2,>=1.0"]');
    expect(await haveLibraries(folder, true)).toBe(false);
    await writeFile(path.join(folder, 'nvidia', '.nvidia-x_2_1.0.done'), '');
    expect(await haveLibraries(folder, true)).toBe(true);
  });
});

test('a build that cannot compile keeps its libraries and says what the compiler said', async () => {
  const bin = await only({ 'g++': '[ "$1" = --version ] && exit 0; echo "fatal error: no such header" >&2; exit 1' });
  const tensorflow = path.join(cacheFolder(), `tensorflow-2.21.0-cpu-${process.arch}`, 'tensorflow');
  await mkdir(tensorflow, { recursive: true });
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'])
    await writeFile(path.join(tensorflow, name), '');
  const stages: NativeProgress[] = [];
  const attempt = buildNative({ onProgress: (progress) => stages.push(progress) });
  await expect(attempt).rejects.toThrow(/could not compile the addon[^]*fatal error: no such header/);
  expect(stages).toEqual([{ stage: 'compiling the addon' }]);
  expect(await readdir(tensorflow)).toHaveLength(2);
  await chmod(path.join(bin, 'g++'), 0o644);
  await expect(buildNative()).rejects.toThrow('The C++ compiler g++ was not found');
});
