import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { deepTextPrompt, deepVisionPrompt, promptCoupler, type PromptCoupler } from '../../layers/index.js';
import { promptStart, type PromptHook, type TowersConfig } from '../backbone/contract.js';
import type { LayerSource } from '../backbone/layer_source.js';
import type { Random } from '../random.js';
import type { PromptDesign } from './design.js';

/** What {@link promptHooks} puts prompts into. */
export interface PromptHooksArgs {
  design: PromptDesign;
  config: TowersConfig;
  source: LayerSource;
  /** Where the seeds of the initial values come from. */
  random: Random;
  /** Number of classes, each of which may have a context of its own. */
  classes: number;
  /** Positions of the first prompt's vectors [classes, length], where they differ between classes. */
  slots?: SymbolicTensor;
}

/**
 * The hooks that the towers call before each block, which put in the prompts a design asks for. The text tower is to
 * be built first: coupled image prompts are made from its prompts.
 *
 * Layers: `text/prompt_{i}`, `vision/prompt_{i}`, and `coupler_{i}` or `coupler`.
 */
export function promptHooks({ design, config, source, random, classes, slots }: PromptHooksArgs): {
  text: PromptHook;
  vision: PromptHook;
} {
  const textPrompts: SymbolicTensor[] = [];
  const couplers = new Map<string, PromptCoupler>();
  const seed = (...keys: (string | number)[]) => random.fork('prompt', ...keys).seed;

  const text: PromptHook = (tokens, block) => {
    if (block >= design.textDepth) {
      return tokens;
    }
    const returnPrompt = design.coupling !== 'none';
    const rows = design.contexts === 'perClass' ? classes : null;
    const { textLength: length } = design;
    const make = (name: string) =>
      deepTextPrompt({ name, length, start: promptStart(config.text), rows, returnPrompt, seed: seed('text', block) });
    const outputs = source(`text/prompt_${block}`, make).apply(slots ? [tokens, slots] : tokens);
    if (!returnPrompt) {
      return outputs as SymbolicTensor;
    }
    const [prompted, prompt] = outputs as SymbolicTensor[];
    textPrompts[block] = prompt;
    return prompted;
  };

  const vision: PromptHook = (tokens, block) => {
    if (block >= design.visionDepth) {
      return tokens;
    }
    const mode = block === 0 ? 'append' : 'replace';
    const make = (name: string) =>
      deepVisionPrompt({ name, length: design.visionLength, mode, seed: seed('vision', block) });
    const layer = source(`vision/prompt_${block}`, make);
    if (design.coupling === 'none') {
      return layer.apply(tokens) as SymbolicTensor;
    }
    const name = design.coupling === 'unified' ? 'coupler' : `coupler_${block}`;
    // One seed for all: the official couplers start as copies of one linear map.
    const makeCoupler = () => promptCoupler({ name, units: config.vision.width, seed: seed('coupler') });
    const shared = couplers.get(name);
    const coupler = shared ?? source(name, makeCoupler);
    couplers.set(name, coupler);
    const prompt = coupler.apply(textPrompts[block]) as SymbolicTensor;
    // tfjs counts a user of the layer at each application, but a model that is disposed gives back one.
    shared?.dispose();
    return layer.apply([tokens, prompt]) as SymbolicTensor;
  };

  return { text, vision };
}
