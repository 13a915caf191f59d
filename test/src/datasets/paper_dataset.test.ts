import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Example } from '../../../src/data/dataset.js';
import { findPaperDataset, PAPER_DATASETS } from '../../../src/datasets/catalogue.js';
import { fewShotDraw } from '../../../src/datasets/few_shot_draw.js';
import { paperDataset } from '../../../src/datasets/paper_dataset.js';
import { paperStudyData } from '../../../src/datasets/paper_study_data.js';
import { clipTemplates } from '../../../src/prompting/templates.js';
import {
  splitPath,
  writeAircraftTree,
  writeImageNetTree,
  writeSplit,
  writeSplitTree,
  writeVariantTrees,
  type SplitTree,
  type SplitTreeName,
} from '../../helpers/paper_trees.js';
import { tinyTokenizer } from '../../helpers/tiny_clip.js';

let root: string;
const trees = new Map<SplitTreeName, SplitTree>();
const SPLIT_SETS = PAPER_DATASETS.filter(({ layout }) => layout.kind === 'splitFile').map(({ name }) => name);

/** Labels and names, as the tests state them. */
const told = (examples: readonly Example[]): [number, string][] => examples.map(({ label, name }) => [label, name]);

/** A root of its own with one data set, to be spoilt. */
async function spoilt(name: SplitTreeName): Promise<{ root: string; tree: SplitTree }> {
  const other = await mkdtemp(join(tmpdir(), 'spoilt-'));
  const { folder } = findPaperDataset(name);
  await cp(join(root, folder), join(other, folder), { recursive: true });
  return { root: other, tree: structuredClone(trees.get(name) as SplitTree) };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'paper-'));
  for (const name of SPLIT_SETS as SplitTreeName[]) {
    trees.set(name, await writeSplitTree(root, name));
  }
  await writeAircraftTree(root);
  await writeImageNetTree(root);
  await writeVariantTrees(root);
});

afterAll(() => rm(root, { recursive: true, force: true }));

describe('the catalogue', () => {
  test('has the eleven data sets in the tables’ order, then the four variants', () => {
    expect(PAPER_DATASETS.map(({ name }) => name).join(' ')).toBe(
      'ImageNet Caltech101 OxfordPets StanfordCars OxfordFlowers Food101 FGVCAircraft SUN397 DescribableTextures ' +
        'EuroSAT UCF101 ImageNetV2 ImageNetSketch ImageNetA ImageNetR',
    );
    expect(PAPER_DATASETS.filter(({ testOnly }) => testOnly).map(({ name }) => name)).toEqual([
      'ImageNetV2',
      'ImageNetSketch',
      'ImageNetA',
      'ImageNetR',
    ]);
  });

  test.each([
    ['euro-sat', 'EuroSAT'],
    ['DTD', 'DescribableTextures'],
    ['flowers102', 'OxfordFlowers'],
    ['describable_textures', 'DescribableTextures'],
    ['ImageNet-R', 'ImageNetR'],
  ])('%s is %s', (spelt, name) => expect(findPaperDataset(spelt).name).toBe(name));

  test('refuses another name', () => {
    expect(() => findPaperDataset('CIFAR10')).toThrow(/data sets are ImageNet, Caltech101.* Received: "CIFAR10"/);
  });
});

