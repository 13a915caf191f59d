import { MapleError } from '../../layers/errors.js';
import { completeDesign, DEFAULT_PREFIX, metaNetWidth, prefixWords, type PromptDesign } from '../prompting/design.js';
import { tensorMismatches } from './exact_match.js';
import { foreignShape } from './layouts.js';
import type { Method } from '../prompting/presets.js';
import type { OfficialParts } from './official_parts.js';
import { officialRows } from './official_prompts.js';

/** What a checkpoint's tensors do not tell. */
export interface OfficialTexts {
  /**
   * `CTX_INIT` of the official settings, underscores or spaces between its words; '' where the first prompt started at
   * random (`X X .. X` in the text). Default: as the texts in the checkpoint are; `a photo of a` where it holds none.
   */
  prefix?: string;
  /** CoOp's `CLASS_TOKEN_POSITION`. Default: `end`. */
  classPosition?: PromptDesign['classPosition'];
  /** `unified` for a checkpoint of one coupler (`proj`) for all depths, which the official code itself never makes. */
  coupling?: 'unified';
}

/** No tower has more blocks: a number in a name must not decide how much memory is taken. */
const DEEPEST = 255;

/** Widths that the prompts must have. */
export interface PromptWidths {
  text: number;
  vision: number;
  embedDim: number;
}

/**
 * The design of a checkpoint's prompts, from the names and shapes of its tensors.
 * @param texts - what they do not tell
 * @param sharedTokens - tokens behind the prompt vectors that all texts in the checkpoint have in common; Infinity where
 * that is not known
 */
export function officialDesign(
  { prompts }: Pick<OfficialParts, 'prompts'>,
  { prefix, classPosition, coupling }: OfficialTexts,
  sharedTokens: number,
): Required<PromptDesign> {
  const found = (pattern: RegExp): number => {
    const matches = prompts.names.map((name) => pattern.exec(name)).filter((match) => match !== null);
    return Math.min(DEEPEST, Math.max(-1, ...matches.map((match) => Number(match[1] ?? 0))));
  };
  const lengthOf = (pattern: RegExp): number => {
    const first = prompts.names.find((name) => pattern.test(name));
    const shape = first === undefined ? [] : prompts.shape(first);
    return shape[shape.length - 2] ?? 0;
  };
  const coupled = found(/^prompt_learner\.(?:proj|compound_)/) >= 0;
  const deep = /^prompt_learner\.compound_(?:prompts_text|prompt_projections)\.(\d+)/;
  const own = (tower: string): number =>
    Math.max(
      found(new RegExp(`^${tower}_encoder\\.VPT$`)),
      found(new RegExp(`^${tower}_encoder\\..*\\.(\\d+)\\.VPT`)),
    ) + 1;
  const textDepth = coupled ? found(deep) + 2 : Math.max(own('text'), found(/^prompt_learner\.ctx$/) + 1);
  const visionDepth = coupled ? textDepth : own('image');
  const textLength = lengthOf(/^prompt_learner\.(?:ctx$|compound_prompts_text)|^text_encoder\./);
  const context = prompts.names.includes('prompt_learner.ctx') ? prompts.shape('prompt_learner.ctx') : [];
  const design: PromptDesign = {
    textDepth,
    textLength,
    visionDepth,
    visionLength: coupled ? textLength : lengthOf(/^image_encoder\./),
    coupling: coupled ? (coupling === 'unified' ? 'unified' : 'perLayer') : 'none',
    initialization: 'words',
    prefix: DEFAULT_PREFIX,
    classPosition: classPosition ?? 'end',
    contexts: context.length === 3 ? 'perClass' : 'shared',
    conditioning: found(/^prompt_learner\.meta_net\./) >= 0 ? 'metaNet' : 'none',
  };
  return { ...completeDesign(design), ...prefixOf(design, prefix, sharedTokens) };
}

/** As the official code decides: words where they are given and enough, for MaPLe and IVLP up to four vectors. */
function prefixOf(
  design: PromptDesign,
  given: string | undefined,
  sharedTokens: number,
): Pick<PromptDesign, 'initialization' | 'prefix'> {
  const { textDepth, textLength, visionDepth, contexts } = design;
  if (textDepth === 0) {
    return { initialization: 'words', prefix: given?.replaceAll('_', ' ') || DEFAULT_PREFIX };
  }
  const prefix = (given ?? DEFAULT_PREFIX).replaceAll('_', ' ');
  const words = prefixWords(prefix).length;
  const fourAtMost = textDepth + visionDepth > 1 && textLength > 4;
  const seenRandom = given === undefined && sharedTokens < words - textLength;
  const random = contexts === 'perClass' || fourAtMost || words < textLength || seenRandom;
  return random ? { initialization: 'random', prefix: DEFAULT_PREFIX } : { initialization: 'words', prefix };
}

