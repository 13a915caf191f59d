import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILD_TIMEOUT, packedPackage } from '../helpers/built_package.js';
import { INSTALL_TIMEOUT, UserProject } from '../helpers/user_project.js';

let project: UserProject;
/** The project's own tfjs-core, and that of tfjs-maple. */
let theirs: string;
let ours: string;

beforeAll(async () => {
  const tarball = await packedPackage();
  project = new UserProject();
  await project.add('@tensorflow/tfjs@4.20.0');
  await project.add(tarball);
  theirs = join(project.folder, 'node_modules/@tensorflow/tfjs-core');
  ours = join(project.folder, 'node_modules/tfjs-maple/node_modules/@tensorflow/tfjs-core');
}, BUILD_TIMEOUT + INSTALL_TIMEOUT);

afterAll(() => project.remove());

function expectCopies(text: string): void {
  expect(text).toContain('There are 2 copies of @tensorflow/tfjs-core');
  expect(text).toContain(`4.22.0 in ${ours} (tfjs-maple`);
  expect(text).toContain(`4.20.0 in ${theirs}`);
  expect(text).toContain('npm install @tensorflow/tfjs@^4.22.0');
}

describe('a project with an older tfjs, which npm leaves beside a copy of ours', () => {
  test('doctor names both copies and the remedy', async () => {
    const { code, stderr, stdout } = await project.execute('tfjs-maple', 'doctor');
    expectCopies(stderr);
    expectCopies(stdout);
    expect(code).toBe(2);
  });

  test('a command tells the same, and goes on with its own copy', async () => {
    const { code, stderr } = await project.execute('tfjs-maple', 'inspect', 'nowhere');
    expectCopies(stderr);
    expect(stderr).toContain('nowhere');
    expect(code).toBe(2);
    expect((await project.execute('tfjs-maple', 'inspect', 'nowhere', '--quiet')).stderr).not.toContain('copies');
  });

  test('a program that loads both gets a MapleError from chooseBackend', async () => {
    const program = (imports: string) => `${imports}
import { chooseBackend } from 'tfjs-maple/node';
await chooseBackend('wasm').then(({ name }) => console.log(name), ({ name, message }) => console.log(name, message));`;
    project.write({
      'both.mjs': program("import '@tensorflow/tfjs';"),
      'ours.mjs': program(''),
    });
    const both = await project.mustRun([process.execPath, 'both.mjs']);
    expect(both).toMatch(/^MapleError /m);
    expectCopies(both);
    expect(await project.mustRun([process.execPath, 'ours.mjs'])).toBe('wasm\n');
  });
});

describe('an installation that is not whole', () => {
  test.each(['doctor', 'inspect nowhere'])('%s names the missing tfjs-core and the remedy', async (command) => {
    for (const folder of [ours, theirs]) renameSync(folder, `${folder}.away`);
    const { code, stderr } = await project.execute('tfjs-maple', ...command.split(' '));
    for (const folder of [ours, theirs]) renameSync(`${folder}.away`, folder);
    expect(stderr).toMatch(/^Error: The package @tensorflow\/tfjs-core, .* is not installed\. Run `npm install`/);
    expect(stderr).not.toMatch(/defect|^ {4}at /m);
    expect(code).toBe(2);
  });

  test('tfjs of another major is refused by its version', async () => {
    cpSync(ours, `${ours}.away`, { recursive: true });
    writeFileSync(join(ours, 'package.json'), '{ "name": "@tensorflow/tfjs-core", "version": "3.21.0" }');
    const { code, stderr } = await project.execute('tfjs-maple', 'doctor');
    rmSync(ours, { recursive: true });
    renameSync(`${ours}.away`, ours);
    expect(stderr).toContain(
      `runs on @tensorflow/tfjs-core 4.22 or a later version of 4. Received: 3.21.0 in ${ours}. Give all`,
    );
    expect(code).toBe(2);
  });

  test('any other package that is missing is named', async () => {
    const sharp = join(project.folder, 'node_modules/sharp');
    renameSync(sharp, `${sharp}.away`);
    await project.writePhotos();
    const { code, stderr } = await project.execute('tfjs-maple', 'train', 'photos', '--quiet');
    renameSync(`${sharp}.away`, sharp);
    expect(stderr).toMatch(/The package sharp is not installed/);
    expect(stderr).not.toMatch(/defect|^ {4}at /m);
    expect(code).toBe(2);
  });
});
