import { fix_text as fixText } from 'ftfy-js';
import { unescapeHtml } from './html_entities.js';

/** Texts that the repair would leave as they are: ASCII without control characters. They are the most, and it is slow. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * What OpenAI's tokeniser does with a text before it cuts it in words: ftfy repairs broken encodings, quotes, widths
 * and the like; HTML's character references are read, twice escaped ones too; white space becomes single spaces; all
 * letters small.
 */
export function cleanText(text: string): string {
  const repaired = PLAIN.test(text) && !text.includes('&') ? text : unescapeHtml(unescapeHtml(fixText(text)));
  return repaired
    .replace(/\p{White_Space}+/gu, ' ')
    .replace(/^ | $/g, '')
    .toLowerCase();
}
