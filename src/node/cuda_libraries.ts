import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { runProgram } from './run_program.js';

/** What TensorFlow needs for a GPU. */
export interface CudaReport {
  /** The graphics cards that nvidia-smi lists; empty when there is none or no driver. */
  gpus: string[];
  /** Each library TensorFlow opens, and where it was found (undefined: missing). */
  libraries: { name: string; path: string | undefined }[];
}

/** The names that TensorFlow 2.21 opens: another CUDA's do not serve it. libcuda comes with the driver. */
const LIBRARIES = ['libcuda.so.1', 'libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12', 'libcudnn.so.9'];
LIBRARIES.push('libcufft.so.11', 'libcurand.so.10', 'libcusolver.so.11', 'libcusparse.so.12', 'libnccl.so.2');
LIBRARIES.push('libnvJitLink.so.12');

/**
 * Looks for the CUDA libraries where TensorFlow does: beside its own library, in LD_LIBRARY_PATH and in the system's
 * list (`ldconfig -p`).
 *
 * @param nvidiaFolders - folders as the wheels make them, with `<package>/lib/lib*.so.*` inside
 */
export async function findCuda(nvidiaFolders: string[]): Promise<CudaReport> {
  const files: string[] = [];
  for (const folder of nvidiaFolders) {
    for (const entry of await namesIn(folder)) files.push(...(await filesIn(path.join(folder, entry, 'lib'))));
  }
  for (const folder of (process.env.LD_LIBRARY_PATH ?? '').split(':')) {
    if (folder !== '') files.push(...(await filesIn(folder)));
  }
  files.push(...(await systemLibraries()));
  const smi = await runProgram('nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader']);
  return {
    gpus: smi.code === 0 ? smi.stdout.trim().split('\n').filter(Boolean) : [],
    libraries: LIBRARIES.map((name) => ({
      name,
      path: files.find((file) => path.basename(file) === name),
    })),
  };
}

async function systemLibraries(): Promise<string[]> {
  for (const program of ['ldconfig', '/sbin/ldconfig', '/usr/sbin/ldconfig']) {
    const { code, stdout } = await runProgram(program, ['-p']);
    if (code === 0) return stdout.split('\n').flatMap((line) => line.split(' => ')[1] ?? []);
  }
  return [];
}

async function filesIn(folder: string): Promise<string[]> {
  return (await namesIn(folder)).map((name) => path.join(folder, name));
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
