import { MapleError } from '../../layers/errors.js';
import { checkKnown, shown, type SettingNames } from '../../layers/known_names.js';
import type { TowersConfig } from '../backbone/contract.js';
import { DEFAULT_PREFIX, validateDesign, type PromptDesign } from './design.js';

/** A method: which prompts it learns, at what depth and length by default. */
interface Preset {
  /** Which towers have learned prompts. */
  towers: 'none' | 'text' | 'vision' | 'both';
  coupling: PromptDesign['coupling'];
  conditioning?: PromptDesign['conditioning'];
  /** Default depth; cut to the shallower of the towers it prompts. */
  depth: number;
  length: number;
  /** The paper and section it is from. */
  source: string;
}

/** The methods as data, in the order of the paper's tables. */
const PRESETS = {
  zeroShot: { towers: 'none', coupling: 'none', depth: 0, length: 0, source: 'Radford et al., ICML 2021' },
  coop: { towers: 'text', coupling: 'none', depth: 1, length: 4, source: 'Zhou et al., IJCV 2022' },
  cocoop: {
    towers: 'text',
    coupling: 'none',
    conditioning: 'metaNet',
    depth: 1,
    length: 4,
    source: 'Zhou et al., CVPR 2022',
  },
  vpt: { towers: 'vision', coupling: 'none', depth: 12, length: 8, source: 'Jia et al., ECCV 2022; MaPLe, table 1' },
  deepLanguage: { towers: 'text', coupling: 'none', depth: 12, length: 4, source: 'MaPLe, table 1' },
  ivlp: { towers: 'both', coupling: 'none', depth: 12, length: 2, source: 'MaPLe, table 1' },
  shallowMaple: { towers: 'both', coupling: 'perLayer', depth: 1, length: 2, source: 'MaPLe, table 1' },
  unifiedMaple: { towers: 'both', coupling: 'unified', depth: 9, length: 2, source: 'MaPLe, table 7' },
  maple: { towers: 'both', coupling: 'perLayer', depth: 9, length: 2, source: 'MaPLe, section 3' },
} as const satisfies Record<string, Preset>;

/** Name of a method. */
export type Method = keyof typeof PRESETS;

/** Every method there is. */
export const METHODS = Object.keys(PRESETS) as Method[];

/** What of a method can be chosen. */
export interface DesignOptions {
  /** Blocks with fresh prompts. Default: the method's, or the number of layers where a tower has fewer. */
  depth?: number;
  /** Prompt vectors a block. Default: the method's. */
  length?: number;
  /** How the first prompt starts. Default: `words`. */
  initialization?: PromptDesign['initialization'];
  /** Words before the class name. Default: `a photo of a`. */
  prefix?: string;
  /** Where the class name stands, for text prompts of depth 1. Default: `end`. */
  classPosition?: PromptDesign['classPosition'];
  /** `perClass` gives every class a context of its own, for `coop`. Default: `shared`. */
  contexts?: PromptDesign['contexts'];
}

const OPTIONS: SettingNames<DesignOptions> = {
  depth: true,
  length: true,
  initialization: true,
  prefix: true,
  classPosition: true,
  contexts: true,
};

/**
 * The methods that a backbone takes: what its towers offer to prompting decides.
 *
 * ```js
 * methodsFor(backbone.config).includes('maple'); // true for CLIP
 * ```
 */
export function methodsFor(config: TowersConfig): Method[] {
  checkConfig(config);
  return METHODS.filter((method) => obstacle(PRESETS[method], config) === undefined);
}

/**
 * The design of a method for a backbone.
 *
 * ```js
 * promptDesign('maple', backbone.config, {depth: 3}).coupling; // 'perLayer'
 * ```
 *
 * @throws MapleError when there is no such method, the backbone cannot take it, or its design does not fit the backbone
 */
export function promptDesign(method: Method, config: TowersConfig, options: DesignOptions = {}): PromptDesign {
  if (!METHODS.includes(method)) {
    throw new MapleError(`\`method\` must be one of ${METHODS.join(', ')}. Received: ${shown(method)}.`);
  }
  checkKnown('promptDesign', options, OPTIONS);
  checkConfig(config);
  const preset: Preset = PRESETS[method];
  const reason = obstacle(preset, config);
  if (reason !== undefined) {
    const others = methodsFor(config)
      .join(', ')
      .replace(/, (?=\w+$)/, ' or ');
    throw new MapleError(`Method ${method} does not fit this backbone: ${reason}. Use ${others}.`);
  }
  const { conditioning } = preset;
  const { classPosition, contexts } = options;
  const [text, vision] = [usesText(preset), usesVision(preset)];
  const shifts = text && config.text.prompts === 'shift';
  const depth = preset.depth === 0 ? 0 : (options.depth ?? Math.min(preset.depth, deepest(preset, config)));
  const length = preset.depth === 0 ? 0 : (options.length ?? preset.length);
  const design: PromptDesign = {
    textDepth: text ? depth : 0,
    textLength: text ? length : 0,
    visionDepth: vision ? depth : 0,
    visionLength: vision ? length : 0,
    coupling: preset.coupling,
    initialization: options.initialization ?? (shifts ? 'random' : 'words'),
    prefix: options.prefix ?? DEFAULT_PREFIX,
    ...(classPosition === undefined ? {} : { classPosition }),
    ...(contexts === undefined ? {} : { contexts }),
    ...(conditioning === undefined ? {} : { conditioning }),
  };
  validateDesign(design, config);
  return design;
}

/** For callers without types. */
function checkConfig(config: Partial<TowersConfig> | undefined): void {
  const missing = (['vision', 'text'] as const).filter((tower) => typeof config?.[tower] !== 'object');
  if (missing.length > 0) {
    throw new MapleError(
      `\`config\` must describe both towers, as \`backbone.config\` does. Received: one without ${missing.join(' and ')}.`,
    );
  }
}

function usesText({ towers }: Preset): boolean {
  return towers === 'text' || towers === 'both';
}

function usesVision({ towers }: Preset): boolean {
  return towers === 'vision' || towers === 'both';
}

/** Why a backbone cannot take a method, if it cannot. */
function obstacle(preset: Preset, { text, vision }: TowersConfig): string | undefined {
  const shallow = preset.depth === 1 && preset.conditioning === undefined;
  const shifts = text.prompts === 'shift' && (shallow || preset.coupling !== 'none');
  if (usesText(preset) && text.layers === 0 && !shifts) {
    return 'this text tower has no promptable layers';
  }
  return usesVision(preset) && vision.layers === 0 ? 'this image tower has no promptable layers' : undefined;
}

/** Layers of the shallower of the towers that a method prompts; one that it does not prompt sets no limit. */
function deepest(preset: Preset, { text, vision }: TowersConfig): number {
  const limitsText = usesText(preset) && text.prompts !== 'shift';
  return Math.min(limitsText ? text.layers : Infinity, usesVision(preset) ? vision.layers : Infinity);
}