/** Widths as the file itself has them, where there is no backbone to ask. */
export function officialWidths({ prompts }: Pick<OfficialParts, 'prompts'>): PromptWidths {
  const side = (names: RegExp, axis: number): number => {
    const name = prompts.names.find((candidate) => names.test(candidate));
    const shape = name === undefined ? [] : prompts.shape(name);
    return shape[axis < 0 ? shape.length + axis : axis] ?? 0;
  };
  return {
    text: side(/^prompt_learner\.(?:ctx$|compound_prompts_text)|^text_encoder\./, -1),
    vision: side(/^image_encoder\./, -1) || side(/^prompt_learner\.(?:proj|compound_prompt_projections).*weight$/, 0),
    embedDim: side(/^prompt_learner\.meta_net\.linear1\.weight$/, 1),
  };
}

/**
 * Checks that a checkpoint holds the prompts of a design and nothing that is not known.
 * @throws MapleError listing every missing, unexpected, mis-shaped and mis-typed tensor at once
 */
export function checkOfficialPrompts(
  { prompts, unexpected }: Pick<OfficialParts, 'prompts' | 'unexpected'>,
  design: Required<PromptDesign>,
  widths: PromptWidths,
): void {
  const context = prompts.names.includes('prompt_learner.ctx') ? prompts.shape('prompt_learner.ctx') : [];
  const shapes = officialShapes(design, widths, context[0]);
  const problems = [...tensorMismatches(prompts, shapes), ...unexpected.map((name) => `unexpected: ${name}`)];
  if (problems.length > 0) {
    const lone = design.coupling === 'perLayer' && !prompts.names.some((name) => name.includes('prompt_projections'));
    throw new MapleError(
      `${prompts.name} does not hold the prompts of ${describeDesign(design)} as the official code names them:\n  ` +
        `${problems.join('\n  ')}\n` +
        (lone && design.textDepth > 1
          ? "If one coupler serves all depths, say so: `coupling: 'unified'`."
          : 'Is the file complete, and of this backbone?'),
    );
  }
}

/** Shape of each trained tensor under its official name. */
export function officialShapes(
  design: Required<PromptDesign>,
  { text, vision, embedDim }: PromptWidths,
  classes: number,
): Map<string, number[]> {
  const rows = officialRows(design).filter(({ official }) => !isCopy(design, official));
  const hidden = metaNetWidth({ embedDim });
  const own = (name: string): number[] => {
    if (name.startsWith('text/prompt_0/') && design.contexts === 'perClass') {
      return [classes, design.textLength, text];
    }
    if (name.startsWith('text/')) {
      return [design.textLength, text];
    }
    if (name.startsWith('vision/')) {
      return [design.visionLength, vision];
    }
    const [inputs, outputs] = name.startsWith('coupler')
      ? [text, vision]
      : name.startsWith('meta_net/hidden')
        ? [embedDim, hidden]
        : [hidden, text];
    return name.endsWith('/bias') ? [outputs] : [inputs, outputs];
  };
  return new Map(
    rows.map(({ official, name, transposed }) => [official, foreignShape(transposed ? 'linear' : 'same', own(name))]),
  );
}

/** In a few words, for messages. */
export function describeDesign({ textDepth, textLength, visionDepth, visionLength, coupling }: PromptDesign): string {
  const parts = [
    ...(textDepth > 0 ? [`text prompts ${textDepth} x ${textLength}`] : []),
    ...(visionDepth > 0
      ? [`${coupling === 'none' ? '' : 'coupled '}image prompts ${visionDepth} x ${visionLength}`]
      : []),
  ];
  return parts.join(' and ') || 'no learned prompts';
}

/** A unified coupler is the one of depth 0; the release has no name for it. */
function isCopy({ coupling }: PromptDesign, official: string): boolean {
  return coupling === 'unified' && official.includes('compound_prompt_projections');
}

/** Which method makes a design. */
export function officialMethod({ textDepth, visionDepth, coupling, conditioning }: PromptDesign): Method {
  if (coupling !== 'none') {
    return coupling === 'unified' ? 'unifiedMaple' : textDepth === 1 ? 'shallowMaple' : 'maple';
  }
  if (visionDepth > 0) {
    return textDepth > 0 ? 'ivlp' : 'vpt';
  }
  if (conditioning === 'metaNet') {
    return 'cocoop';
  }
  return textDepth > 1 ? 'deepLanguage' : textDepth === 1 ? 'coop' : 'zeroShot';
}
