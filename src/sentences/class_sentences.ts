import { MapleError } from '../../layers/errors.js';

/** A class's own words in its name's place: one description, or several whose vectors are averaged. */
export type Descriptions = Readonly<Record<string, string | readonly string[]>>;

/** What the sentences of classes are made from. */
export interface SentenceOptions {
  /** By class name; a class without one is told by its name. */
  descriptions?: Descriptions;
  /** Texts with `{}` in the class name's place, for classes without a description; several are averaged. */
  templates?: readonly string[];
  /** Words before the class name where there is neither. */
  prefix: string;
}

/**
 * The sentences that stand for each class: its descriptions word for word, or the templates with its name, or
 * `{prefix} {class name}.`; underscores of names are read as spaces.
 * @returns one or more sentences a class, in the order of the names
 * @throws MapleError for no classes, names that are empty or read the same, an empty description, a template without `{}`
 */
export function sentencesOf(
  classNames: readonly string[],
  { descriptions = {}, templates, prefix }: SentenceOptions,
): string[][] {
  checkNames(classNames);
  checkTemplates(templates);
  const own = new Map(Object.entries(descriptions));
  return classNames.map((name) => {
    const described = own.get(name);
    if (described !== undefined) {
      return checkedDescriptions(name, described);
    }
    const read = name.replaceAll('_', ' ').trim();
    const texts = templates ?? [prefix === '' ? '{}.' : `${prefix} {}.`];
    return texts.map((text) => text.replaceAll('{}', () => read));
  });
}

function checkedDescriptions(name: string, described: unknown): string[] {
  const list: unknown[] = Array.isArray(described) ? described : [described];
  if (list.length === 0 || list.some((text) => typeof text !== 'string' || text.trim() === '')) {
    throw new MapleError(
      `\`descriptions\` of class "${name}" must be a sentence, or a list of sentences. Received: ` +
        `${JSON.stringify(described)}. Leave the class out to have it told by its name.`,
    );
  }
  return list as string[];
}

function checkTemplates(templates: readonly string[] | undefined): void {
  if (templates?.length === 0) {
    throw new MapleError("`templates` must hold at least one text with {} in the class name's place. Received: none.");
  }
  const wrong = templates?.find((template) => !template.includes('{}'));
  if (wrong !== undefined) {
    throw new MapleError(`\`templates\` must hold {} in the class name's place. Received: "${wrong}".`);
  }
}

function checkNames(classNames: readonly string[]): void {
  if (classNames.length === 0) {
    throw new MapleError('`classNames` must name at least one class. Received: none.');
  }
  const seen = new Map<string, string>();
  classNames.forEach((name, index) => {
    const read = typeof name === 'string' ? name.replaceAll('_', ' ').trim() : '';
    if (read === '') {
      throw new MapleError(`\`classNames[${index}]\` must not be empty. Received: ${JSON.stringify(name)}.`);
    }
    const twin = seen.get(read);
    if (twin !== undefined) {
      throw new MapleError(
        `\`classNames\` must differ: "${name}" at ${index} reads as "${twin}" before it. Rename or merge the classes.`,
      );
    }
    seen.set(read, name);
  });
}
