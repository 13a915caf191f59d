/** A labelled picture that a data set lists; its file is opened when asked for. */
export interface ListedPicture {
  label: number;
  /** Absolute. */
  path: string;
}

/** All that a data set's files say, before anything is drawn. */
export interface Listing {
  /** By label. */
  classNames: string[];
  train: ListedPicture[];
  validation: ListedPicture[];
  test: ListedPicture[];
}

/** What is wrong with a long list: how many, and the first few. */
export function firstFew(things: readonly string[], most = 5): string {
  const shown = things.slice(0, most).map((thing) => `\n  - ${thing}`);
  return `${shown.join('')}${things.length > most ? `\n  - and ${things.length - most} more` : ''}`;
}
