import { MapleError } from '../../layers/errors.js';
import { VERSION } from '../version.js';
import { parseStrictJson, type StrictJson } from './strict_json.js';

/** A JSON object whose fields are not yet checked. */
export type Fields = Record<string, unknown>;

/** Characters of a wrong value that a message shows: the file is untrusted and may be large. */
const SHOWN = 80;

/**
 * The fields of a JSON object from an untrusted file, each read with the type it must have. Every error names the file
 * and the field.
 */
export class JsonFields {
  private readonly read = new Set<string>();

  private constructor(
    private readonly file: string,
    private readonly path: string,
    private readonly fields: ReadonlyMap<string, StrictJson>,
  ) {}

  /**
   * The fields of a file's outermost object.
   * @param file - its name, for messages
   * @throws MapleError when the text is not a JSON object, or a key comes twice
   */
  static parse(file: string, text: string): JsonFields {
    let json: StrictJson;
    try {
      json = parseStrictJson(text);
    } catch (error) {
      throw new MapleError(`${file} must be JSON with no key twice: ${(error as Error).message}.`, { cause: error });
    }
    if (!(json instanceof Map)) {
      throw new MapleError(`${file} must hold a JSON object. Received: ${show(json)}.`);
    }
    return new JsonFields(file, '', json);
  }

  /** A string that is not empty. */
  text(key: string): string {
    return this.get(key, 'a string that is not empty', isText);
  }

  /** A string that may be empty. */
  anyText(key: string): string {
    return this.get(key, 'a string', (value) => typeof value === 'string');
  }

  /** A string that is not empty, or undefined where the field is null or not there. */
  optionalText(key: string): string | undefined {
    return (this.fields.get(key) ?? null) === null ? void this.read.add(key) : this.text(key);
  }

  /** One of some strings. */
  choice<T extends string>(key: string, choices: readonly T[]): T {
    const isChoice = (value: StrictJson | undefined): value is T => (choices as readonly unknown[]).includes(value);
    return this.get(key, choices.join(' or '), isChoice);
  }

  /** One of some strings, or undefined where the field is null or not there. */
  optionalChoice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    return (this.fields.get(key) ?? null) === null ? void this.read.add(key) : this.choice(key, choices);
  }

  /** An integer >= 0. */
  count(key: string): number {
    const value = this.get(key, 'an integer, 0 or more', isCount);
    return Number(value);
  }

  /** A list of strings that are not empty. */
  texts(key: string): string[] {
    const isTexts = (value: StrictJson | undefined): value is string[] => Array.isArray(value) && value.every(isText);
    return this.get(key, 'a list of strings that are not empty', isTexts);
  }

  /** A list of strings that are not empty, or undefined where the field is null or not there. */
  optionalTexts(key: string): string[] | undefined {
    return (this.fields.get(key) ?? null) === null ? void this.read.add(key) : this.texts(key);
  }

  /** An object of strings and lists of strings, none empty, or undefined where the field is null or not there. */
  optionalTextsByName(key: string): Record<string, string | string[]> | undefined {
    if ((this.fields.get(key) ?? null) === null) {
      return void this.read.add(key);
    }
    const isTexts = (value: StrictJson): value is string | string[] =>
      isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText));
    const value = this.get(
      key,
      'an object of strings and lists of strings that are not empty',
      (candidate): candidate is Map<string, string | string[]> =>
        candidate instanceof Map && [...candidate.values()].every(isTexts),
    );
    return Object.fromEntries(value);
  }

  /** Three finite numbers. */
  triple(key: string): [number, number, number] {
    const value = this.get(key, 'three numbers', isTriple);
    return value.map(Number) as [number, number, number];
  }

  /** The fields of an object within this one. */
  object(key: string): JsonFields {
    const value = this.get(key, 'an object', (candidate) => candidate instanceof Map);
    return new JsonFields(this.file, `${this.path}${key}.`, value);
  }

  /** Fields that nobody has asked for, by their path. */
  unread(): string[] {
    return [...this.fields.keys()].filter((key) => !this.read.has(key)).map((key) => this.path + key);
  }

  /**
   * Makes sure that a file of this library's own is of the format that this version reads.
   * @returns the version that wrote it
   */
  ofFormat(format: number): string {
    const writer = this.text('tfjs_maple_version');
    if (this.count('format_version') !== format) {
      this.fail(
        'format_version',
        `${format}, the one that tfjs-maple ${VERSION} reads (written by ${writer}; upgrade)`,
      );
    }
    return writer;
  }

  /** Throws for a field, in the one phrasing. */
  fail(key: string, expected: string): never {
    const received = this.fields.has(key) ? show(this.fields.get(key) as StrictJson) : 'nothing';
    throw new MapleError(`\`${this.path}${key}\` of ${this.file} must be ${expected}. Received: ${received}.`);
  }

  private get<T extends StrictJson>(
    key: string,
    expected: string,
    isRight: (value: StrictJson | undefined) => value is T,
  ): T {
    this.read.add(key);
    const value = this.fields.get(key);
    return isRight(value) ? value : this.fail(key, expected);
  }
}

function isText(value: StrictJson | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function isCount(value: StrictJson | undefined): value is bigint {
  return typeof value === 'bigint' && value >= 0n && value <= Number.MAX_SAFE_INTEGER;
}

function isTriple(value: StrictJson | undefined): value is (number | bigint)[] {
  const isNumber = (item: StrictJson): boolean => typeof item === 'bigint' || typeof item === 'number';
  return Array.isArray(value) && value.length === 3 && value.every((item) => isNumber(item) && isFinite(Number(item)));
}

function show(value: StrictJson): string {
  if (value instanceof Map || Array.isArray(value)) {
    return value instanceof Map ? 'an object' : 'a list';
  }
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
