/** The heads there are, by the ids of their methods. */
export const HEADS = ['tipAdapter', 'tipAdapterF', 'lpPlusPlus'] as const;

/** Which head. */
export type HeadKind = (typeof HEADS)[number];

/** What a head says of itself, in a model's metadata and in records. */
export interface HeadSettings {
  kind: HeadKind;
  /** Most training pictures of a class. */
  shots: number;
  /** Numbers that were fitted: keys, or kernel, bias and text scale; 0 where the training pictures are only kept. */
  trainedParameters: number;
  /** Tip-Adapter's weight of the cache, and how fast a key's say falls with distance. */
  alpha?: number;
  beta?: number;
  /** Passes over the training pictures. */
  epochs?: number;
  /** Full-batch steps. */
  steps?: number;
  /**
   * What alpha and beta were chosen on: `validation` pictures; `training` pictures held out of the keys in turn; `paper`:
   * nothing, the paper's first guess, since no class has two pictures.
   */
  chosenOn?: 'validation' | 'training' | 'paper';
}

/** Tip-Adapter's head: keys and their classes (see `layers.cacheLogits`). */
export interface CacheHead {
  settings: HeadSettings & { kind: 'tipAdapter' | 'tipAdapterF'; alpha: number; beta: number };
  /** [keys, width], row by row. */
  keys: Float32Array;
  /** The class of each key. */
  labels: number[];
  width: number;
  classes: number;
}

/** LP++'s head: a linear probe that also reads the texts (see `layers.probeLogits`). */
export interface ProbeHead {
  settings: HeadSettings & { kind: 'lpPlusPlus' };
  /** [width, classes], row by row. */
  kernel: Float32Array;
  /** [classes]. */
  bias: Float32Array;
  /** [classes]. */
  textScale: Float32Array;
  width: number;
  classes: number;
}

/** A fitted head. */
export type Head = CacheHead | ProbeHead;

/** Whether a name is a head's. */
export function isHeadKind(name: string): name is HeadKind {
  return (HEADS as readonly string[]).includes(name);
}