describe('data sets with a split file', () => {
  test.each([
    ['Caltech101', ['face', 'leopard', 'motorbike', 'airplane'], '101_ObjectCategories/airplanes/image_0001.jpg', 3],
    ['OxfordPets', ['abyssinian', 'american_bulldog', 'bengal'], 'images/Bengal_1.jpg', 2],
    ['StanfordCars', ['2000 AM General Hummer SUV', '2012 Acura RL Sedan'], 'cars_train/20001.jpg', 1],
    ['OxfordFlowers', ['pink primrose', 'hard-leaved pocket orchid', "colt's foot"], 'jpg/image_30001.jpg', 2],
    ['Food101', ['apple_pie', 'baby_back_ribs'], 'images/baby_back_ribs/101.jpg', 1],
    ['SUN397', ['abbey', 'indoor apse'], 'SUN397/a/apse/indoor/sun_1.jpg', 1],
    ['DescribableTextures', ['banded', 'polka-dotted'], 'images/polka-dotted/polka-dotted_1.jpg', 1],
    ['EuroSAT', ['Annual Crop Land', 'Highway or Road', 'Sea or Lake', 'Forest'], '2750/Forest/Forest_1.jpg', 3],
    ['UCF101', ['Apply_Eye_Makeup', 'Yo_Yo'], 'UCF-101-midframes/Yo_Yo/v_YoYo_g01_c1.jpg', 1],
  ] as const)('%s', async (name, classNames, firstPicture, firstLabel) => {
    const { folder, template } = findPaperDataset(name);
    const dataset = await paperDataset(name, root);
    const tree = trees.get(name) as SplitTree;
    expect(dataset).toMatchObject({ name, classNames, template });
    // In the split file's order, and nothing drawn.
    expect(told(dataset.train)[0]).toEqual([firstLabel, `${folder}/${firstPicture}`]);
    for (const [part, key] of [
      ['train', 'train'],
      ['validation', 'val'],
      ['test', 'test'],
    ] as const) {
      expect(dataset[part].map(({ label }) => label)).toEqual(tree[key].map(([, label]) => label));
      expect(dataset[part].every(({ name: own }, index) => own.endsWith(tree[key][index][0]))).toBe(true);
    }
    const [first] = dataset.test;
    expect(first.path).toBe(join(root, first.name));
    expect(await first.load()).toMatchObject({ width: 20, height: 18 });
  });

  test('shots are drawn from the split file’s order, then four of validation', async () => {
    const tree = trees.get('EuroSAT') as SplitTree;
    const items = (part: SplitTree['train']) => part.map(([path, label]) => ({ path, label }));
    const expected = fewShotDraw({ train: items(tree.train), validation: items(tree.val), shots: 2, seed: 3 });
    const dataset = await paperDataset('eurosat', root, { shots: 2, seed: 3 });
    const name = ({ path }: { path: string }) => `eurosat/2750/${path}`;
    expect(dataset.train.map((example) => example.name)).toEqual(expected.train.map(name));
    expect(dataset.validation.map((example) => example.name)).toEqual(expected.validation.map(name));
    expect([dataset.train.length, dataset.validation.length, dataset.test.length]).toEqual([8, 8, 8]);
  });

  test('half of the classes are chosen after the draw', async () => {
    const all = await paperDataset('EuroSAT', root, { shots: 2 });
    const novel = await paperDataset('EuroSAT', root, { shots: 2, classes: 'new' });
    expect(novel.classNames).toEqual(['Sea or Lake', 'Forest']);
    const expected = all.train.filter(({ label }) => label >= 2).map(({ label, name }) => [label - 2, name]);
    expect(told(novel.train)).toEqual(expected);
  });

  test('says what differs from the published data set', async () => {
    const warnings: string[] = [];
    await paperDataset('EuroSAT', root, { onWarning: (text) => warnings.push(text) });
    expect(warnings).toEqual([
      'EuroSAT has 4 classes; as published it has 10.',
      'EuroSAT has 12 training pictures; as published it has 13500.',
      'EuroSAT has 8 validation pictures; as published it has 5400.',
      'EuroSAT has 8 test pictures; as published it has 8100.',
    ]);
  });
});

