import { MapleError } from '../../layers/errors.js';
import { proposal } from '../../layers/known_names.js';
import { clipTemplates } from '../prompting/templates.js';

/** Where a data set's pictures and labels are, below its own folder. */
export type PaperLayout =
  /** A `split_zhou_*.json` lists pictures, labels and class names. */
  | { kind: 'splitFile'; file: string }
  /** FGVC Aircraft's own lists. */
  | { kind: 'variants' }
  /** A folder for each WordNet id in `train` and in `val`, which is tested on; `classnames.txt` names them. */
  | { kind: 'trainAndVal' }
  /** A folder for each line of `classnames.txt`, by its number from 0. */
  | { kind: 'numbered' }
  /** A folder for each WordNet id, some of those that `classnames.txt` names. */
  | { kind: 'wordnetIds' };

/** A data set of the paper, as it is published. */
export interface PaperDatasetInfo {
  /** Name in the official configurations. */
  name: string;
  /** What else it is called, e.g. in the paper's tables. */
  otherNames: readonly string[];
  /** Its folder below the folder of all data sets. */
  folder: string;
  /** Folder of its pictures below its own; empty: the same. */
  pictures: string;
  layout: PaperLayout;
  /** The zero-shot text. */
  template: string;
  classes: number;
  /** Pictures as published; a test-only set has none but `test`. */
  sizes: { train: number; validation: number; test: number };
  /** Another look of ImageNet's classes, that nothing is trained on. */
  testOnly: boolean;
}

type Sizes = [train: number, validation: number, test: number];
const { datasets: TEMPLATES } = clipTemplates;

/** The data sets in the order of the paper's tables, ImageNet first, then its four variants. */
const ENTRIES = {
  ImageNet: row('imagenet', 'images', { kind: 'trainAndVal' }, TEMPLATES.imageNet, 1000, [1_281_167, 0, 50_000]),
  Caltech101: split('caltech-101', '101_ObjectCategories', 'Caltech101', TEMPLATES.caltech101, 100, [4128, 1649, 2465]),
  OxfordPets: split('oxford_pets', 'images', 'OxfordPets', TEMPLATES.oxfordPets, 37, [2944, 736, 3669]),
  // Its pictures are in cars_train/ and cars_test/, which the paths begin with.
  StanfordCars: split('stanford_cars', '', 'StanfordCars', TEMPLATES.stanfordCars, 196, [6509, 1635, 8041]),
  OxfordFlowers: split('oxford_flowers', 'jpg', 'OxfordFlowers', TEMPLATES.flowers102, 102, [4093, 1633, 2463]),
  Food101: split('food-101', 'images', 'Food101', TEMPLATES.food101, 101, [50_500, 20_200, 30_300]),
  FGVCAircraft: row('fgvc_aircraft', 'images', { kind: 'variants' }, TEMPLATES.fgvcAircraft, 100, [3334, 3333, 3333]),
  SUN397: split('sun397', 'SUN397', 'SUN397', TEMPLATES.sun397, 397, [15_880, 3970, 19_850]),
  DescribableTextures: split(
    'dtd',
    'images',
    'DescribableTextures',
    TEMPLATES.describableTextures,
    47,
    [2820, 1128, 1692],
  ),
  EuroSAT: split('eurosat', '2750', 'EuroSAT', TEMPLATES.euroSat, 10, [13_500, 5400, 8100]),
  UCF101: split('ucf101', 'UCF-101-midframes', 'UCF101', TEMPLATES.ucf101, 101, [7639, 1898, 3783]),
  ImageNetV2: row(
    'imagenetv2',
    'imagenetv2-matched-frequency-format-val',
    { kind: 'numbered' },
    TEMPLATES.imageNetV2,
    1000,
    [0, 0, 10_000],
  ),
  ImageNetSketch: row(
    'imagenet-sketch',
    'images',
    { kind: 'wordnetIds' },
    TEMPLATES.imageNetSketch,
    1000,
    [0, 0, 50_889],
  ),
  ImageNetA: row('imagenet-adversarial', 'imagenet-a', { kind: 'wordnetIds' }, TEMPLATES.imageNetA, 200, [0, 0, 7500]),
  ImageNetR: row('imagenet-rendition', 'imagenet-r', { kind: 'wordnetIds' }, TEMPLATES.imageNetR, 200, [0, 0, 30_000]),
} as const satisfies Record<string, Omit<PaperDatasetInfo, 'name' | 'otherNames'>>;

/** Name of a data set of the paper in the official configurations. */
export type PaperDatasetName = keyof typeof ENTRIES;

const OTHER_NAMES: Partial<Record<PaperDatasetName, readonly string[]>> = {
  OxfordFlowers: ['Flowers102'],
  DescribableTextures: ['DTD'],
};

/** The data sets of the paper's tables, ImageNet first, and after them ImageNet's four variants. */
export const PAPER_DATASETS: readonly (PaperDatasetInfo & { name: PaperDatasetName })[] = Object.entries(ENTRIES).map(
  ([name, entry]) => ({
    ...entry,
    name: name as PaperDatasetName,
    otherNames: OTHER_NAMES[name as PaperDatasetName] ?? [],
  }),
);

/**
 * A data set by its name in the official configurations or in the paper's tables, however it is spelt: `EuroSAT`,
 * `euro-sat`, `DTD`, `describable_textures`.
 * @throws MapleError when there is none of this name
 */
export function findPaperDataset(name: string): PaperDatasetInfo & { name: PaperDatasetName } {
  const found = PAPER_DATASETS.find((info) =>
    [info.name, ...info.otherNames].some((own) => plain(own) === plain(name)),
  );
  if (found === undefined) {
    const known = PAPER_DATASETS.map((info) => info.name);
    throw new MapleError(
      `The paper's data sets are ${known.join(', ')}. Received: ${JSON.stringify(name)}.${proposal(name, known)}`,
    );
  }
  return found;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function split(folder: string, pictures: string, name: string, template: string, classes: number, sizes: Sizes) {
  return row(folder, pictures, { kind: 'splitFile', file: `split_zhou_${name}.json` }, template, classes, sizes);
}

function row(
  folder: string,
  pictures: string,
  layout: PaperLayout,
  template: string,
  classes: number,
  [train, validation, test]: Sizes,
) {
  return {
    folder,
    pictures,
    layout,
    template,
    classes,
    sizes: { train, validation, test },
    testOnly: train === 0,
  };
}
