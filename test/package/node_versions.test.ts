import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BUILD_TIMEOUT, packedPackage } from '../helpers/built_package.js';
import { INSTALL_TIMEOUT, UserProject } from '../helpers/user_project.js';

/** The versions that Node's project keeps up, but for the one that the tests run on: the newest of each when written. */
const VERSIONS = { 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' };
/** Only `npm run native` makes the addon; where CI has built it, MAPLE_REQUIRE_NATIVE makes its absence a failure. */
const NATIVE =
  Boolean(process.env.MAPLE_REQUIRE_NATIVE) ||
  existsSync('node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node');
const BACKENDS = NATIVE ? ['wasm', 'native'] : ['wasm'];

let project: UserProject;

beforeAll(
  async () => {
    const tarball = await packedPackage();
    project = new UserProject();
    await project.writePhotos();
    // The npm package `node` fetches these by an install script; they hold the binary itself and need none.
    const binaries = Object.entries(VERSIONS).map(
      ([major, version]) => `node${major}@npm:node-${process.platform}-${process.arch}@${version}`,
    );
    await project.add('--ignore-scripts', tarball, ...binaries);
    if (NATIVE) {
      await project.add('--ignore-scripts', '@tensorflow/tfjs-node-gpu@4.22.0');
      await project.mustRun(['npx', '--no-install', 'tfjs-maple', 'native']);
    }
  },
  BUILD_TIMEOUT + 2 * INSTALL_TIMEOUT,
);

afterAll(() => project.remove());

test.each(Object.keys(VERSIONS).flatMap((major) => BACKENDS.map((backend): [string, string] => [major, backend])))(
  'Node %s tunes and predicts on %s',
  async (major, backend) => {
    const node = join(project.folder, `node_modules/node${major}/bin/node`);
    const maple = (...args: string[]) =>
      project.run([node, 'node_modules/tfjs-maple/bin/tfjs-maple.js', ...args], { MAPLE_BACKEND: backend });
    const out = `runs/${backend}-${major}`;
    const trained = await maple('train', 'photos', '--epochs', '1', '--out', out, '--json');
    const name = backend === 'native' ? 'native TensorFlow' : 'WebAssembly';
    expect(trained).toMatchObject({ code: 0, stderr: expect.stringContaining(`Backend: ${name}`) });
    const predicted = await maple('predict', out, 'photos/cat', '--json');
    expect(predicted.code).toBe(0);
    expect(predicted.stdout.match(/photos\/cat\/\d\.png/g)).toHaveLength(4);
    expect(await project.mustRun([node, '--version'])).toMatch(new RegExp(`^v${major}\\.`));
  },
  INSTALL_TIMEOUT,
);
