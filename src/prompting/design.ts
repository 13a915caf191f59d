import { MapleError } from '../../layers/errors.js';
import { checkKnown, shown, type SettingNames } from '../../layers/known_names.js';
import type { TowersConfig } from '../backbone/contract.js';

/**
 * The one design space of prompt learning: where learned vectors stand and how the image tower's relate to the text
 * tower's. Every method is a value of this type (see {@link promptDesign}).
 */
export interface PromptDesign {
  /** Blocks of the text tower that take fresh prompts (the paper's J); 0 = none, 1 = shallow. */
  textDepth: number;
  /** Prompt vectors a text block (the paper's b); 0 when there are none. */
  textLength: number;
  /** Blocks of the image tower that take fresh prompts; equal to `textDepth` when coupled. */
  visionDepth: number;
  /** Prompt vectors an image block; equal to `textLength` when coupled. */
  visionLength: number;
  /** `none`: image prompts are learned themselves; `perLayer`: one coupler a depth; `unified`: one for all. */
  coupling: 'none' | 'perLayer' | 'unified';
  /** `words`: the first prompt starts as the prefix's first words; `random`: from N(0, 0.02). */
  initialization: 'words' | 'random';
  /** Words before the class name; a random first prompt takes the place of `X X .. X` instead. */
  prefix: string;
  /** Where the class name stands among the first prompt's vectors (CoOp, section 3.1). Default: `end`. */
  classPosition?: 'end' | 'middle' | 'front';
  /** `perClass`: every class learns a first prompt of its own (CoOp's class-specific context). Default: `shared`. */
  contexts?: 'shared' | 'perClass';
  /** `metaNet`: the first prompt is shifted by what a small network makes of the image (CoCoOp). Default: `none`. */
  conditioning?: 'none' | 'metaNet';
}

/** A design with every field, the usual form where one was left out. */
export function completeDesign(design: PromptDesign): Required<PromptDesign> {
  return { classPosition: 'end', contexts: 'shared', conditioning: 'none', ...design };
}

/** Whether a design's text depends on no image and no training, so that its features can be worked out beforehand. */
export function hasFixedText(design: PromptDesign): boolean {
  return design.textDepth === 0;
}

/** The values of the fields that name a choice. */
const CHOICES = {
  coupling: ['none', 'perLayer', 'unified'],
  initialization: ['words', 'random'],
  classPosition: ['end', 'middle', 'front'],
  contexts: ['shared', 'perClass'],
  conditioning: ['none', 'metaNet'],
} as const satisfies { [field in keyof PromptDesign]?: readonly string[] };

const FIELDS: SettingNames<PromptDesign> = {
  textDepth: true,
  textLength: true,
  visionDepth: true,
  visionLength: true,
  coupling: true,
  initialization: true,
  prefix: true,
  classPosition: true,
  contexts: true,
  conditioning: true,
};

/** Start token, one token of a class name, full stop and end token, which stand beside the prompt. */
const FRAME = 4;

/** The prefix of the official code. */
export const DEFAULT_PREFIX = 'a photo of a';

/** Whether the first prompt starts from words: only a prefix of at least `textLength` words can give them. */
export function startsFromWords(design: PromptDesign): boolean {
  return design.initialization === 'words' && design.textLength <= prefixWords(design.prefix).length;
}

/** Hidden width of CoCoOp's meta-net: a sixteenth of the image features'. */
export function metaNetWidth({ embedDim }: Pick<TowersConfig, 'embedDim'>): number {
  return Math.max(1, Math.floor(embedDim / 16));
}

/** The words of a prefix. */
export function prefixWords(prefix: string): string[] {
  return prefix.split(/\s+/).filter((word) => word !== '');
}

/**
 * Checks a design against the towers it is for.
 * @throws MapleError naming the field, its value and what the towers allow
 */
