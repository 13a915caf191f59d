/**
 * The error every part of the library throws for what a caller can mend: a bad argument, file or data set.
 * Its message tells what was wrong, where, what was expected and what to do. Other errors are defects.
 */
export class MapleError extends Error {
  override readonly name = 'MapleError';
}
