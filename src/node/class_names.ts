import { MapleError } from '../../layers/errors.js';

/**
 * Classes whose names differ only in case, in underscores for spaces, or in how a letter is encoded come to one and the same
 * prompt, so that no model can tell them apart.
 * @throws MapleError naming two such classes
 */
export function mustDiffer(path: string, classNames: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of classNames) {
    const said = name.normalize('NFKC').toLowerCase().replaceAll('_', ' ').trim().replaceAll(/\s+/g, ' ');
    const known = seen.get(said);
    if (said === '' || known !== undefined) {
      throw new MapleError(
        `The classes of ${path} must have names that differ in more than case, spaces and underscores. ` +
          `Received: ${known === undefined ? '' : `${JSON.stringify(known)} and `}${JSON.stringify(name)}. ` +
          'Rename one of them, or put their pictures together.',
      );
    }
    seen.set(said, name);
  }
}
