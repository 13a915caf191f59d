import type { SettingNames } from '../../layers/known_names.js';
import type { Example, ImageDataset } from '../data/dataset.js';
import { Random } from '../random.js';
import type { Concept } from './concepts.js';
import type { Drawing, Drawings } from './drawing.js';
import { renderScene, type SceneOptions } from './scenes.js';

/** How many scenes a data set has, and of what kind. */
export interface SceneChoice {
  /** Training scenes a class; default 16. */
  shots?: number;
  /** Validation scenes a class; default 4. */
  validationShots?: number;
  /** Test scenes a class; default 20. */
  testScenes?: number;
  /** Decides the training scenes, and nothing else; default 1. */
  seed?: number;
  /** Side of a scene in pixels; default 64. */
  size?: number;
  /** How scenes are made, where not as usual. */
  scene?: Partial<SceneOptions>;
}

/** The names of {@link SceneChoice}. */
export const SCENE_CHOICE: SettingNames<SceneChoice> = {
  shots: true,
  validationShots: true,
  testScenes: true,
  seed: true,
  size: true,
  scene: true,
};

/** What {@link sceneDataset} makes scenes of. */
export interface SceneDatasetArgs extends SceneChoice {
  name: string;
  /** The classes, in the order of the labels. */
  concepts: readonly Concept[];
  /** A drawing of every concept. */
  drawings: Drawings;
  /** Names the random streams: the same scenes may be made with drawings in other paint. */
  style: string;
  /** Begins the examples' names. Default: the style. */
  origin?: string;
}

/** Decides the choice of classes and the scenes to test on: the same for every method, seed and run. */
export const FIXED_SEED = 20230618;

/**
 * Concepts as a data set, each example a scene. Scenes of the three splits come from separate random streams, and a
 * scene depends on nothing but its style, concept, split and index, and in training on the seed.
 */
export function sceneDataset(args: SceneDatasetArgs): ImageDataset {
  const { name, concepts, drawings, style, origin = style, seed = 1, size = 64 } = args;
  const { shots = 16, validationShots = 4, testScenes = 20 } = args;
  const scenes = (split: string, count: number, random: Random): Example[] =>
    concepts.flatMap((concept, label) =>
      Array.from({ length: count }, (_, index) => {
        const draw = () =>
          renderScene(drawings.get(concept.id) as Drawing, random.fork(split, style, concept.id, index), {
            ...args.scene,
            size,
          });
        return { label, name: `${origin}/${concept.label}/${split}-${index}`, load: async () => draw() };
      }),
    );
  const fixed = new Random(FIXED_SEED);
  return {
    name,
    classNames: concepts.map((concept) => concept.label),
    train: scenes('train', shots, new Random(seed)),
    validation: scenes('validation', validationShots, fixed),
    test: scenes('test', testScenes, fixed),
    template: 'a photo of a {}.',
  };
}
