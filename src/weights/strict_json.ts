/** A JSON value as it was written: objects as Maps in order, integers exact, other numbers apart from them. */
export type StrictJson = Map<string, StrictJson> | StrictJson[] | string | bigint | number | boolean | null;

/** Nested deeper than this is an attack on the stack, not a header. */
const DEEPEST = 16;

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/sy;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const LITERAL = /true|false|null/y;

/**
 * Parses JSON and refuses a key given twice in one object, which JSON.parse lets win in silence. Objects become Maps, so
 * that a key named `__proto__` is a key; an integer becomes a bigint, so that 1.0 and 1 differ and none is rounded.
 * @throws SyntaxError with the position
 */
export function parseStrictJson(text: string): StrictJson {
  let position = 0;

  const fail = (problem: string): never => {
    throw new SyntaxError(`${problem} at character ${position}`);
  };
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    position += match?.[0].length ?? 0;
    return match;
  };
  const takeCharacter = (character: string): boolean => {
    take(SPACE);
    const found = text[position] === character;
    position += found ? 1 : 0;
    return found;
  };
  const string = (): string => {
    take(SPACE);
    const match = take(STRING) ?? fail('Expected a string');
    try {
      return JSON.parse(match[0]) as string;
    } catch {
      return fail('Malformed string');
    }
  };
  const list = (depth: number): StrictJson[] => {
    const items: StrictJson[] = [];
    if (takeCharacter(']')) {
      return items;
    }
    do {
      items.push(value(depth));
    } while (takeCharacter(','));
    return takeCharacter(']') ? items : fail('Expected "," or "]"');
  };
  const object = (depth: number): Map<string, StrictJson> => {
    const entries = new Map<string, StrictJson>();
    if (takeCharacter('}')) {
      return entries;
    }
    do {
      const key = string();
      if (entries.has(key)) {
        fail(`The key ${JSON.stringify(key)} is given twice, the second ending`);
      }
      if (!takeCharacter(':')) {
        fail('Expected ":"');
      }
      entries.set(key, value(depth));
    } while (takeCharacter(','));
    return takeCharacter('}') ? entries : fail('Expected "," or "}"');
  };
  const value = (depth: number): StrictJson => {
    if (depth > DEEPEST) {
      fail(`Nested deeper than ${DEEPEST}`);
    }
    if (takeCharacter('{')) {
      return object(depth + 1);
    }
    if (takeCharacter('[')) {
      return list(depth + 1);
    }
    if (text[position] === '"') {
      return string();
    }
    const number = take(NUMBER);
    if (number !== null) {
      return number[1] === undefined && number[2] === undefined ? BigInt(number[0]) : Number(number[0]);
    }
    const literal = take(LITERAL) ?? fail('Expected a value');
    return JSON.parse(literal[0]) as boolean | null;
  };

  const result = value(0);
  take(SPACE);
  return position === text.length ? result : fail('Expected nothing more');
}
