/** One concept as one style draws it. */
export interface Drawing {
  /** Side in pixels. */
  size: number;
  /** RGBA, colour premultiplied by alpha, `size * size * 4` values. */
  data: Uint8Array;
}

/** Drawings of one style, by concept id, in the order of the concepts. */
export type Drawings = Map<string, Drawing>;