describe('data sets with lists of their own', () => {
  test('FGVCAircraft takes its labels from variants.txt', async () => {
    const { classNames, train, validation, test: tested, template } = await paperDataset('FGVC-Aircraft', root);
    expect(classNames).toEqual(['707-320', 'Cessna 172', 'F/A-18']);
    expect(template).toBe(clipTemplates.datasets.fgvcAircraft);
    expect([train.length, validation.length, tested.length]).toEqual([9, 6, 6]);
    expect(told(train)[0]).toEqual([2, 'fgvc_aircraft/images/1000009.jpg']);
    expect(await train[0].load()).toMatchObject({ width: 20 });
  });

  test('ImageNet takes them from the order of the WordNet ids, and tests on val', async () => {
    const dataset = await paperDataset('ImageNet', root, { shots: 4 });
    expect(dataset.classNames).toEqual(['tench', 'goldfish', 'great white shark', 'sunglasses', 'sunglasses ']);
    expect([dataset.train.length, dataset.validation.length]).toEqual([20, 0]);
    expect(told(dataset.test)[4]).toEqual([4, 'imagenet/images/val/n04356056/ILSVRC2012_val_00000004.JPEG']);
    expect(await dataset.test[4].load()).toMatchObject({ width: 20 });
  });

  test('two classes of one name have the same tokens', async () => {
    const tokenizer = await tinyTokenizer();
    expect(tokenizer.encode('a photo of a sunglasses .')).toEqual(tokenizer.encode('a photo of a sunglasses.'));
  });

  test('ImageNetV2: folder k is the k-th line of classnames.txt', async () => {
    const { classNames, train, test: tested } = await paperDataset('ImageNetV2', root);
    expect(classNames).toEqual(['goldfish', 'tench', 'sunglasses', 'sunglasses ', 'great white shark']);
    expect(train).toEqual([]);
    expect(told(tested).map(([label, name]) => `${label} ${name.split('/')[2]}`)).toEqual([
      '0 0',
      '1 1',
      '2 2',
      '3 3',
      '4 4',
    ]);
  });

  test('ImageNetSketch has all classes, in the ids’ order', async () => {
    const { classNames, test: tested } = await paperDataset('ImageNetSketch', root);
    expect(classNames.slice(0, 2)).toEqual(['tench', 'goldfish']);
    expect(told(tested)[0]).toEqual([0, 'imagenet-sketch/images/n01440764/sketch_0.JPEG']);
  });

  test.each(['ImageNetA', 'ImageNetR'])('%s is told among its own classes only; README.txt is none', async (name) => {
    const { classNames, train, validation, test: tested } = await paperDataset(name, root);
    expect(classNames).toEqual(['goldfish', 'great white shark']);
    expect([train, validation]).toEqual([[], []]);
    expect(tested.map(({ label }) => label)).toEqual([0, 0, 1, 1]);
  });

  test.each(['ImageNetV2', 'ImageNetSketch', 'ImageNetA', 'ImageNetR'])('%s refuses training', async (name) => {
    await expect(paperDataset(name, root, { shots: 16 })).rejects.toThrow(`${name} is for testing only`);
    await expect(paperDataset(name, root, { classes: 'base' })).rejects.toThrow(`${name} is for testing only`);
  });
});

