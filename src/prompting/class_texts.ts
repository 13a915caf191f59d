import { MapleError } from '../../layers/errors.js';
import type { TokenBackbone } from '../backbone/backbone.js';
import { promptStart } from '../backbone/contract.js';
import { classPromptIds } from './class_prompts.js';
import { completeDesign, hasFixedText, startsFromWords, type PromptDesign } from './design.js';

/** The texts that stand for the classes. */
export interface ClassTexts {
  /** Token ids of each class's text, start and end token included; of a fixed text's every template. */
  ids: number[][][];
  /** Positions of each class's prompt vectors, where the class name does not stand behind them. */
  slots?: number[][];
}

/**
 * The texts of a design's classes.
 * @param templates - fixed texts with `{}` in the class name's place, for designs without text prompts; the features of
 * several are averaged. Default: the prefix and the class name.
 * @throws MapleError for class names or templates that cannot be used
 */
export function classTexts(
  backbone: Pick<TokenBackbone, 'config' | 'tokenizer'>,
  design: PromptDesign,
  classNames: readonly string[],
  templates?: readonly string[],
): ClassTexts {
  if (templates?.length === 0) {
    throw new MapleError("`templates` must hold at least one text with {} in the class name's place. Received: none.");
  }
  const texts = hasFixedText(design) && templates ? templates : [undefined];
  const byTemplate = texts.map((template) => classPromptIds(backbone, design, classNames, template));
  const ids = classNames.map((_, index) => byTemplate.map((ofTemplate) => ofTemplate[index]));
  return completeDesign(design).classPosition === 'end'
    ? { ids }
    : withClassPosition(backbone, design, classNames, byTemplate[0]);
}

/**
 * Moves the class names' tokens to where the design has them, as CoOp does (Zhou et al., IJCV 2022, section 3.1): in
 * front of the prompt vectors, or between their first half and the rest. All other tokens keep their order.
 */
function withClassPosition(
  { tokenizer, config }: Pick<TokenBackbone, 'config' | 'tokenizer'>,
  design: PromptDesign,
  classNames: readonly string[],
  ids: readonly number[][],
): ClassTexts {
  const length = design.textLength;
  const start = promptStart(config.text);
  const tokensOf = (text: string): number => tokenizer.encode(text).length - start - 1;
  const prefixTokens = startsFromWords(design) ? tokensOf(design.prefix) : length;
  const before = design.classPosition === 'front' ? 0 : Math.floor(length / 2);
  const placed = ids.map((text, index) => {
    const nameTokens = tokensOf(classNames[index].replaceAll('_', ' '));
    const nameStart = start + prefixTokens;
    const [vectors, others] = [text.slice(start, start + length), text.slice(start + length, nameStart)];
    const nameEnd = nameStart + nameTokens;
    const name = text.slice(nameStart, nameEnd);
    const slots = vectors.map((_, vector) => start + vector + (vector < before ? 0 : nameTokens));
    const [first, rest] = [vectors.slice(0, before), vectors.slice(before)];
    return { ids: [[...text.slice(0, start), ...first, ...name, ...rest, ...others, ...text.slice(nameEnd)]], slots };
  });
  return { ids: placed.map((text) => text.ids), slots: placed.map(({ slots }) => slots) };
}
