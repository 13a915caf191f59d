import { note } from '../node/notes.js';

/** Says that the answers of a classifier of a single class say nothing. */
export function warnOfOneClass(classNames: readonly string[]): void {
  if (classNames.length === 1) {
    note(
      `There is one class only, "${classNames[0]}": every picture is taken for it, with 100%, whatever it shows. Name ` +
        'what else the pictures may show too.',
    );
  }
}
