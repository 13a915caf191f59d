import { MapleError } from '../../layers/errors.js';
import type { TextTokenizer, WeightValues } from '../backbone/backbone.js';
import { classPromptText } from '../prompting/class_prompts.js';
import type { PromptDesign } from '../prompting/design.js';
import type { OfficialParts } from './official_parts.js';
import type { TensorFile } from './tensor_file.js';

/** Tokens behind the prompt vectors that are compared; no prefix has more words. */
const COMPARED = 16;

/**
 * How many tokens behind the prompt vectors all texts of a checkpoint have in common: the rest of the prefix, where it
 * began with words. Infinity where one text, or none, tells nothing.
 */
export async function sharedTokens(file: TensorFile, texts: OfficialParts['texts']): Promise<number> {
  const [classes = 0, rest = 0, width = 0] = texts ? file.shape(texts.suffix) : [];
  if (texts === undefined || classes < 2 || width === 0) {
    return Infinity;
  }
  const { values } = await file.read(texts.suffix);
  const rows = Array.from({ length: Math.min(rest, COMPARED) }, (_, row) => row);
  const differs = rows.findIndex((row) =>
    Array.from({ length: classes }, (_, text) => text).some(
      (text) => !sameRow(values, (text * rest + row) * width, row * width, width),
    ),
  );
  return differs < 0 ? rows.length : differs;
}

/** What {@link tokenTable} needs. */
export interface TokenTableArgs {
  file: TensorFile;
  texts: NonNullable<OfficialParts['texts']>;
  design: PromptDesign;
  classNames: readonly string[];
  tokenizer: TextTokenizer;
  /** Rows of the table. */
  vocabularySize: number;
}

/** The token embeddings that a checkpoint's own texts show; those of all other tokens are not in it. */
export interface TokenTable {
  table: WeightValues;
  /** Ids whose embeddings are known. */
  known: ReadonlySet<number>;
}

/**
 * Recovers token embeddings from the texts a checkpoint was tuned on, which it holds as embeddings. Enough to build the
 * model again for the same classes.
 * @throws MapleError when the class names are not those, or not in their order
 */
export async function tokenTable(args: TokenTableArgs): Promise<TokenTable> {
  const { file, texts, design, classNames, tokenizer, vocabularySize } = args;
  const [classes, rest, width] = file.shape(texts.suffix);
  if (classNames.length !== classes) {
    throw new MapleError(
      `${file.name} was tuned on ${classes} classes, and holds the token embeddings of their names alone. \`classNames\` ` +
        `must be those, in their order. Received: ${classNames.length}. Give the \`backbone\` for other classes.`,
    );
  }
  const values = new Float32Array(vocabularySize * width);
  const known = new Set<number>();
  const [starts, suffix] = [(await file.read(texts.prefix)).values, (await file.read(texts.suffix)).values];
  classNames.forEach((className, text) => {
    const ids = tokenizer.encode(classPromptText(design, className));
    const rows = suffix.subarray(text * rest * width, (text + 1) * rest * width);
    const expected = tokensIn(rows, rest, width) + 1 + design.textLength;
    if (ids.length !== expected) {
      throw otherClasses(file, className, text, `its text has ${ids.length} tokens, the checkpoint's ${expected}`);
    }
    ids.forEach((id, position) => {
      if (position > 0 && position <= design.textLength) {
        return;
      }
      const row =
        position === 0
          ? starts.subarray(text * width, (text + 1) * width)
          : rows.subarray((position - 1 - design.textLength) * width, (position - design.textLength) * width);
      const own = values.subarray(id * width, (id + 1) * width);
      if (!known.has(id)) {
        own.set(row);
        known.add(id);
      } else if (!row.every((value, axis) => value === own[axis])) {
        throw otherClasses(file, className, text, `token ${position} of its text stands for another one elsewhere`);
      }
    });
  });
  return { table: { shape: [vocabularySize, width], values }, known };
}

/** Tokens of a text: what follows the end token is the same padding up to the end. */
function tokensIn(rows: Float32Array, rest: number, width: number): number {
  let tokens = rest;
  while (tokens > 1 && sameRow(rows, (tokens - 2) * width, (rest - 1) * width, width)) {
    tokens--;
  }
  return tokens === rest ? rest : tokens - 1;
}

function sameRow(values: Float32Array, one: number, other: number, width: number): boolean {
  for (let axis = 0; axis < width; axis++) {
    if (values[one + axis] !== values[other + axis]) {
      return false;
    }
  }
  return true;
}

function otherClasses(file: TensorFile, className: string, index: number, why: string): MapleError {
  return new MapleError(
    `"${className}" cannot be class ${index} of ${file.name}: ${why}. \`classNames\` must be those it was tuned on, in ` +
      'their order (and `prefix` its CTX_INIT); for other classes give the `backbone`.',
  );
}
