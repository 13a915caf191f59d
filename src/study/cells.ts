import { MapleError } from '../../layers/errors.js';
import { checkKnown, proposal, type SettingNames } from '../../layers/known_names.js';
import type { TowersConfig } from '../backbone/contract.js';
import type { DesignOptions } from '../prompting/presets.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import { clipTemplates } from '../prompting/templates.js';
import type { Recipe } from '../training/recipe.js';
import { studyCell, type StudyCell } from './cell.js';
import type { Protocol, RecipeOf, StudyData } from './study_data.js';

/** Which runs of a protocol a study has. */
export interface CellChoice {
  data: Pick<StudyData, 'datasets' | 'source' | 'domains'>;
  methods: readonly RunMethod[];
  seeds: readonly number[];
  recipeOf: RecipeOf;
  /** Default: all of the data. */
  datasets?: readonly string[];
  /** Default: `test`. */
  split?: 'test' | 'validation';
}

const CHOICE: SettingNames<CellChoice> = {
  data: true,
  methods: true,
  seeds: true,
  recipeOf: true,
  datasets: true,
  split: true,
};

/** What can be varied in an ablation. */
export const ABLATIONS = ['depth', 'length', 'coupling', 'initialization', 'classPosition', 'templates'] as const;

/** See {@link ABLATIONS}. */
export type Ablation = (typeof ABLATIONS)[number];

/** The ablations of the MaPLe paper (its section 4.5). */
export const MAPLE_ABLATIONS: readonly Ablation[] = ['depth', 'length', 'coupling', 'initialization'];

/** Shots of the few-shot curves. */
export const FEW_SHOTS: readonly number[] = [1, 2, 4, 8, 16];

/** Lengths of the length ablation (MaPLe, figure 4). */
const LENGTHS = [1, 2, 4, 8];

/** Methods that differ in nothing but how the towers' prompts are bound to each other. */
const COUPLINGS: readonly [string, RunMethod][] = [
  ['none', 'deepLanguage'],
  ['independent', 'ivlp'],
  ['unified', 'unifiedMaple'],
  ['per layer', 'maple'],
];

/** Base-to-new: each seed's tables are whole before the next seed begins. */
export function baseToNewCells(choice: CellChoice): StudyCell[] {
  checkKnown('baseToNewCells', choice, CHOICE);
  return product(choice, 'base-to-new', ({ recipe }) => [{ recipe }]);
}

/** Gallery: one look at each data set and method. */
export function galleryCells(choice: CellChoice): StudyCell[] {
  checkKnown('galleryCells', choice, CHOICE);
  return product(choice, 'gallery', ({ recipe }) => [{ recipe }]);
}

/** Cross-dataset evaluation and domain generalisation, both from the same run. */
export function transferCells(choice: CellChoice): StudyCell[] {
  checkKnown('transferCells', choice, CHOICE);
  const { source, domains } = choice.data;
  const targets = (choice.datasets ?? choice.data.datasets).filter((name) => name !== source);
  return product({ ...choice, datasets: [source] }, 'transfer', ({ recipe }) => [{ recipe, targets, domains }]);
}

/** Few-shot classification; zero-shot has no number of shots. */
export function fewShotCells(choice: CellChoice & { shots?: readonly number[] }): StudyCell[] {
  checkKnown('fewShotCells', choice, { ...CHOICE, shots: true });
  const { shots = FEW_SHOTS, recipeOf } = choice;
  const recipeFor = (method: RunMethod, count: number) => ({ ...recipeOf(method, 'few-shot', count), shots: count });
  return product(choice, 'few-shot', ({ recipe, method }) =>
    method === 'zeroShot' ? [{ recipe }] : shots.map((count) => ({ recipe: recipeFor(method, count) })),
  );
}

/** One value of what is varied. */
interface Variant {
  value: string;
  method: RunMethod;
  /** Whose recipe it is trained by. Default: the method's. */
  trainedAs?: RunMethod;
  design?: DesignOptions;
  templates?: readonly string[];
}

