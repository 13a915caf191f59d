import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('../../src/node/picture_worker.ts', import.meta.url));
const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** The worker of pictures as JavaScript, which threads can run, and all files of ours and names of packages it imports. */
export async function bundledWorker(): Promise<{ module: URL; imports: string[] }> {
  // Below the project, so that packages are found.
  const outfile = join(PROJECT, 'out', 'test-worker', `picture_worker_${process.pid}.mjs`);
  const { metafile } = await build({
    entryPoints: [SOURCE],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    metafile: true,
    absWorkingDir: PROJECT,
    logLevel: 'silent',
  });
  const external = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return { module: pathToFileURL(outfile), imports: [...Object.keys(metafile.inputs), ...external] };
}