describe('what is wrong is told', () => {
  test('a missing root, folder, folder of pictures, split file', async () => {
    await expect(paperDataset('EuroSAT', join(root, 'nowhere'))).rejects.toThrow(
      `nowhere must be a folder: EuroSAT is expected in ${join(root, 'nowhere', 'eurosat')}, its pictures in`,
    );
    const { root: other } = await spoilt('EuroSAT');
    await rename(join(other, 'eurosat', '2750'), join(other, 'eurosat', 'EuroSAT_RGB'));
    await expect(paperDataset('EuroSAT', other)).rejects.toThrow(`${join(other, 'eurosat', '2750')} must be a folder`);
    await rename(join(other, 'eurosat', 'EuroSAT_RGB'), join(other, 'eurosat', '2750'));
    await rm(splitPath(other, 'EuroSAT'));
    await expect(paperDataset('EuroSAT', other)).rejects.toThrow(
      /split_zhou_EuroSAT\.json must be there.*official code makes a random split of its own.*take the published file/,
    );
  });

  test('missing pictures: how many, and the first', async () => {
    const { root: other } = await spoilt('EuroSAT');
    await rm(join(other, 'eurosat', '2750', 'Forest'), { recursive: true });
    await expect(paperDataset('EuroSAT', other)).rejects.toThrow(
      /7 of the pictures that .*json lists are not in .*2750:\n {2}- Forest\/Forest_1\.jpg\n(.*\n){4} {2}- and 2 more/,
    );
  });

  const entry = (change: (tree: SplitTree) => unknown) => change;
  test.each([
    ['not JSON', entry(() => undefined), 'must be a readable JSON file'],
    ['a list', entry(() => []), 'must hold an object with `train`, `val` and `test`. Received: []'],
    [
      'no val',
      entry(({ train, test: t }) => ({ train, test: t })),
      'as `val`, with at least one entry. Received: nothing',
    ],
    [
      'an empty test',
      entry((tree) => ({ ...tree, test: [] })),
      'as `test`, with at least one entry. Received: an empty',
    ],
    ['two fields', entry((tree) => ({ ...tree, val: [['a.jpg', 0]] })), '`val[0]` of'],
    ['a label in words', entry((tree) => with0(tree, 1, '3')), 'The label in `train[0]`'],
    ['a label of 0.5', entry((tree) => with0(tree, 1, 0.5)), 'must be an integer from 0. Received: 0.5'],
    ['a negative label', entry((tree) => with0(tree, 1, -1)), 'must be an integer from 0. Received: -1'],
    [
      'a gap in the labels',
      entry((tree) => with0(with0(tree, 1, 9), 2, 'Nine')),
      'without a gap. Received: 5 labels up to 9',
    ],
    [
      'two names of a label',
      entry((tree) => with0(tree, 2, 'Wood')),
      'must be "Wood", as of other entries with label 3',
    ],
    ['an empty name', entry((tree) => with0(tree, 2, ' ')), 'must not be empty'],
    ['a picture twice', entry((tree) => with0(tree, 0, tree.test[0][0], 'val')), 'must list a picture once'],
    [
      'a class without training',
      entry((tree) => ({ ...tree, train: tree.train.filter(([, label]) => label !== 1) })),
      'must have pictures of every class. Received: none of "Highway or Road", label 1',
    ],
    ['a way out', entry((tree) => with0(tree, 0, '../secret.jpg')), 'it has parts that are not plain names'],
    [
      'a hidden way out',
      entry((tree) => with0(tree, 0, 'Forest/../../x.jpg')),
      'it has parts that are not plain names',
    ],
    ['an absolute path', entry((tree) => with0(tree, 0, '/etc/passwd')), 'it has parts that are not plain names'],
    ['a backslash', entry((tree) => with0(tree, 0, '..\\x.jpg')), 'it has a backslash'],
    ['a NUL', entry((tree) => with0(tree, 0, 'x.jpg\0.png')), 'it has a NUL character'],
    ['an address', entry((tree) => with0(tree, 0, 'http://x/y.jpg')), 'it begins with a drive or the scheme of a URL'],
    ['a drive', entry((tree) => with0(tree, 0, 'C:/x.jpg')), 'it begins with a drive or the scheme of a URL'],
    ['an empty path', entry((tree) => with0(tree, 0, '')), 'it is empty'],
  ])('a split file with %s', async (what, change, message) => {
    const { root: other, tree } = await spoilt('EuroSAT');
    if (what === 'not JSON') {
      await writeFile(splitPath(other, 'EuroSAT'), '{"train": [');
    } else {
      await writeSplit(other, 'EuroSAT', change(tree));
    }
    await expect(paperDataset('EuroSAT', other)).rejects.toThrow(message);
    await rm(other, { recursive: true });
  });

  test('links that lead out of the folder, of a picture and of a class folder', async () => {
    const { root: other } = await spoilt('EuroSAT');
    const pictures = join(other, 'eurosat', '2750');
    const outside = join(other, 'outside');
    await mkdir(outside);
    await rename(join(pictures, 'Forest', 'Forest_1.jpg'), join(outside, 'Forest_1.jpg'));
    await symlink(join(outside, 'Forest_1.jpg'), join(pictures, 'Forest', 'Forest_1.jpg'));
    await expect(paperDataset('EuroSAT', other)).rejects.toThrow(
      /1 are links that lead elsewhere.*\n {2}- Forest\/Forest_1/,
    );
    await rename(join(pictures, 'SeaLake'), join(outside, 'SeaLake'));
    await symlink(join(outside, 'SeaLake'), join(pictures, 'SeaLake'));
    await expect(paperDataset('EuroSAT', other)).rejects.toThrow('8 are links that lead elsewhere');
    await rm(other, { recursive: true });
  });

  test('the folder of the pictures may be a link itself', async () => {
    const { root: other } = await spoilt('EuroSAT');
    await rename(join(other, 'eurosat', '2750'), join(other, 'pictures'));
    await symlink(join(other, 'pictures'), join(other, 'eurosat', '2750'));
    expect((await paperDataset('EuroSAT', other)).test).toHaveLength(8);
    await rm(other, { recursive: true });
  });

  test('lines of FGVC Aircraft', async () => {
    const other = await mkdtemp(join(tmpdir(), 'aircraft-'));
    await writeAircraftTree(other);
    const list = join(other, 'fgvc_aircraft', 'images_variant_val.txt');
    await writeFile(list, '1000010 Concorde\n');
    await expect(paperDataset('FGVCAircraft', other)).rejects.toThrow(`${list}:1 must name a class of variants.txt`);
    await writeFile(list, '../1000010 707-320\n');
    await expect(paperDataset('FGVCAircraft', other)).rejects.toThrow('but it holds a slash');
    await writeFile(list, '1000001 707-320\n');
    await expect(paperDataset('FGVCAircraft', other)).rejects.toThrow(
      'A picture must be listed once. Received: 1000001',
    );
    await writeFile(list, '42 707-320\n');
    await expect(paperDataset('FGVCAircraft', other)).rejects.toThrow(/1 of the pictures .*\n {2}- 42\.jpg/);
    await writeFile(list, '\n');
    await expect(paperDataset('FGVCAircraft', other)).rejects.toThrow('must not be empty, the val pictures');
    await rm(other, { recursive: true });
  });

  test('ImageNet’s folders and class names', async () => {
    const other = await mkdtemp(join(tmpdir(), 'imagenet-'));
    await writeImageNetTree(other);
    await writeVariantTrees(other);
    const names = join(other, 'imagenet', 'classnames.txt');
    await writeFile(names, 'n01440764 tench\n');
    await expect(paperDataset('ImageNet', other)).rejects.toThrow(
      /must name every class folder. Received: none for 4:\n/,
    );
    await writeFile(names, 'n01440764 tench\nn01440764 fish\n');
    await expect(paperDataset('ImageNet', other)).rejects.toThrow(
      `${names}:2 must be a WordNet id that no other line has`,
    );
    await rm(join(other, 'imagenet', 'images', 'val', 'n01440764'), { recursive: true });
    await writeFile(names, 'n01440764 tench\n');
    await expect(paperDataset('ImageNet', other)).rejects.toThrow(
      /same class folders in train and in val.*\n {2}- n01440764/,
    );
    await rm(names);
    await expect(paperDataset('ImageNet', other)).rejects.toThrow('classnames.txt must be there, a copy of the one');
    await rm(join(other, 'imagenetv2', 'imagenetv2-matched-frequency-format-val', '3'), { recursive: true });
    await expect(paperDataset('ImageNetV2', other)).rejects.toThrow('the folders 0 to 4, one for each line');
    await rm(join(other, 'imagenet-adversarial', 'imagenet-a', 'n01443537', '0.jpg'));
    await rm(join(other, 'imagenet-adversarial', 'imagenet-a', 'n01443537', '1.jpg'));
    await expect(paperDataset('ImageNetA', other)).rejects.toThrow('n01443537 must hold the pictures of a class');
    await rm(other, { recursive: true });
  });
});

