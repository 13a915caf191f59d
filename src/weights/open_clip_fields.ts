import { MapleError } from '../../layers/errors.js';

/** An object of unchecked JSON. */
export type Fields = Record<string, unknown>;

/** The file that open_clip describes a model in. */
export const OPEN_CLIP_CONFIG = 'open_clip_config.json';

/**
 * An object within another one, with what it leaves out.
 * @throws MapleError when it is something else
 */
export function fieldsOf(fields: Fields, key: string, defaults: Fields): Fields {
  const value = fields[key] ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new MapleError(`\`${key}\` of ${OPEN_CLIP_CONFIG} must be an object. Received: ${JSON.stringify(value)}.`);
  }
  return { ...defaults, ...value };
}

/** Throws for a field, in the one phrasing. */
export function failField(group: string, field: string, expected: string, value: unknown): never {
  throw new MapleError(
    `\`${group}.${field}\` of ${OPEN_CLIP_CONFIG} must ${expected}. Received: ${JSON.stringify(value)}.`,
  );
}
