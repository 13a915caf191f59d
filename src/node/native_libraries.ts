import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { downloadWheel, unpackWheel, type ByteProgress } from './wheel.js';

/** The two libraries that the addon links; both are in the `tensorflow` folder of {@link fetchLibraries}. */
export const TENSORFLOW_LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/** The libraries, and the headers of the C API with what they include. */
const TENSORFLOW_FILES =
  '^tensorflow/(libtensorflow_(cc|framework)\\.so\\.2$|include/(tensorflow/c/|(.*/)?(tsl|core/platform)/))';

/** What is fetched. */
export interface LibrariesWanted {
  python: string;
  /** TensorFlow's version, e.g. "2.21.0". */
  version: string;
  cuda: boolean;
  /** Where to put them: `tensorflow/`, and with CUDA `nvidia/*` beside it, where the GPU wheel's run path looks. */
  folder: string;
  onProgress: (stage: string, done?: number, total?: number) => void;
}

/** Whether {@link fetchLibraries} has run to its end in this folder. */
export async function haveLibraries(folder: string, cuda: boolean): Promise<boolean> {
  const tensorflow = path.join(folder, 'tensorflow');
  if (!TENSORFLOW_LIBRARIES.every((name) => existsSync(path.join(tensorflow, name)))) return false;
  return !cuda || (await missingCudaWheels(folder)).length === 0;
}

/**
 * Downloads TensorFlow's wheel and, for CUDA, the wheels of CUDA libraries it names, and unpacks the libraries and
 * headers. Each wheel is put in place by renaming when it is complete; a second run fetches only what is missing.
 */
export async function fetchLibraries(wanted: LibrariesWanted): Promise<void> {
  const { version, cuda, folder } = wanted;
  await mkdir(path.join(folder, 'nvidia'), { recursive: true });
  if (!(await haveLibraries(folder, false))) {
    // The small wheel exists for x64 only; on arm64 `tensorflow` itself is without CUDA.
    const requirement = `${!cuda && process.arch === 'x64' ? 'tensorflow-cpu' : 'tensorflow'}==${version}`;
    await fetchWheel(wanted, requirement, TENSORFLOW_FILES, async (unpacked, requires) => {
      const tensorflow = path.join(unpacked, 'tensorflow');
      await writeFile(path.join(tensorflow, 'requires.json'), JSON.stringify(cudaRequirements(requires)));
      await moveInto(tensorflow, path.join(folder, 'tensorflow'));
    });
  }
  if (!cuda) return;
  for (const requirement of await missingCudaWheels(folder)) {
    await fetchWheel(wanted, requirement, '^nvidia/[^/]+/lib/', async (unpacked) => {
      const nvidia = path.join(unpacked, 'nvidia');
      // A wheel without libraries (headers or tools only) leaves no folder.
      for (const name of existsSync(nvidia) ? await readdir(nvidia) : []) {
        await moveInto(path.join(nvidia, name), path.join(folder, 'nvidia', name));
      }
      await writeFile(stampOf(folder, requirement), '');
    });
  }
}

/** The wheels with CUDA libraries among a wheel's requirements, as pip takes them: without the condition. */
export function cudaRequirements(requires: string[]): string[] {
  return requires.filter((line) => /^nvidia-/.test(line)).map((line) => line.split(';')[0].trim());
}

async function missingCudaWheels(folder: string): Promise<string[]> {
  const file = path.join(folder, 'tensorflow', 'requires.json');
  const requirements = JSON.parse(await readFile(file, 'utf8')) as string[];
  return requirements.filter((requirement) => !existsSync(stampOf(folder, requirement)));
}

function stampOf(folder: string, requirement: string): string {
  return path.join(folder, 'nvidia', `.${requirement.replace(/[^\w.-]+/g, '_')}.done`);
}

async function fetchWheel(
  { python, folder, onProgress }: LibrariesWanted,
  requirement: string,
  pattern: string,
  place: (unpacked: string, requires: string[]) => Promise<void>,
): Promise<void> {
  const stage =
    (what: string): ByteProgress =>
    (done, total) =>
      onProgress(`${what} ${requirement}`, done, total);
  onProgress(`downloading ${requirement}`);
  const wheel = await downloadWheel(python, requirement, folder, stage('downloading'));
  const unpacked = await mkdtemp(path.join(folder, 'unpacked-'));
  try {
    onProgress(`unpacking ${requirement}`);
    await place(unpacked, await unpackWheel(python, wheel, unpacked, pattern, stage('unpacking')));
  } finally {
    await rm(path.dirname(wheel), { recursive: true, force: true });
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function moveInto(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await rename(from, to);
}
