import { MapleError } from '../layers/errors.js';
import { shown } from '../layers/known_names.js';

/**
 * The one phrasing of a setting out of its range.
 * @throws MapleError "`name` must be `expected`. Received: `value`." unless `holds`
 */
export function mustHold(name: string, value: unknown, holds: boolean, expected: string): void {
  if (!holds) {
    throw new MapleError(`\`${name}\` must be ${expected}. Received: ${shown(value)}.`);
  }
}
