import type { ClipConfig } from '../clip/config.js';
import type { DesignOptions, Method } from '../prompting/presets.js';
import { clipTemplates } from '../prompting/templates.js';
import type { Recipe } from '../training/recipe.js';
import { studyCell, type StudyCell } from './cell.js';
import type { Protocol, RecipeOf, StudyData } from './study_data.js';

/** Which runs of a protocol a study has. */
export interface CellChoice {
  data: Pick<StudyData, 'datasets' | 'source' | 'domains'>;
  methods: readonly Method[];
  seeds: readonly number[];
  recipeOf: RecipeOf;
  /** Default: all of the data. */
  datasets?: readonly string[];
  /** Default: `test`. */
  split?: 'test' | 'validation';
}

/** What is varied in an ablation. */
export const ABLATIONS = ['depth', 'length', 'coupling', 'initialization'] as const;

/** See {@link ABLATIONS}. */
export type Ablation = (typeof ABLATIONS)[number];

/** Shots of the few-shot curves. */
export const FEW_SHOTS: readonly number[] = [1, 2, 4, 8, 16];

/** Lengths of the length ablation (MaPLe, figure 4). */
const LENGTHS = [1, 2, 4, 8];

/** Methods that differ in nothing but how the towers' prompts are bound to each other. */
const COUPLINGS: readonly [string, Method][] = [
  ['none', 'deepLanguage'],
  ['independent', 'ivlp'],
  ['unified', 'unifiedMaple'],
  ['per layer', 'maple'],
];

/** Base-to-new: each seed's tables are whole before the next seed begins. */
export function baseToNewCells(choice: CellChoice): StudyCell[] {
  return product(choice, 'base-to-new', ({ recipe }) => [{ recipe }]);
}

/** Gallery: one look at each data set and method. */
export function galleryCells(choice: CellChoice): StudyCell[] {
  return product(choice, 'gallery', ({ recipe }) => [{ recipe }]);
}

/** Cross-dataset evaluation and domain generalisation, both from the same run. */
export function transferCells(choice: CellChoice): StudyCell[] {
  const { source, domains } = choice.data;
  const targets = (choice.datasets ?? choice.data.datasets).filter((name) => name !== source);
  return product({ ...choice, datasets: [source] }, 'transfer', ({ recipe }) => [{ recipe, targets, domains }]);
}

/** Few-shot classification; zero-shot has no number of shots. */
export function fewShotCells(choice: CellChoice & { shots?: readonly number[] }): StudyCell[] {
  const { shots = FEW_SHOTS } = choice;
  return product(choice, 'few-shot', ({ recipe, method }) =>
    method === 'zeroShot' ? [{ recipe }] : shots.map((count) => ({ recipe: { ...recipe, shots: count } })),
  );
}

/**
 * Ablations of MaPLe (its section 4.5), as base-to-new runs: depth from 1 to all layers, length, coupling at one depth
 * and length, initialisation of the first prompt.
 */
export function ablationCells(
  choice: Omit<CellChoice, 'methods'> & { config: ClipConfig; of?: readonly Ablation[] },
): StudyCell[] {
  const { config, of = ABLATIONS } = choice;
  const layers = Math.min(config.text.layers, config.vision.layers);
  const { depth: usual, length } = choice.recipeOf('maple', 'base-to-new');
  const depth = Math.min(usual, layers);
  const settings: Record<Ablation, [string, Method, DesignOptions][]> = {
    depth: Array.from({ length: layers }, (_, index) => [`depth=${index + 1}`, 'maple', { depth: index + 1 }]),
    length: LENGTHS.map((each) => [`length=${each}`, 'maple', { length: each }]),
    coupling: COUPLINGS.map(([name, method]) => [`coupling=${name}`, method, { depth, length }]),
    initialization: (['words', 'random'] as const).map((each) => [
      `initialization=${each}`,
      'maple',
      { initialization: each },
    ]),
  };
  const wanted = of.flatMap((name) => settings[name]);
  // All couplings are trained alike, by MaPLe's recipe.
  return product({ ...choice, methods: ['maple'] }, 'base-to-new', ({ recipe }) =>
    wanted.map(([setting, method, design]) => ({ recipe, setting, method, design })),
  );
}

/**
 * Zero-shot with the features of several texts averaged, base to new: the data's own texts, CLIP's 7 selected and all of
 * its 80.
 */
export function templateCells(choice: Omit<CellChoice, 'methods'> & { templates?: readonly string[] }): StudyCell[] {
  const { selected, imagenet80 } = clipTemplates;
  const texts: [string, readonly string[]][] = [
    [`CLIP's ${selected.length}`, selected],
    [`CLIP's ${imagenet80.length}`, imagenet80],
  ];
  if (choice.templates) {
    texts.unshift([`own ${choice.templates.length}`, choice.templates]);
  }
  return product({ ...choice, methods: ['zeroShot'] }, 'base-to-new', ({ recipe }) =>
    texts.map(([name, templates]) => ({ recipe, setting: `templates=${name}`, templates })),
  );
}

/**
 * Every seed, data set and method, in this order, as one or more cells. Zero-shot is run with the first seed only: it
 * draws nothing, so all seeds would give the same.
 */
function product(
  { data, datasets = data.datasets, methods, seeds, recipeOf, split = 'test' }: CellChoice,
  protocol: Protocol,
  variants: (of: { method: Method; recipe: Recipe }) => (Partial<StudyCell> & { recipe: Recipe })[],
): StudyCell[] {
  const drawing = methods.filter((method) => method !== 'zeroShot');
  return seeds.flatMap((seed, index) =>
    datasets.flatMap((dataset) =>
      (index === 0 ? methods : drawing).flatMap((method) =>
        variants({ method, recipe: recipeOf(method, protocol) }).map((variant) =>
          studyCell({ protocol, dataset, method, seed, split, ...variant }),
        ),
      ),
    ),
  );
}
