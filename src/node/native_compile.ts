import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { MapleError } from '../../layers/errors.js';
import { TENSORFLOW_LIBRARIES } from './native_libraries.js';
import { proveAddon } from './native_proof.js';
import { lastLines, runProgram } from './run_program.js';

/** What the addon is compiled from and to. */
export interface CompileArgs {
  compiler: string;
  /** The folder of tfjs-node-gpu, with `binding/`. */
  tfjsNode: string;
  /** The folder of node-api-headers. */
  nodeApi: string;
  /** The folder of TensorFlow's libraries and `include/`; the addon finds them there when it runs. */
  tensorflow: string;
  /** The addon to write, complete or not at all. */
  output: string;
}

/** Goes into the name of the cached addon: to be raised when what is compiled here changes. */
export const ADDON_REVISION = 1;

const QUIET_LIBRARY = 'libmaple_quiet.so';

/**
 * While its library is loaded, TensorFlow writes two lines to standard error before it reads TF_CPP_MIN_LOG_LEVEL.
 * Where that variable asks for quiet, this small library turns standard error off, and the addon, which is initialised
 * after TensorFlow, on again. Linked last it is initialised first.
 */
const QUIET_SOURCE = `
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>
extern "C" int maple_standard_error = -1;
__attribute__((constructor)) static void quiet() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level == nullptr || std::atoi(level) < 1) return;
  const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nothing < 0) return;
  maple_standard_error = fcntl(2, F_DUPFD_CLOEXEC, 3);
  if (maple_standard_error >= 0) dup2(nothing, 2);
  close(nothing);
}
`;
const SPEAK_SOURCE = `
#include <unistd.h>
extern "C" int maple_standard_error;
__attribute__((constructor)) static void speak() {
  if (maple_standard_error < 0) return;
  dup2(maple_standard_error, 2);
  close(maple_standard_error);
  maple_standard_error = -1;
}
`;

/**
 * Compiles tfjs-node's addon against TensorFlow's C API and loads it once.
 *
 * @throws MapleError with what the compiler or the loader said
 */
export async function compileAddon({ compiler, tfjsNode, nodeApi, tensorflow, output }: CompileArgs): Promise<void> {
  await mkdir(path.dirname(output), { recursive: true });
  const folder = await mkdtemp(path.join(path.dirname(output), 'compiling-'));
  try {
    const [quiet, speak] = [path.join(folder, 'quiet.cc'), path.join(folder, 'speak.cc')];
    await writeFile(quiet, QUIET_SOURCE);
    await writeFile(speak, SPEAK_SOURCE);
    const library = ['-O2', '-std=c++17', '-fPIC', '-shared', '-w'];
    const quietLibrary = path.join(folder, QUIET_LIBRARY);
    await run(compiler, [...library, quiet, `-Wl,-soname,${QUIET_LIBRARY}`, '-o', quietLibrary]);
    await rename(quietLibrary, path.join(tensorflow, QUIET_LIBRARY));

    const includes = [tfjsNode, path.join(tensorflow, 'include'), path.join(nodeApi, 'include')];
    const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => path.join(tfjsNode, 'binding', name));
    const libraries = [...TENSORFLOW_LIBRARIES, QUIET_LIBRARY].map((name) => `-l:${name}`);
    // -Xlinker passes the folder as it is; -Wl would cut it at a comma.
    const runPath = ['-Xlinker', '-rpath', '-Xlinker', tensorflow];
    const addon = path.join(folder, 'tfjs_binding.node');
    await run(compiler, [
      ...library,
      '-DNAPI_VERSION=8',
      ...includes.map((include) => `-I${include}`),
      ...sources,
      speak,
      `-L${tensorflow}`,
      '-Wl,--no-as-needed',
      ...libraries,
      ...runPath,
      ...['-o', addon],
    ]);
    const failure = await proveAddon(addon);
    if (failure !== undefined) throw new MapleError(`The addon was compiled but does not load: ${failure}`);
    await rename(addon, output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(compiler: string, args: string[]): Promise<void> {
  const result = await runProgram(compiler, args);
  if (result.code === 0) return;
  throw new MapleError(
    `${compiler} could not compile the addon. A compiler with C++17 is needed (g++ 9 or later):\n${lastLines(result, 12)}`,
  );
}
