import { MapleError } from '../../layers/errors.js';
import type { Fields } from './json_fields.js';

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

/**
 * Refuses what is not known, not off and not supported: such a field changes what the model computes.
 * @param known - fields that are read, or change nothing
 * @param supported - fields with the one value that they may have
 */
export function refuseUnknown(group: string, fields: Fields, known: readonly string[], supported: Fields): void {
  for (const [field, value] of Object.entries(fields)) {
    if (known.includes(field) || isOff(value)) {
      continue;
    }
    if (!(field in supported)) {
      failField(group, field, 'be absent or off: it changes what the model computes and is not supported', value);
    }
    if (value !== supported[field]) {
      failField(group, field, `be ${String(supported[field])}; others are not supported`, value);
    }
  }
}

/** Refuses a model in which a field has another value, or none. */
export function requireFields(group: string, fields: Fields, required: Fields): void {
  for (const [field, value] of Object.entries(required)) {
    if (fields[field] !== value) {
      failField(group, field, `be ${String(value)} for this image tower`, fields[field]);
    }
  }
}

function isOff(value: unknown): boolean {
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return value === null || value === undefined || value === false || isEmpty;
}

/** The side of square pictures or patches in pixels, which open_clip also writes as [height, width]. */
export function side(fields: Fields, field: string): number {
  const value = fields[field];
  if (!Array.isArray(value)) {
    return value as number;
  }
  if (value.length !== 2 || value[0] !== value[1]) {
    failField('vision_cfg', field, 'be square', value);
  }
  return value[0] as number;
}
