import { MapleError } from '../../layers/errors.js';
import { proposal, shown } from '../../layers/known_names.js';
import type { TowersConfig } from '../backbone/contract.js';
import { METHODS, type Method } from '../prompting/presets.js';
import type { StudyCell } from './cell.js';
import { ablationCells, baseToNewCells, fewShotCells, transferCells, type CellChoice } from './cells.js';
import type { RecipeOf, StudyData } from './study_data.js';

/** What of a table's runs is wanted. */
export interface ReproductionChoice {
  data: StudyData;
  recipeOf: RecipeOf;
  config: TowersConfig;
  /** Default: the table's own. */
  methods?: readonly Method[];
  /** Data sets, or domains where the table is of those. Default: all. */
  datasets?: readonly string[];
  /** Default: 1, 2, 3. */
  seeds?: readonly number[];
}

/** A table (or figure) of the paper that can be run again. */
interface Reproduction {
  /** What it shows and where it is in the paper. */
  about: string;
  methods: readonly Method[];
  /** Which of the data are its own. */
  of: 'datasets' | 'domains' | 'both';
  cells(choice: CellChoice, more: { config: TowersConfig; domains: readonly string[] }): StudyCell[];
}

const COMPARED: readonly Method[] = ['zeroShot', 'coop', 'cocoop', 'maple'];

const TABLES = {
  'zero-shot': {
    about:
      'CLIP by itself, base and new classes (table 3, CLIP): trains nothing, and shows whether data, weights and pictures are read right. Run it first.',
    methods: ['zeroShot'],
    of: 'datasets',
    cells: baseToNewCells,
  },
  'base-to-new': {
    about: 'tuned on half of the classes, both halves tested (table 3)',
    methods: COMPARED,
    of: 'datasets',
    cells: baseToNewCells,
  },
  variants: {
    about: 'prompts in one tower or both, not coupled and coupled, base to new (table 1)',
    methods: ['vpt', 'deepLanguage', 'ivlp', 'maple'],
    of: 'datasets',
    cells: baseToNewCells,
  },
  'cross-dataset': {
    about: 'tuned on all of ImageNet, tested on the ten other data sets (table 4)',
    methods: ['coop', 'cocoop', 'maple'],
    of: 'datasets',
    cells: (choice) => transferCells(withoutDomains(choice)),
  },
  'domain-generalisation': {
    about: 'tuned on all of ImageNet, tested on its four variants (table 5)',
    methods: COMPARED,
    of: 'domains',
    cells: (choice, { domains }) => transferCells({ ...choice, datasets: [], data: { ...choice.data, domains } }),
  },
  transfer: {
    about: 'the two before from one training: takes half of their time (tables 4 and 5)',
    methods: COMPARED,
    of: 'both',
    cells: (choice, { domains }) => transferCells({ ...choice, data: { ...choice.data, domains } }),
  },
  'few-shot': {
    about:
      'tuned on 1, 2, 4, 8 and 16 pictures of all classes; the paper has no such table, so nothing to compare with',
    methods: ['zeroShot', 'coop', 'maple'],
    of: 'datasets',
    cells: fewShotCells,
  },
  ablations: {
    about: 'MaPLe’s depth, length, coupling and initialisation, base to new (section 4.5)',
    methods: ['maple'],
    of: 'datasets',
    cells: ({ data, seeds, recipeOf, datasets }, { config }) =>
      ablationCells({ data, seeds, recipeOf, datasets, config }),
  },
} as const satisfies Record<string, Reproduction>;

/** Name of what `tfjs-maple reproduce` runs. */
export type ReproductionName = keyof typeof TABLES;

/** What can be reproduced: name, and what it is. */
export const REPRODUCTIONS: readonly { name: ReproductionName; about: string; methods: readonly Method[] }[] = (
  Object.keys(TABLES) as ReproductionName[]
).map((name) => ({ name, about: TABLES[name].about, methods: TABLES[name].methods }));

/**
 * The runs behind one of the paper's tables.
 * @throws MapleError for a name, method or data set that the table does not have
 */
export function reproductionCells(name: string, choice: ReproductionChoice): StudyCell[] {
  const table = findTable(name);
  const { data, methods = table.methods, seeds = [1, 2, 3], datasets: wanted, config, recipeOf } = choice;
  const own = { datasets: data.datasets, domains: data.domains, both: [...data.datasets, ...data.domains] }[table.of];
  const unknown = wanted?.find((each) => !own.includes(each));
  if (unknown !== undefined) {
    const why = data.domains.includes(unknown) ? `${unknown} is for testing only. ` : '';
    throw new MapleError(`${why}\`${name}\` is of ${own.join(', ')}. Received: ${shown(unknown)}.`);
  }
  if (name === 'ablations' && methods.some((method) => method !== 'maple')) {
    throw new MapleError(`\`ablations\` are of maple. Received: ${methods.join(', ')}.`);
  }
  const among = (names: readonly string[]): readonly string[] => names.filter((each) => wanted?.includes(each) ?? true);
  const ordered = METHODS.filter((method) => methods.includes(method));
  const [datasets, domains] = [among(data.datasets), among(data.domains)];
  return table.cells({ data, recipeOf, seeds, methods: ordered, datasets }, { config, domains });
}

function findTable(name: string): Reproduction {
  if (!Object.hasOwn(TABLES, name)) {
    throw noTable(name);
  }
  return TABLES[name as ReproductionName];
}

/** What is told of a name that no table has; one like `table3` is looked for in what the tables are. */
export function noTable(name: string): MapleError {
  const [, word = '', digits] = /^([a-z]+)[\s_-]*(\d+)$/i.exec(name) ?? [];
  const number = proposal(word, ['table']) === '' ? undefined : digits;
  const numbered = REPRODUCTIONS.filter(
    ({ about }) => number !== undefined && new RegExp(`\\btables? ${number}\\b`, 'i').test(about),
  );
  const names = Object.keys(TABLES);
  const meant = numbered.length > 0 ? ` Do you mean ${numbered.map((table) => `\`${table.name}\``).join(' or ')}?` : '';
  return new MapleError(
    `What can be reproduced is ${names.join(', ')}. Received: "${name}".${meant || proposal(name, names)} ` +
      'See `reproduce --list`.',
  );
}

function withoutDomains(choice: CellChoice): CellChoice {
  return { ...choice, data: { ...choice.data, domains: [] } };
}
