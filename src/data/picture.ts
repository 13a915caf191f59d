/** A decoded picture: 8-bit red, green and blue, interleaved, row by row from the top left. */
export interface Picture {
  /** Pixels a row. */
  width: number;
  /** Number of rows. */
  height: number;
  /** `width * height * 3` values. */
  data: Uint8Array;
}

/** What becomes of the orientation that a camera notes in a picture's file (EXIF). */
export type Orientation = 'ignore' | 'apply';
