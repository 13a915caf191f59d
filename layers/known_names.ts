import { MapleError } from './errors.js';

/** The names of all settings of a kind: the compiler holds that none is missing, and that there is no other. */
export type SettingNames<Settings> = Readonly<Record<keyof Settings, true>>;

/**
 * Refuses what nobody would read: a setting of an unknown name.
 * @param what - whose settings they are, for the message
 * @param names - of all that are known
 * @throws MapleError naming the setting, the nearest that is known, and all of them
 */
export function checkKnown(what: string, settings: object, names: Readonly<Record<string, true>>): void {
  const known = Object.keys(names);
  const unknown = Object.keys(settings).find(
    // tfjs adds `customObjects` to the configuration of what it loads.
    (name) =>
      name !== 'customObjects' && !known.includes(name) && (settings as Record<string, unknown>)[name] !== undefined,
  );
  if (unknown !== undefined) {
    throw new MapleError(
      `${what} has no setting \`${unknown}\`.${proposal(unknown, known)} Known are ${known.join(', ')}.`,
    );
  }
}

/** The known name that another may have meant, as a sentence that follows; empty where none is like it. */
export function proposal(name: string, known: readonly string[]): string {
  const plain = name.toLowerCase();
  const [within, ...more] = known.filter((candidate) => candidate.toLowerCase().includes(plain) && plain.length > 2);
  if (within !== undefined && more.length === 0) {
    return ` Do you mean \`${within}\`?`;
  }
  const [nearest] = known
    .map((candidate) => ({ candidate, steps: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((one, other) => one.steps - other.steps);
  return nearest !== undefined && nearest.steps <= Math.max(2, name.length / 3)
    ? ` Do you mean \`${nearest.candidate}\`?`
    : '';
}

/** Levenshtein's distance: insertions, deletions and replacements of a letter. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let letter = 1; letter <= one.length; letter++) {
    const next = [letter];
    for (let column = 1; column <= other.length; column++) {
      const replaced = row[column - 1] + (one[letter - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[column] + 1, next[column - 1] + 1));
    }
    row = next;
  }
  return row[other.length];
}

/** A value as messages show it: a text in quotes, so that "2" is told from 2. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return `"${value}"`;
  }
  if (Array.isArray(value)) {
    return value.map(shown).join(',') || 'none';
  }
  return typeof value === 'function' ? 'a function' : String(value);
}
