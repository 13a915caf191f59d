import type { RunRecord } from '../evaluation/record.js';
import { RUN_METHODS, type RunMethod } from '../evaluation/run_methods.js';

/** What tables and charts call a method. */
export const METHOD_TITLES: Record<RunMethod, string> = {
  zeroShot: 'Zero-shot',
  tipAdapter: 'Tip-Adapter',
  tipAdapterF: 'Tip-Adapter-F',
  lpPlusPlus: 'LP++',
  coop: 'CoOp',
  cocoop: 'CoCoOp',
  vpt: 'VPT',
  deepLanguage: 'Deep language',
  ivlp: 'Independent V-L',
  shallowMaple: 'Shallow MaPLe',
  unifiedMaple: 'Unified MaPLe',
  maple: 'MaPLe',
};

/** Points of lines and scatter plots, drawn in a box of 10 x 10, so that colour is not the only sign of a method. */
const MARKERS: Record<RunMethod, string> = {
  zeroShot: 'M0 4H10V6H0Z',
  tipAdapter: 'M4 0H6V10H4Z',
  tipAdapterF: 'M3 0H7V10H3Z',
  lpPlusPlus: 'M0 3H10V7H0Z',
  coop: 'M0 0H10V10H0Z',
  cocoop: 'M5 0L10 10H0Z',
  vpt: 'M0 0H10L5 10Z',
  deepLanguage: 'M5 0L10 5L5 10L0 5Z',
  ivlp: 'M3 0H7V3H10V7H7V10H3V7H0V3H3Z',
  shallowMaple: 'M0 2L2 0L5 3L8 0L10 2L7 5L10 8L8 10L5 7L2 10L0 8L3 5Z',
  unifiedMaple: 'M5 0L10 4L8 10H2L0 4Z',
  maple: 'M5 0A5 5 0 1 1 5 10A5 5 0 1 1 5 0Z',
};

/** What a run is called: a head on tuned features is told beside the method. */
export function recordTitle({ method, head }: Pick<RunRecord, 'method' | 'head'>): string {
  return head === undefined || head.kind === method
    ? METHOD_TITLES[method]
    : `${METHOD_TITLES[method]} + ${METHOD_TITLES[head.kind]}`;
}

/** What a method is called within a sentence. */
export function methodInText(method: RunMethod): string {
  const inText: Partial<Record<RunMethod, string>> = {
    zeroShot: 'zero-shot',
    deepLanguage: 'deep language prompting',
    ivlp: 'independent V-L prompting',
    shallowMaple: 'shallow MaPLe',
    unifiedMaple: 'unified MaPLe',
  };
  return inText[method] ?? METHOD_TITLES[method];
}

/** A method's colour, the same in every report: a variable of the page's style, which has one for light and dark. */
export function methodColour(method: RunMethod): string {
  return `var(--${method})`;
}

/** The outline of a method's marker, as the data of an SVG path in a box of 10 x 10. */
export function methodMarker(method: RunMethod): string {
  return MARKERS[method];
}

/** The methods of some records in the order of the paper's tables. */
export function methodsOf(records: readonly { method: RunMethod }[]): RunMethod[] {
  const present = new Set(records.map(({ method }) => method));
  return RUN_METHODS.filter((method) => present.has(method));
}
