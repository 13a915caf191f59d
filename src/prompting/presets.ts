import { MapleError } from '../../layers/errors.js';
import type { ClipConfig } from '../clip/config.js';
import { DEFAULT_PREFIX, validateDesign, type PromptDesign } from './design.js';

/** A method: which prompts it learns, at what depth and length by default. */
interface Preset {
  /** Which towers have learned prompts. */
  towers: 'none' | 'text' | 'both';
  coupling: PromptDesign['coupling'];
  /** Default depth; cut to the shallower of the towers it prompts. */
  depth: number;
  length: number;
  /** The paper and section it is from. */
  source: string;
}

/** The methods as data. */
const PRESETS = {
  zeroShot: { towers: 'none', coupling: 'none', depth: 0, length: 0, source: 'Radford et al., ICML 2021' },
  coop: { towers: 'text', coupling: 'none', depth: 1, length: 4, source: 'Zhou et al., IJCV 2022' },
  maple: { towers: 'both', coupling: 'perLayer', depth: 9, length: 2, source: 'MaPLe, section 3' },
  shallowMaple: { towers: 'both', coupling: 'perLayer', depth: 1, length: 2, source: 'MaPLe, table 1' },
  unifiedMaple: { towers: 'both', coupling: 'unified', depth: 9, length: 2, source: 'MaPLe, table 7' },
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
}

/**
 * The design of a method for a backbone.
 *
 * ```js
 * promptDesign('maple', backbone.config, {depth: 3}).coupling; // 'perLayer'
 * ```
 *
 * @throws MapleError when there is no such method, or its design does not fit the backbone
 */
export function promptDesign(method: Method, config: ClipConfig, options: DesignOptions = {}): PromptDesign {
  if (!METHODS.includes(method)) {
    throw new MapleError(`\`method\` must be one of ${METHODS.join(', ')}. Received: ${String(method)}.`);
  }
  const preset: Preset = PRESETS[method];
  const shallower = preset.towers === 'both' ? Math.min(config.text.layers, config.vision.layers) : config.text.layers;
  const depth = preset.depth === 0 ? 0 : (options.depth ?? Math.min(preset.depth, shallower));
  const length = preset.depth === 0 ? 0 : (options.length ?? preset.length);
  const both = preset.towers === 'both';
  const design: PromptDesign = {
    textDepth: depth,
    textLength: length,
    visionDepth: both ? depth : 0,
    visionLength: both ? length : 0,
    coupling: preset.coupling,
    initialization: options.initialization ?? 'words',
    prefix: options.prefix ?? DEFAULT_PREFIX,
  };
  validateDesign(design, config);
  return design;
}
