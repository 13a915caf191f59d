import type { Method } from '../prompting/presets.js';

/** What tables and charts call a method. */
export const METHOD_TITLES: Record<Method, string> = {
  zeroShot: 'Zero-shot',
  coop: 'CoOp',
  cocoop: 'CoCoOp',
  vpt: 'VPT',
  deepLanguage: 'Deep language',
  ivlp: 'Independent V-L',
  shallowMaple: 'Shallow MaPLe',
  unifiedMaple: 'Unified MaPLe',
  maple: 'MaPLe',
};

/** What a method is called within a sentence. */
export function methodInText(method: Method): string {
  return method === 'zeroShot' ? 'zero-shot' : METHOD_TITLES[method];
}

/** A method's colour, the same in every report: a variable of the page's style, which has one for light and dark. */
export function methodColour(method: Method): string {
  return `var(--${method})`;
}
