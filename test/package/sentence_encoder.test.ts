import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { BUILD_TIMEOUT, packedPackage } from '../helpers/built_package.js';
import { INSTALL_TIMEOUT, UserProject } from '../helpers/user_project.js';

const PROGRAM = `import { chooseBackend, loadSentenceEncoder, writeSentenceEncoder } from 'tfjs-maple/node';
await chooseBackend('wasm');
await writeSentenceEncoder('encoder', { texts: ['a cat, a dog'], width: 8 });
try {
  console.log((await (await loadSentenceEncoder('encoder')).embed(['a cat'])).shape.join());
} catch ({ name, message }) {
  console.log(name, message);
}
`;

let project: UserProject;

beforeEach(() => {
  project = new UserProject();
  project.write({ 'encode.mjs': PROGRAM });
});

afterEach(() => project.remove());

test(
  'with the package.json of docs/sentence_encoders.md the real package embeds on the one tfjs 4.22',
  async () => {
    const [, json] = /```json\n([^]*?)```/.exec(readFileSync('docs/sentence_encoders.md', 'utf8'))!;
    const manifest = JSON.parse(json) as { dependencies: Record<string, string> };
    manifest.dependencies['tfjs-maple'] = `file:${await packedPackage()}`;
    project.write({ 'package.json': JSON.stringify(manifest) });
    await project.add();
    expect(project.coreVersions()).toEqual(['4.22.0']);
    expect(await project.mustRun([process.execPath, 'encode.mjs'])).toBe('1,8\n');
  },
  BUILD_TIMEOUT + INSTALL_TIMEOUT,
);

test(
  'without it, what to install is told',
  async () => {
    await project.add(await packedPackage());
    const printed = await project.mustRun([process.execPath, 'encode.mjs']);
    expect(printed).toMatch(
      /^MapleError .*needs the package @tensorflow-models\/universal-sentence-encoder.*docs\/sent/,
    );
  },
  BUILD_TIMEOUT + INSTALL_TIMEOUT,
);
