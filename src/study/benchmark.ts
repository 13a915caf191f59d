import type { TowersConfig } from '../backbone/contract.js';
import { METHODS } from '../prompting/presets.js';
import type { RunMethod } from '../evaluation/run_methods.js';
import type { StudyCell } from './cell.js';
import {
  ablationCells,
  baseToNewCells,
  FEW_SHOTS,
  fewShotCells,
  galleryCells,
  MAPLE_ABLATIONS,
  transferCells,
  type Ablation,
  type CellChoice,
} from './cells.js';
import type { RecipeOf, StudyData } from './study_data.js';

/** What {@link benchmarkCells} makes the cells of. */
export interface BenchmarkChoice {
  data: Pick<StudyData, 'datasets' | 'source' | 'domains' | 'templates'>;
  recipeOf: RecipeOf;
  config: TowersConfig;
  /** Default: 1, 2, 3; quick: 1. */
  seeds?: readonly number[];
  /** A selection that ends within ten minutes. Default: false. */
  quick?: boolean;
}

/** What of the paper's experiments a benchmark has. */
interface Extent {
  seeds: readonly number[];
  baseToNew: { methods: readonly RunMethod[]; sets: number };
  transfer: { methods: readonly RunMethod[]; sets: number };
  fewShot: { methods: readonly RunMethod[]; sets: number; shots: readonly number[] };
  ablations: { of: readonly Ablation[]; sets: number };
  templates: { sets: number };
  gallery: { methods: readonly RunMethod[]; sets: number };
}

const FULL: Extent = {
  seeds: [1, 2, 3],
  baseToNew: { methods: METHODS, sets: Infinity },
  transfer: { methods: ['zeroShot', 'coop', 'cocoop', 'ivlp', 'maple'], sets: Infinity },
  fewShot: { methods: ['zeroShot', 'coop', 'maple'], sets: 2, shots: FEW_SHOTS },
  ablations: { of: MAPLE_ABLATIONS, sets: 2 },
  templates: { sets: Infinity },
  gallery: { methods: ['zeroShot', 'maple'], sets: 3 },
};

const QUICK: Extent = {
  seeds: [1],
  baseToNew: { methods: ['zeroShot', 'coop', 'ivlp', 'maple'], sets: 3 },
  transfer: { methods: ['zeroShot', 'maple'], sets: 3 },
  fewShot: { methods: ['zeroShot', 'maple'], sets: 1, shots: [1, 4] },
  ablations: { of: ['depth', 'coupling'], sets: 1 },
  templates: { sets: 3 },
  gallery: { methods: ['zeroShot', 'maple'], sets: 1 },
};

/**
 * All experiments of the paper on a study's data. Every table is whole with one seed before another seed begins, so that
 * a benchmark that is stopped early can be reported.
 */
export function benchmarkCells({ data, recipeOf, config, quick = false, ...rest }: BenchmarkChoice): StudyCell[] {
  const extent = quick ? QUICK : FULL;
  const { seeds = extent.seeds } = rest;
  const { baseToNew, transfer, fewShot, ablations, templates, gallery } = extent;
  const shared = (sets: number) => ({ data, recipeOf, seeds, datasets: someSets(data, sets) });
  const common = (methods: readonly RunMethod[], sets: number): CellChoice => ({ ...shared(sets), methods });
  const groups = [
    baseToNewCells(common(baseToNew.methods, baseToNew.sets)),
    transferCells(common(transfer.methods, transfer.sets)),
    fewShotCells({ ...common(fewShot.methods, fewShot.sets), shots: fewShot.shots }),
    ablationCells({ ...shared(ablations.sets), config, of: ablations.of }),
    ablationCells({ ...shared(templates.sets), config, of: ['templates'] }),
    galleryCells({ ...common(gallery.methods, gallery.sets), seeds: seeds.slice(0, 1) }),
  ];
  const cells = seeds.flatMap((seed) => groups.flatMap((group) => group.filter((cell) => cell.seed === seed)));
  return cells.sort((one, other) => turnOf(one, seeds[0]) - turnOf(other, seeds[0]));
}

/** When a cell's turn is: the first seed of all, then the main table's repetitions, last those that take longest. */
function turnOf({ seed, method, protocol, setting }: StudyCell, firstSeed: number): number {
  if (seed === firstSeed) {
    return 0;
  }
  if (method === 'cocoop') {
    return 3;
  }
  return protocol === 'base-to-new' && setting === undefined ? 1 : 2;
}

/** Data sets at even distances; the source, whose classes are of all kinds, only where all are wanted. */
function someSets({ datasets, source }: BenchmarkChoice['data'], count: number): readonly string[] {
  if (count >= datasets.length) {
    return datasets;
  }
  const others = datasets.filter((name) => name !== source);
  const length = Math.min(count, others.length);
  return Array.from({ length }, (_, place) => others[Math.floor(((place + 0.5) * others.length) / length)]);
}
