import { MapleError } from '../../layers/errors.js';
import type { TokenBackbone } from '../backbone/backbone.js';
import { promptStart } from '../backbone/contract.js';
import { prefixWords, startsFromWords, type PromptDesign } from './design.js';

/** The token ids of the class prompts, start and end token included; texts differ in length. */
export type ClassPromptIds = number[][];

/** The text a class's prompt stands in: `{prefix} {class name}.`, underscores read as spaces (MaPLe, section 3.2). */
export function classPromptText(design: PromptDesign, className: string): string {
  const random = design.textLength > 0 && !startsFromWords(design);
  const prefix = random ? Array<string>(design.textLength).fill('X').join(' ') : design.prefix;
  return [prefix, `${className.replaceAll('_', ' ')}.`].filter((part) => part !== '').join(' ');
}

/**
 * Tokenises the prompts of all classes.
 * @param template - a fixed text with `{}` in the class name's place, for designs without text prompts
 * @throws MapleError for no classes, an empty or repeated name, one that does not fit into the context or holds the start
 * or end token, or a template without a place for it
 */
export function classPromptIds(
  backbone: Pick<TokenBackbone, 'config' | 'tokenizer'>,
  design: PromptDesign,
  classNames: readonly string[],
  template?: string,
): ClassPromptIds {
  checkClassNames(classNames);
  if (template !== undefined && !template.includes('{}')) {
    throw new MapleError(`\`templates\` must hold {} in the class name's place. Received: "${template}".`);
  }
  const context = backbone.config.text.contextLength;
  return classNames.map((name) => {
    const text =
      template === undefined || design.textLength > 0
        ? classPromptText(design, name)
        : template.replace('{}', () => name.replaceAll('_', ' '));
    const ids = backbone.tokenizer.encode(text);
    if (!Array.isArray(ids) || ids.length <= promptStart(backbone.config.text)) {
      throw new MapleError(
        `\`encode\` of the tokeniser must give a list of ids, the end token last. Received: ${JSON.stringify(ids)} for "${text}".`,
      );
    }
    if (ids.length > context) {
      throw new MapleError(
        `The prompt of class "${name}" must have at most ${context} tokens, the text tower's context. ` +
          `Received: ${ids.length} tokens ("${text}"). Shorten the class name.`,
      );
    }
    checkNoSpecialToken(ids, backbone, name, text);
    return ids;
  });
}

/** Ids of the prefix's words that the first prompt starts from, `textLength` of them. */
export function prefixIds(
  { tokenizer, config }: Pick<TokenBackbone, 'config' | 'tokenizer'>,
  design: PromptDesign,
): number[] {
  const start = promptStart(config.text);
  // A prompt vector takes a token, which for plain words is a word.
  return tokenizer.encode(prefixWords(design.prefix).join(' ')).slice(start, start + design.textLength);
}

/** A feature is taken at the first end token, so that one within the text would cut it short unnoticed. */
function checkNoSpecialToken(
  ids: readonly number[],
  { tokenizer, config }: Pick<TokenBackbone, 'config' | 'tokenizer'>,
  name: string,
  text: string,
): void {
  const start = promptStart(config.text);
  const special = [...ids.slice(0, start), ids[ids.length - 1], tokenizer.padding];
  if (ids.slice(start, -1).some((id) => special.includes(id))) {
    throw new MapleError(
      `The prompt of class "${name}" must not hold the tokeniser's start, end or padding token (<|startoftext|>, </s>, ...) ` +
        `within the text. Received: "${text}". Remove it from the class name, or from the template or prefix.`,
    );
  }
}

function checkClassNames(classNames: readonly string[]): void {
  if (classNames.length === 0) {
    throw new MapleError('`classNames` must name at least one class. Received: none.');
  }
  const seen = new Map<string, number>();
  classNames.forEach((name, index) => {
    if (typeof name !== 'string' || name.replaceAll('_', ' ').trim() === '') {
      throw new MapleError(`\`classNames[${index}]\` must not be empty. Received: ${JSON.stringify(name)}.`);
    }
    // Names that read the same make the same prompt.
    const read = name.replaceAll('_', ' ');
    const twin = seen.get(read);
    if (twin !== undefined) {
      throw new MapleError(
        `\`classNames\` must differ: "${name}" stands at ${twin} and at ${index}. Rename or merge the classes.`,
      );
    }
    seen.set(read, index);
  });
}
