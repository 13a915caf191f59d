/** The fields of an object read from a file, which may be anything. */
export type Fields = Record<string, unknown>;

/** What is wrong with a record, in words for the user. */
export class Problem extends Error {}

/** The fields of an object. */
export function fieldsOf(what: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem(`${what} must be an object. Received: ${shown(value)}.`);
  }
  return value as Fields;
}

/** A list, of so many values where `length` is given. */
export function mustBeList(name: string, value: unknown, length?: number): void {
  must(Array.isArray(value), name, 'a list', value);
  const { length: found } = value as unknown[];
  must(length === undefined || found === length, name, `a list of ${length}`, found);
}

/** A number that JSON can hold. */
export function mustBeNumber(name: string, value: unknown): void {
  must(typeof value === 'number' && Number.isFinite(value), name, 'a number', value);
}

/** An accuracy. */
export function mustBeShare(name: string, value: unknown): void {
  must(typeof value === 'number' && value >= 0 && value <= 1, name, 'a share from 0 to 1', value);
}

/**
 * @param name - the field
 * @param value - what stands in it
 */
export function must(holds: boolean, name: string, expected: string, value: unknown): void {
  if (!holds) {
    throw new Problem(`\`${name}\` must be ${expected}. Received: ${shown(value)}.`);
  }
}

/** A wrong value as JSON, not at length: the file is not trusted. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