/**
 * Ablations as base-to-new runs: of MaPLe (its section 4.5) the depth from 1 to all layers, the length, the coupling at
 * one depth and length, the initialisation of the first prompt; of CoOp the class name's position (its section 3.1);
 * of zero-shot the texts whose features are averaged: the data's own, CLIP's 7 selected and its 80.
 */
export function ablationCells(
  choice: Omit<CellChoice, 'methods' | 'data'> & {
    data: CellChoice['data'] & Pick<StudyData, 'templates'>;
    config: TowersConfig;
    of?: readonly Ablation[];
  },
): StudyCell[] {
  // A choice of the other cells serves as well; its methods have no say here.
  checkKnown('ablationCells', choice, { ...CHOICE, config: true, of: true });
  const { config, of = MAPLE_ABLATIONS, recipeOf, data } = choice;
  const variants: Record<Ablation, () => Variant[]> = {
    depth: () => depths(config).map((depth) => ({ value: String(depth), method: 'maple', design: { depth } })),
    length: () => LENGTHS.map((length) => ({ value: String(length), method: 'maple', design: { length } })),
    coupling: () => {
      const { depth, length } = recipeOf('maple', 'base-to-new');
      const design = { depth: Math.min(depth, ...depths(config).slice(-1)), length };
      // All couplings are trained alike.
      return COUPLINGS.map(([value, method]) => ({ value, method, trainedAs: 'maple', design }));
    },
    initialization: () =>
      (['words', 'random'] as const).map((value) => ({ value, method: 'maple', design: { initialization: value } })),
    classPosition: () =>
      (['end', 'middle', 'front'] as const).map((value) => ({
        value,
        method: 'coop',
        design: { classPosition: value },
      })),
    templates: () => [
      ...(data.templates ? [averaged('own', data.templates)] : []),
      averaged("CLIP's", clipTemplates.selected),
      averaged("CLIP's", clipTemplates.imagenet80),
    ],
  };
  const wanted = of.flatMap((name) =>
    variants[name]().map(({ value, method, trainedAs = method, ...rest }) => {
      const recipe = recipeOf(trainedAs, 'base-to-new');
      return { setting: `${name}=${value}`, method, recipe, ...rest };
    }),
  );
  return product({ ...choice, methods: ['maple'] }, 'base-to-new', () => wanted);
}

function depths({ text, vision }: TowersConfig): number[] {
  return Array.from({ length: Math.min(text.layers, vision.layers) }, (_, index) => index + 1);
}

function averaged(whose: string, templates: readonly string[]): Variant {
  return { value: `${whose} ${templates.length}`, method: 'zeroShot', templates };
}

/**
 * Every seed, data set and method, in this order, as one or more cells. Zero-shot is run with the first seed only: it
 * draws nothing, so all seeds would give the same.
 * @throws MapleError for a data set that the data do not have
 */
function product(
  { data, datasets = data.datasets, methods, seeds, recipeOf, split = 'test' }: CellChoice,
  protocol: Protocol,
  variants: (of: { method: RunMethod; recipe: Recipe }) => (Partial<StudyCell> & { recipe: Recipe })[],
): StudyCell[] {
  const unknown = datasets.find((name) => !data.datasets.includes(name));
  if (unknown !== undefined) {
    const why = data.domains.includes(unknown) ? `${unknown} is for testing only. ` : '';
    throw new MapleError(
      `${why}The data sets are ${data.datasets.join(', ')}. Received: ${unknown}.${proposal(unknown, data.datasets)}`,
    );
  }
  const cells = seeds.flatMap((seed) =>
    datasets.flatMap((dataset) =>
      methods.flatMap((method) =>
        variants({ method, recipe: recipeOf(method, protocol) }).map((variant) =>
          studyCell({ protocol, dataset, method, seed, split, ...variant }),
        ),
      ),
    ),
  );
  return cells.filter(({ method, seed }) => method !== 'zeroShot' || seed === seeds[0]);
}
