import { MapleError } from '../../layers/errors.js';
import type { ModelMetadata } from '../backbone/model_metadata.js';
import type { ImageStatistics } from '../clip/config.js';
import { briefResizing } from '../clip/image_statistics.js';
import type { Example } from '../data/dataset.js';
import type { Recipe } from './recipe.js';
import type { EpochRecord } from './epoch_record.js';

/** What a training is determined by; one that goes on must have the same. */
export interface TrainingSettings {
  backbone: ModelMetadata['backbone'];
  classNames: string[];
  design: ModelMetadata['design'];
  /** Layers of the towers that are learned too; absent where there are none. */
  learned?: string[];
  recipe: Recipe;
  seed: number;
  /** The training pictures: how many, and a number made of their labels and file names in order. */
  examples: { count: number; digest: number };
  /** How pictures are resized; what is as in CLIP is left out, and so is this where all of it is. */
  pictures?: Pick<ImageStatistics, 'fit' | 'filter'>;
}

/** A tensor's values under its name. */
export interface NamedValues {
  name: string;
  shape: number[];
  values: Float32Array;
}

/** The part of an epoch that was trained before a stop. */
export interface PartialEpoch {
  batches: number;
  pictures: number;
  /** Sums over the pictures. */
  loss: number;
  accuracy: number;
}

/**
 * All that a training needs to go on where it stopped, so that it ends with the weights and the history of one that was
 * never disturbed, to the last bit.
 */
export interface TrainingState {
  settings: TrainingSettings;
  /** Epochs that are done. */
  epoch: number;
  /** What is done of the next one; absent between epochs. */
  within?: PartialEpoch;
  /** Of the epochs that are done. */
  history: EpochRecord[];
  /** Seconds of training so far. */
  seconds: number;
  /** Steps of the optimiser. */
  steps: number;
  /** Prompts, couplers, the meta-net and learned layers of the towers, in the order of the model's layers. */
  weights: NamedValues[];
  /** What the optimiser keeps of each. */
  optimizer: NamedValues[];
}

/** What a training of `examples` is determined by. */
export function trainingSettings(
  { backbone, classNames, design, learned, imageStatistics: { fit, filter } }: ModelMetadata,
  { examples, recipe, seed }: { examples: readonly Example[]; recipe: Recipe; seed: number },
): TrainingSettings {
  const pictures = briefResizing({ fit, filter });
  return {
    backbone,
    classNames,
    design,
    ...(learned === undefined ? {} : { learned }),
    recipe,
    seed,
    examples: { count: examples.length, digest: digestOf(examples) },
    ...(Object.keys(pictures).length > 0 && { pictures }),
  };
}

/**
 * Makes sure that a state is one of these settings. A backbone may have been moved: its identity counts, not its name.
 * @throws MapleError naming the first field that differs, and both values
 */
export function mustBeOfSettings({ settings: was }: Pick<TrainingState, 'settings'>, now: TrainingSettings): void {
  const differs = firstDifference(fieldsOf(was), fieldsOf(now));
  if (differs !== undefined) {
    const [field, before, after] = differs;
    throw new MapleError(
      `The training that is to go on had other settings: its \`${field}\` was ${before}, and is now ${after}. ` +
        'Give it the settings it had, or begin a new one.',
    );
  }
}

function fieldsOf({ backbone, ...others }: TrainingSettings): object {
  return { backbone: { identity: backbone.identity }, ...others };
}

/** The path of the first leaf that differs, with both values as JSON. */
function firstDifference(one: unknown, other: unknown, path = ''): [string, string, string] | undefined {
  if (isObject(one) && isObject(other)) {
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const found = firstDifference(one[key], other[key], path === '' ? key : `${path}.${key}`);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }
  const [before, after] = [one, other].map((value) => JSON.stringify(value) ?? 'absent');
  return before === after ? undefined : [path, before, after];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/**
 * FNV-1a over labels and file names in order. Folders are left out, so that pictures may be moved as a whole and named
 * by another path.
 */
export function digestOf(examples: readonly Example[]): number {
  let state = 0x811c9dc5;
  for (const { label, name } of examples) {
    for (const character of `${label}\u0000${name.split(/[\\/]/).pop()}\u0000`) {
      state = Math.imul(state ^ (character.codePointAt(0) as number), 0x01000193);
    }
  }
  return state >>> 0;
}