export function validateDesign(design: PromptDesign, config: TowersConfig): void {
  checkKnown('The prompt design', design, FIELDS);
  const { text, vision } = config;
  const shifts = text.prompts === 'shift';
  // P_1, P_2, ... of a sentence encoder are there for the image tower alone.
  const textLayers = shifts
    ? design.coupling === 'none'
      ? Math.min(1, design.textDepth)
      : vision.layers
    : text.layers;
  checkTower('text', design.textDepth, design.textLength, textLayers);
  checkTower('vision', design.visionDepth, design.visionLength, vision.layers);
  if (shifts) {
    checkShift(design);
  } else if (design.textLength + FRAME > text.contextLength) {
    throw new MapleError(
      `\`textLength\` leaves no room for a class name: start token, prompt, class name, full stop and end token must ` +
        `fit into ${text.contextLength} tokens. Received: textLength=${design.textLength}. Use a shorter prompt.`,
    );
  }
  for (const [field, choices] of Object.entries(CHOICES)) {
    const value: string = completeDesign(design)[field as keyof typeof CHOICES];
    if (!(choices as readonly string[]).includes(value)) {
      const list = `${choices.slice(0, -1).join(', ')} or ${choices[choices.length - 1]}`;
      throw new MapleError(`\`${field}\` must be ${list}. Received: ${shown(value)}.`);
    }
  }
  const coupled = design.coupling !== 'none';
  const { textDepth, textLength, visionDepth, visionLength } = design;
  if (coupled && (textDepth === 0 || textDepth !== visionDepth || textLength !== visionLength)) {
    throw new MapleError(
      'Coupled prompts need text prompts, and image prompts of the same depth and length. ' +
        `Received: text ${textDepth} x ${textLength}, vision ${visionDepth} x ${visionLength}.`,
    );
  }
  checkFirstPrompt(completeDesign(design));
}

/** A prompt that shifts a sentence's one vector has no place among words. */
function checkShift(design: PromptDesign): void {
  const { textDepth, initialization, classPosition, conditioning } = completeDesign(design);
  const wrong = [
    ...(initialization === 'words' ? ['initialization=words'] : []),
    ...(classPosition === 'end' ? [] : [`classPosition=${classPosition}`]),
    ...(conditioning === 'none' ? [] : [`conditioning=${conditioning}`]),
  ];
  if (textDepth > 0 && wrong.length > 0) {
    throw new MapleError(
      'Text prompts that shift the vector of a sentence encoder start at random and have no place among words: ' +
        `initialization=random, classPosition=end, conditioning=none. Received: ${wrong.join(', ')}.`,
    );
  }
}

/** The forms of the first text prompt that CoOp and CoCoOp have, which go with nothing else. */
function checkFirstPrompt(design: Required<PromptDesign>): void {
  const { textDepth, visionDepth, classPosition, contexts, conditioning } = design;
  const special = [
    ...(classPosition === 'end' ? [] : [`classPosition=${classPosition}`]),
    ...(contexts === 'shared' ? [] : [`contexts=${contexts}`]),
    ...(conditioning === 'none' ? [] : [`conditioning=${conditioning}`]),
  ];
  if (special.length > 0 && (textDepth !== 1 || visionDepth !== 0)) {
    throw new MapleError(
      `\`${special[0].split('=')[0]}\` can be chosen for text prompts of depth 1 without image prompts only. ` +
        `Received: ${special.join(', ')} with textDepth=${textDepth}, visionDepth=${visionDepth}.`,
    );
  }
  if (conditioning !== 'none' && special.length > 1) {
    throw new MapleError(
      'A prompt that is conditioned on the image is shared by all classes and stands before the class name. ' +
        `Received: ${special.join(', ')}.`,
    );
  }
}

function checkTower(tower: 'text' | 'vision', depth: number, length: number, layers: number): void {
  if (layers === 0 && depth > 0) {
    throw new MapleError(
      `This ${tower} tower has no promptable layers, so that \`${tower}Depth\` must be 0. Received: ${depth}. ` +
        'methodsFor(config) names the methods it takes.',
    );
  }
  if (!Number.isInteger(depth) || depth < 0 || depth > layers) {
    throw new MapleError(
      `\`${tower}Depth\` must be an integer from 0 to ${layers}, the number of layers of the ${tower} tower. ` +
        `Received: ${depth}.`,
    );
  }
  if (!Number.isInteger(length) || length < 0 || (depth === 0) !== (length === 0)) {
    throw new MapleError(
      `\`${tower}Length\` must be a positive integer, or 0 together with \`${tower}Depth\`. ` +
        `Received: ${tower}Depth=${depth}, ${tower}Length=${length}.`,
    );
  }
}
