import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILD_TIMEOUT, packedPackage } from '../helpers/built_package.js';
import { INSTALL_TIMEOUT, MANAGERS, UserProject, type ManagerName } from '../helpers/user_project.js';

let tarball: string;
let project: UserProject;

beforeAll(async () => {
  tarball = `tfjs-maple@file:${await packedPackage()}`;
}, BUILD_TIMEOUT);

afterEach(() => project.remove());

describe.each(Object.keys(MANAGERS) as ManagerName[])('%s', (manager) => {
  test(
    'in an empty folder one package is added, and `train` tunes on WASM',
    async () => {
      project = new UserProject(manager);
      await project.writePhotos();
      await project.add(tarball);
      const trained = await project.execute('tfjs-maple', 'train', './photos', '--epochs', '1', '--json');
      expect(trained).toMatchObject({ code: 0, stderr: expect.stringContaining('Backend: WebAssembly, one thread') });
      const { records } = JSON.parse(trained.stdout) as { records: { method: string; test: { pictures: number } }[] };
      expect(records.map(({ method, test: { pictures } }) => [method, pictures])).toContainEqual(['maple', 2]);
      expect(existsSync(join(project.folder, 'runs/photos/model/model.json'))).toBe(true);
    },
    INSTALL_TIMEOUT,
  );
});

// Yarn 4 without node_modules keeps packages as archives, each once by its nature.
test.each(Object.keys(MANAGERS).filter((name) => !name.includes('without')) as ManagerName[])(
  'a project that has tfjs 4.22 keeps one tfjs-core: %s',
  async (manager) => {
    project = new UserProject(manager);
    await project.add('@tensorflow/tfjs@4.22.0');
    await project.add(tarball);
    expect(project.coreVersions()).toEqual(['4.22.0']);
  },
  INSTALL_TIMEOUT,
);

test.each(['@tensorflow/tfjs-core', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'])(
  'the same with %s',
  async (name) => {
    project = new UserProject();
    // tfjs-node's install script downloads a library of its own, which is not wanted here.
    await project.add('--ignore-scripts', `${name}@4.22.0`);
    await project.add('--ignore-scripts', tarball);
    expect(project.coreVersions()).toEqual(['4.22.0']);
  },
  INSTALL_TIMEOUT,
);
