import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

/** An entry of a split file. */
export type SplitEntry = [path: string, label: number, className: string];

/** Entries of a split file in the order in which the official code writes them, not by label. */
export interface SplitTree {
  train: SplitEntry[];
  val: SplitEntry[];
  test: SplitEntry[];
}

/** Pictures a class of each part. */
const COUNTS = { train: 3, val: 2, test: 2 } as const;

/** Class folders (or name stems) and class names of miniatures, in the order of the labels. */
const SPLIT_TREES = {
  Caltech101: {
    folder: 'caltech-101',
    pictures: '101_ObjectCategories',
    // Folder airplanes, name airplane, and so on.
    classes: [
      ['Faces', 'face'],
      ['Leopards', 'leopard'],
      ['Motorbikes', 'motorbike'],
      ['airplanes', 'airplane'],
    ],
    file: (folder: string, index: number) => `${folder}/image_${String(index).padStart(4, '0')}.jpg`,
  },
  OxfordPets: {
    folder: 'oxford_pets',
    pictures: 'images',
    // All in one folder; the breed is in the file's name.
    classes: [
      ['Abyssinian', 'abyssinian'],
      ['american_bulldog', 'american_bulldog'],
      ['Bengal', 'bengal'],
    ],
    file: (breed: string, index: number) => `${breed}_${index}.jpg`,
  },
  StanfordCars: {
    folder: 'stanford_cars',
    // Paths begin in the data set's own folder.
    pictures: '',
    classes: [
      ['1', '2000 AM General Hummer SUV'],
      ['2', '2012 Acura RL Sedan'],
    ],
    file: (label: string, index: number, part: string) =>
      `cars_${part === 'test' ? 'test' : 'train'}/${label}${String(index).padStart(4, '0')}.jpg`,
  },
  OxfordFlowers: {
    folder: 'oxford_flowers',
    pictures: 'jpg',
    classes: [
      ['1', 'pink primrose'],
      ['2', 'hard-leaved pocket orchid'],
      ['3', "colt's foot"],
    ],
    file: (label: string, index: number) => `image_${label}${String(index).padStart(4, '0')}.jpg`,
  },
  Food101: {
    folder: 'food-101',
    pictures: 'images',
    classes: [
      ['apple_pie', 'apple_pie'],
      ['baby_back_ribs', 'baby_back_ribs'],
    ],
    file: (folder: string, index: number) => `${folder}/${100 + index}.jpg`,
  },
  SUN397: {
    folder: 'sun397',
    pictures: 'SUN397',
    // /a/apse/indoor is called indoor apse.
    classes: [
      ['a/abbey', 'abbey'],
      ['a/apse/indoor', 'indoor apse'],
    ],
    file: (folder: string, index: number) => `${folder}/sun_${index}.jpg`,
  },
  DescribableTextures: {
    folder: 'dtd',
    pictures: 'images',
    classes: [
      ['banded', 'banded'],
      ['polka-dotted', 'polka-dotted'],
    ],
    file: (folder: string, index: number) => `${folder}/${folder}_${index}.jpg`,
  },
  EuroSAT: {
    folder: 'eurosat',
    pictures: '2750',
    classes: [
      ['AnnualCrop', 'Annual Crop Land'],
      ['Highway', 'Highway or Road'],
      ['SeaLake', 'Sea or Lake'],
      ['Forest', 'Forest'],
    ],
    file: (folder: string, index: number) => `${folder}/${folder}_${index}.jpg`,
  },
  UCF101: {
    folder: 'ucf101',
    pictures: 'UCF-101-midframes',
    classes: [
      ['Apply_Eye_Makeup', 'Apply_Eye_Makeup'],
      ['Yo_Yo', 'Yo_Yo'],
    ],
    file: (folder: string, index: number) => `${folder}/v_${folder.replaceAll('_', '')}_g01_c${index}.jpg`,
  },
} as const;

/** A data set with a split file. */
export type SplitTreeName = keyof typeof SPLIT_TREES;

