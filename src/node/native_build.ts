import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { MapleError } from '../../layers/errors.js';
import { cacheFolder } from './cache_folder.js';
import { ADDON_REVISION, compileAddon } from './native_compile.js';
import { fetchLibraries, haveLibraries } from './native_libraries.js';
import {
  checkDisk,
  checkPlatform,
  findCompiler,
  findPackage,
  findPython,
  glibcVersion,
} from './native_requirements.js';
import { proveAddon, proveBackend } from './native_proof.js';

/** How far {@link buildNative} is. */
export interface NativeProgress {
  /** What it does, e.g. "downloading tensorflow-cpu==2.21.0". */
  stage: string;
  /** Bytes done in this stage, where known. */
  done?: number;
  /** Bytes of the stage in all, where known. */
  total?: number;
}

/** Settings of {@link buildNative}. */
export interface NativeBuildOptions {
  /** Take the wheel for GPUs and the CUDA libraries it names (about 6 GB in the cache). Default: false. */
  cuda?: boolean;
  /** TensorFlow's version. Default: "2.21.0". */
  tensorflowVersion?: string;
  onProgress?: (progress: NativeProgress) => void;
}

/** What {@link buildNative} did. */
export interface NativeBuild {
  /** The version that the loaded library tells. */
  tensorflowVersion: string;
  /** Whether TensorFlow computes on a GPU. */
  gpu: boolean;
  /** Where the libraries are kept. */
  libraries: string;
  /** The addon in node_modules. */
  addon: string;
  /** False when both libraries and addon came from the cache. */
  built: boolean;
}

/** The TensorFlow that is taken unless another version is asked for. */
export const TENSORFLOW_VERSION = '2.21.0';

const ADDON = 'tfjs_binding.node';
const TFJS_NODE = '@tensorflow/tfjs-node-gpu';
/** The wheel and what is unpacked of it, with a margin. */
const DISK_BYTES = { cpu: 1.5e9, cuda: 9e9 };

/**
 * Builds tfjs-node-gpu's addon against a current TensorFlow: its published binary is of TensorFlow 2.9 and CUDA 11.2
 * and often cannot be downloaded, but its source needs no more than TensorFlow's C API, which the wheel for pip holds.
 * The libraries and the addon are kept in the cache folder ({@link cacheFolder}); after `npm ci` only the last copy is
 * made again. The addon is put into node_modules when it has been loaded once, and taken back when it does not compute.
 *
 * @throws MapleError for whatever is missing (platform, npm package, Python, pip, compiler, disk) and what to do
 */
export async function buildNative(options: NativeBuildOptions = {}): Promise<NativeBuild> {
  const { cuda = false, tensorflowVersion: version = TENSORFLOW_VERSION, onProgress = () => undefined } = options;
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    throw new MapleError(`\`tensorflowVersion\` must be of the form 2.21.0. Received: ${JSON.stringify(version)}.`);
  }
  checkPlatform(process.platform, process.arch, glibcVersion(), cuda);
  const tfjsNode = findPackage(TFJS_NODE);
  const key = `tensorflow-${version}-${cuda ? 'cuda' : 'cpu'}-${process.arch}`;
  const libraries = path.join(cacheFolder(), key);
  const compiled = path.join(cacheFolder(), `addon-${ADDON_REVISION}-tfjs-${tfjsNode.version}-${key}`, ADDON);

  const needLibraries = !(await haveLibraries(libraries, cuda));
  const needAddon = needLibraries || !existsSync(compiled) || (await proveAddon(compiled)) !== undefined;
  // Every tool is looked for before the first download, which takes minutes.
  const compiler = needAddon ? await findCompiler() : '';
  const nodeApi = needAddon ? findPackage('node-api-headers') : undefined;
  if (needLibraries) {
    const python = await findPython();
    await checkDisk(libraries, cuda ? DISK_BYTES.cuda : DISK_BYTES.cpu);
    await removeLitter(libraries);
    const report = (stage: string, done?: number, total?: number): void => onProgress({ stage, done, total });
    await fetchLibraries({ python, version, cuda, folder: libraries, onProgress: report });
  }
  if (nodeApi) {
    onProgress({ stage: 'compiling the addon' });
    await compileAddon({
      compiler,
      tfjsNode: tfjsNode.folder,
      nodeApi: nodeApi.folder,
      tensorflow: path.join(libraries, 'tensorflow'),
      output: compiled,
    });
  }
  onProgress({ stage: 'installing the addon and multiplying two matrices' });
  const addon = path.join(tfjsNode.folder, 'lib', 'napi-v8', ADDON);
  const proof = await install(compiled, addon);
  return { ...proof, libraries, addon, built: needAddon };
}

/** Puts the addon in its place in one step, for a program may be loading it, and the old one back if it fails. */
async function install(compiled: string, addon: string): Promise<{ tensorflowVersion: string; gpu: boolean }> {
  const previous = `${addon}.previous.${process.pid}`;
  const same = existsSync(addon) && (await readFile(addon)).equals(await readFile(compiled));
  if (!same) {
    await mkdir(path.dirname(addon), { recursive: true });
    if (existsSync(addon)) await copyFile(addon, previous);
    await copyFile(compiled, `${addon}.${process.pid}.tmp`);
    await rename(`${addon}.${process.pid}.tmp`, addon);
  }
  try {
    const proof = await proveBackend(TFJS_NODE);
    await rm(previous, { force: true });
    return proof;
  } catch (error) {
    if (existsSync(previous)) await rename(previous, addon);
    else if (!same) await rm(addon);
    throw error;
  }
}

/** Removes what interrupted runs left, unless it may belong to one that is still going. */
async function removeLitter(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^(wheel|unpacked)-/.test(name)) continue;
    const target = path.join(folder, name);
    const { mtimeMs } = await stat(target);
    if (Date.now() - mtimeMs > 3600_000) await rm(target, { recursive: true, force: true });
  }
}
