import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildClip } from '../../../src/clip/build_clip.js';
import { classifyPictures } from '../../../src/node/classify_pictures.js';
import { loadBackbone } from '../../../src/node/load_backbone.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { clipTemplates } from '../../../src/prompting/templates.js';
import { command } from '../../helpers/command.js';
import { writeCommandFiles } from '../../helpers/command_files.js';

let folder: string;
let photos: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zero-shot-'));
  await writeCommandFiles(folder);
  photos = join(folder, 'photos');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const zeroShot = (...args: string[]) =>
  command('zero-shot', ...args, '--backbone', join(folder, 'clip'), '--backend', 'wasm');

/** What the backbone itself says, by the library. */
async function expected(classNames: string[], templates?: readonly string[]) {
  const backbone = await loadBackbone(join(folder, 'clip'));
  const design = promptDesign('zeroShot', backbone.config);
  const model = await buildClip(backbone, { classNames, design, ...(templates && { templates }) });
  const paths = ['blue', 'navy'].map((name) => join(photos, 'dog', `${name}.png`));
  const { classified } = await classifyPictures(model, paths);
  return classified.map(({ path, answers }) => ({
    path,
    answers: answers.map((answer) => ({ ...answer, probability: expect.closeTo(answer.probability, 5) })),
  }));
}

test('classifies among the names it is given', async () => {
  const { code, stdout } = await zeroShot(join(photos, 'dog'), '--classes', 'cat, owl', '--json');
  const document = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(document).toMatchObject({ backbone: join(folder, 'clip'), classNames: ['cat', 'owl'], skipped: [] });
  expect(document.pictures).toEqual(await expected(['cat', 'owl']));
});

test('names come from a file as well, texts from --template', async () => {
  const names = join(folder, 'names.txt');
  await writeFile(names, '\uFEFFcat\r\n\r\n  owl \n');
  const templates = ['a drawing of a {}.', 'itap of a {}.'];
  const given = templates.flatMap((text) => ['--template', text]);
  const { stdout } = await zeroShot(join(photos, 'dog'), '--classes-file', names, ...given, '--json');
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({ classNames: ['cat', 'owl'], templates });
  expect(document.pictures).toEqual(await expected(['cat', 'owl'], templates));
});

test('--templates takes a data set’s text or an ensemble by name', async () => {
  const of = async (name: string) =>
    JSON.parse((await zeroShot(join(photos, 'dog'), '--classes', 'cat,owl', '--templates', name, '--json')).stdout);
  expect((await of('oxfordPets')).templates).toEqual([clipTemplates.datasets.oxfordPets]);
  expect((await of('describableTextures')).pictures).toEqual(await expected(['cat', 'owl'], ['{} texture.']));
});

test('--evaluate prints how good that is on labelled pictures', async () => {
  const { code, stdout, stderr } = await zeroShot(photos, '--evaluate', '--json');
  const document = JSON.parse(stdout);
  expect(code).toBe(0);
  // As the folders are called, in their order.
  expect(document.classNames).toEqual(['american_bulldog', 'cat', 'dog']);
  expect(document.pictures).toBe(8);
  const right = document.labels.filter((label: number, index: number) => label === document.said[index]).length;
  expect(document.accuracy).toBeCloseTo(right / 8, 9);
  expect(stderr).toContain('text.png');
});

test.each([
  [['.'], 'Name the classes: --classes "cat,dog", or --classes-file names.txt.'],
  [['.', '--classes', 'cat', '--classes-file', 'names.txt'], 'cannot be used with'],
  [['.', '--classes-file', 'nowhere.txt'], 'nowhere.txt cannot be read'],
  [['.', '--classes', 'cat,cat'], 'cat'],
  [['.', '--classes', 'cat,dog', '--template', 'a photo'], '{}'],
  [['.', '--classes', 'cat,dog', '--templates', 'imagenet'], 'It must be imagenet80, selected, imageNet,'],
  [['.', '.', '--evaluate'], '--evaluate takes one folder'],
  [['.', '--classes', 'cat,dog,Cat'], 'The classes of --classes must have names that differ in more than case'],
])('%j is refused: exit code 2, nothing on standard output', async (args, message) => {
  const { code, stdout, stderr } = await zeroShot(...args.map((arg) => (arg === '.' ? join(photos, 'dog') : arg)));
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

test('--image-folder says where the paths of a list begin, and is proposed where they do not', async () => {
  const list = join(folder, 'list.csv');
  await writeFile(
    list,
    `path,class\n${(await readdir(join(photos, 'dog'))).map((name) => `dog/${name},dog`).join('\n')}\n`,
  );
  const refused = await zeroShot(list, '--evaluate', '--classes', 'cat,dog');
  expect([refused.code, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain(`give --image-folder ${photos} `);
  const { code, stdout } = await zeroShot(
    list,
    '--evaluate',
    '--classes',
    'cat,dog',
    '--image-folder',
    photos,
    '--json',
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ data: list, classNames: ['cat', 'dog'] });
});

test('says that the answers of one class say nothing', async () => {
  const { code, stderr } = await zeroShot(join(photos, 'dog'), '--classes', 'cat');
  expect(code).toBe(0);
  expect(stderr).toContain(
    'There is one class only, "cat": every picture is taken for it, with 100%, whatever it shows.',
  );
});
