import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import { version_layers } from '@tensorflow/tfjs-layers';

import { MapleError } from '../../layers/errors.js';
import { chooseBackend, type ChosenBackend } from './backend.js';
import { cacheFolder } from './cache_folder.js';
import { checkCacheFolder, checkHub, checkPictureReading, nodeProblem } from './doctor_checks.js';
import type { CacheFolderState, HubState, PictureReading } from './doctor_checks.js';
import { findCuda, type CudaReport } from './cuda_libraries.js';
import { TENSORFLOW_LIBRARIES } from './native_libraries.js';
import { measureSpeed, type Speed } from './speed.js';
import { findTfjsCopies, severalCopies, type TfjsCopy } from './tfjs_copies.js';

/** What {@link diagnose} found on this machine. */
export interface Diagnosis {
  /** e.g. "v24.1.0 on linux x64". */
  node: string;
  /** The versions in use, and every copy of tfjs-core that tfjs-maple or the project in the working folder finds. */
  tfjs: { core: string; layers: string; copies: TfjsCopy[] };
  /** The backend a program gets here; undefined when none can be used. */
  backend: ChosenBackend | undefined;
  /** Why no backend can be used. */
  problem: string | undefined;
  tensorflow: {
    /** The version that the loaded library tells; undefined when the backend is not native. */
    version: string | undefined;
    /** TensorFlow's libraries: loaded, or else found in the cache; undefined: missing. */
    libraries: { name: string; path: string | undefined }[];
  };
  cuda: CudaReport;
  threads: { available: number; used: number };
  /** In bytes; `available` is what a new program can take without swapping. */
  memory: { total: number; available: number };
  cache: string;
  /** Whether the cache folder can be written. */
  disk: CacheFolderState;
  pictures: PictureReading;
  /** Only where it was asked for. */
  hub: HubState | undefined;
  /** Undefined when no backend can be used. */
  speed: Speed | undefined;
}

/** Settings of {@link diagnose}. */
export interface DiagnoseOptions {
  /** The side of the matrices multiplied to measure the speed. Default: 2048 on native, 1024 on WASM. */
  size?: number;
  /** Also asks whether the Hugging Face hub can be reached. Default: false, nothing goes over the network. */
  hub?: boolean;
}

/** Finds out which backend this machine gives, with what libraries, threads and memory, and how fast it multiplies. */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  let backend: ChosenBackend | undefined;
  let problem: string | undefined;
  try {
    backend = await chooseBackend();
  } catch (error) {
    if (!(error instanceof MapleError)) throw error;
    problem = error.message;
  }
  const native = backend?.name === 'native';
  const libraries = await tensorflowLibraries();
  return {
    node: `${process.version} on ${process.platform} ${process.arch}`,
    tfjs: { core: tf.version_core, layers: version_layers, copies: findTfjsCopies() },
    backend,
    problem,
    tensorflow: {
      version: native ? (tf.backend() as unknown as { binding: { TF_Version: string } }).binding.TF_Version : undefined,
      libraries,
    },
    cuda: await findCuda(await nvidiaFolders(libraries[0].path)),
    threads: { available: os.availableParallelism(), used: threadsUsed(native) },
    memory: { total: Math.min(os.totalmem(), process.constrainedMemory() || Infinity), available: availableMemory() },
    cache: cacheFolder(),
    disk: await checkCacheFolder(cacheFolder()),
    pictures: await checkPictureReading(),
    hub: options.hub ? await checkHub() : undefined,
    speed: backend && (await measureSpeed(options.size ?? (native ? 2048 : 1024))),
  };
}