/** Writes a miniature of a data set that has a split file, and gives what the file holds. */
export async function writeSplitTree(root: string, name: SplitTreeName): Promise<SplitTree> {
  const { folder, pictures, classes, file } = SPLIT_TREES[name];
  const tree: SplitTree = { train: [], val: [], test: [] };
  let index = 0;
  for (const part of ['train', 'val', 'test'] as const) {
    // The last class first: the draw goes by the order of appearance.
    for (const [label, [stem, className]] of [...classes.entries()].reverse()) {
      for (let count = 0; count < COUNTS[part]; count++) {
        tree[part].push([file(stem, ++index, part), label, className]);
      }
    }
  }
  for (const [path, label] of Object.values(tree).flat() as SplitEntry[]) {
    await writePicture(join(root, folder, pictures, path), label);
  }
  await writeSplit(root, name, tree);
  return tree;
}

/** Path of a data set's split file. */
export function splitPath(root: string, name: SplitTreeName): string {
  return join(root, SPLIT_TREES[name].folder, `split_zhou_${name}.json`);
}

/** Writes a split file only. */
export async function writeSplit(root: string, name: SplitTreeName, content: unknown): Promise<void> {
  await mkdir(dirname(splitPath(root, name)), { recursive: true });
  await writeFile(splitPath(root, name), JSON.stringify(content, undefined, 4));
}

/** FGVC Aircraft: no split file, class names with spaces and slashes. */
export async function writeAircraftTree(root: string): Promise<void> {
  const folder = join(root, 'fgvc_aircraft');
  const variants = ['707-320', 'Cessna 172', 'F/A-18'];
  let id = 1000000;
  for (const [part, count] of Object.entries(COUNTS)) {
    const lines: string[] = [];
    for (const [label, variant] of variants.entries()) {
      for (let index = 0; index < count; index++) {
        await writePicture(join(folder, 'images', `${++id}.jpg`), label);
        lines.push(`${id} ${variant}`);
      }
    }
    await writeFile(join(folder, `images_variant_${part}.txt`), `${lines.reverse().join('\n')}\n`);
  }
  await writeFile(join(folder, 'variants.txt'), `${variants.join('\n')}\n`);
}

/** Lines of `classnames.txt`: not in the ids' order, spaces in names, and two classes of one name. */
export const CLASS_NAMES = `n01443537 goldfish
n01440764 tench
n04355933 sunglasses
n04356056 sunglasses
n01518878 great white shark
`;
const IDS = ['n01440764', 'n01443537', 'n01518878', 'n04355933', 'n04356056'];

/** ImageNet: folders of WordNet ids in train and val. */
export async function writeImageNetTree(root: string): Promise<void> {
  const folder = join(root, 'imagenet');
  for (const [label, id] of IDS.entries()) {
    for (let index = 0; index < 6; index++) {
      await writePicture(join(folder, 'images', 'train', id, `${id}_${index}.JPEG`), label);
    }
    await writePicture(join(folder, 'images', 'val', id, `ILSVRC2012_val_0000000${label}.JPEG`), label);
  }
  await writeFile(join(folder, 'classnames.txt'), CLASS_NAMES);
}

/** The four variants of ImageNet, with what else lies in them as published. */
export async function writeVariantTrees(root: string): Promise<void> {
  const v2 = join(root, 'imagenetv2', 'imagenetv2-matched-frequency-format-val');
  for (const number of IDS.keys()) {
    await writePicture(join(v2, String(number), 'a.jpeg'), number);
  }
  for (const id of IDS) {
    await writePicture(join(root, 'imagenet-sketch', 'images', id, 'sketch_0.JPEG'), 0);
  }
  for (const [folder, pictures] of [
    ['imagenet-adversarial', 'imagenet-a'],
    ['imagenet-rendition', 'imagenet-r'],
  ]) {
    // Some of the classes only.
    for (const [label, id] of IDS.slice(1, 3).entries()) {
      await writePicture(join(root, folder, pictures, id, '0.jpg'), label);
      await writePicture(join(root, folder, pictures, id, '1.jpg'), label);
    }
    await writeFile(join(root, folder, pictures, 'README.txt'), 'About these pictures.');
  }
  for (const folder of ['imagenetv2', 'imagenet-sketch', 'imagenet-adversarial', 'imagenet-rendition']) {
    await writeFile(join(root, folder, 'classnames.txt'), CLASS_NAMES);
  }
}

/** Writes a picture of its class's colour, 20 x 18. */
export async function writePicture(path: string, label: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const background = { r: (label * 70) % 256, g: 255 - ((label * 50) % 256), b: label % 2 === 0 ? 200 : 40 };
  await sharp({ create: { width: 20, height: 18, channels: 3, background } })
    .jpeg()
    .toFile(path);
}