describe('paperStudyData', () => {
  test('has ImageNet as source, the ten others, and the variants as domains, loaded without shots', async () => {
    const data = paperStudyData({ root });
    expect([data.source, data.datasets.length, data.domains.join(' ')]).toEqual([
      'ImageNet',
      11,
      'ImageNetV2 ImageNetSketch ImageNetA ImageNetR',
    ]);
    const run = { seed: 2, shots: 2 };
    expect((await data.load('OxfordPets', run)).train).toHaveLength(6);
    expect((await data.load('ImageNetR', run)).test).toHaveLength(4);
  });

  test('tells all that is missing at once, and what differs', async () => {
    const data = paperStudyData({ root });
    expect(await data.check?.(['OxfordPets', 'ImageNetA'])).toContain(
      'OxfordPets has 3 classes; as published it has 37.',
    );
    const other = paperStudyData({ root: join(root, 'eurosat') });
    await expect(other.check?.(['EuroSAT', 'SUN397'])).rejects.toThrow(
      /^EuroSAT: .*\nSUN397: .*\nChoose those that you have/,
    );
  });
});

/** The tree with a field of its first entry changed. */
function with0(tree: SplitTree, field: 0 | 1 | 2, value: unknown, part: keyof SplitTree = 'train'): SplitTree {
  const [first, ...rest] = tree[part];
  return { ...tree, [part]: [first.map((old, index) => (index === field ? value : old)), ...rest] };
}