/** {@link diagnose}'s findings as lines for the terminal, with what to do at the end. */
export function formatDiagnosis(diagnosis: Diagnosis): string {
  const { node, tfjs, backend, problem, tensorflow, cuda, threads, memory, cache, speed } = diagnosis;
  const { disk, pictures, hub } = diagnosis;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  const missing = (where: string | undefined): string => where ?? 'missing';
  const rows: [string, string][] = [
    ['Node.js', node],
    ['TensorFlow.js', `core ${tfjs.core}, layers ${tfjs.layers}`],
    ['backend', backend?.description ?? `none. ${problem}`],
    ...(backend?.whyNotBetter ?? []).map((reason): [string, string] => ['  not better', reason]),
    [
      'speed',
      speed ? `${speed.gigaflops.toFixed(1)} GFLOP/s (${speed.size} x ${speed.size}, ${speed.repeats} times)` : '-',
    ],
    ['threads', `${threads.used} used of ${threads.available}`],
    ['memory', `${gigabytes(memory.total)}, ${gigabytes(memory.available)} available`],
    ['cache', `${cache}${existsSync(cache) ? '' : ' (not there yet)'}`],
    ['  free', disk.free === undefined ? 'not known' : gigabytes(disk.free)],
    ['pictures', pictures.sharp === undefined ? 'none' : `sharp ${pictures.sharp}: ${pictures.formats.join(', ')}`],
    ...(hub === undefined
      ? []
      : [['hub', `${hub.url}${hub.problem === undefined ? ' answers' : ''}`] as [string, string]]),
    ['TensorFlow', tensorflow.version ? `${tensorflow.version}, loaded` : 'not loaded'],
    ...tensorflow.libraries.map((library): [string, string] => [`  ${library.name}`, missing(library.path)]),
    ['GPU', cuda.gpus.join('; ') || 'none seen by nvidia-smi'],
    ...cuda.libraries.map((library): [string, string] => [`  ${library.name}`, missing(library.path)]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, text]) => name.padEnd(width) + text.replaceAll('\n', `\n${' '.repeat(width)}`));
  const problems = problemsOf(diagnosis).map((problem) => `Problem: ${problem}`);
  return [...lines, ...[...problems, ...adviceFor(diagnosis)].map((text) => `\n${text}`)].join('\n');
}

/** What keeps programs from working here; empty where all is well. */
export function problemsOf({ tfjs, problem, disk, pictures, hub }: Diagnosis): string[] {
  const problems = [nodeProblem(), severalCopies(tfjs.copies), problem, pictures.problem, disk.problem, hub?.problem];
  return problems.filter((text): text is string => text !== undefined);
}

/** What would make this machine faster; empty when nothing is known that would. */
export function adviceFor({ backend, cuda }: Diagnosis): string[] {
  const advice: string[] = [];
  if (backend && backend.name !== 'native')
    advice.push('`npx tfjs-maple native` builds the native backend, which is faster.');
  if (cuda.gpus.length > 0 && !backend?.description.includes('on the GPU')) {
    const driver = cuda.libraries.find(({ name }) => name === 'libcuda.so.1');
    advice.push(
      driver?.path === undefined
        ? "There is a GPU, but libcuda is missing: install NVIDIA's driver."
        : 'There is a GPU that is not used: `npx tfjs-maple native --cuda`.',
    );
  }
  return advice;
}

/** Where TensorFlow's libraries are: those this process has loaded, else those in the cache. */
async function tensorflowLibraries(): Promise<{ name: string; path: string | undefined }[]> {
  const loaded = await readFile('/proc/self/maps', 'utf8').catch(() => '');
  const folders = await cachedFolders('tensorflow');
  return TENSORFLOW_LIBRARIES.map((name) => {
    const line = loaded.split('\n').find((text) => text.endsWith(`/${name}`));
    const cached = folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
    return { name, path: line ? line.slice(line.indexOf('/')) : cached };
  });
}

async function nvidiaFolders(library: string | undefined): Promise<string[]> {
  const beside = library ? [path.join(path.dirname(library), '..', 'nvidia')] : [];
  return [...new Set([...beside, ...(await cachedFolders('nvidia'))])];
}

async function cachedFolders(name: string): Promise<string[]> {
  const entries = await readdir(cacheFolder()).catch(() => []);
  return entries
    .filter((entry) => entry.startsWith('tensorflow-'))
    .map((entry) => path.join(cacheFolder(), entry, name));
}

/** TensorFlow takes every core unless told otherwise; tfjs' WASM has one thread in Node. */
function threadsUsed(native: boolean): number {
  const asked = Number(process.env.TF_NUM_INTRAOP_THREADS);
  return native ? asked || os.availableParallelism() : 1;
}

function availableMemory(): number {
  // Since Node 20.13; os.freemem() counts the file cache as used.
  return typeof process.availableMemory === 'function' ? process.availableMemory() : os.freemem();
}
