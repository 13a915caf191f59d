import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import {
  deepTextPrompt,
  deepVisionPrompt,
  promptCoupler,
  promptVectors,
  type PromptCoupler,
} from '../../layers/index.js';
import { promptStart, type PromptHook, type TowersConfig } from '../backbone/contract.js';
import type { LayerSource } from '../backbone/layer_source.js';
import type { Random } from '../random.js';
import type { PromptDesign } from './design.js';

/** What prompts are made with. */
export interface PromptArgs {
  design: PromptDesign;
  config: TowersConfig;
  source: LayerSource;
  /** Where the seeds of the initial values come from. */
  random: Random;
}

/** The classes whose texts the prompts stand in. */
export interface PromptedClasses {
  /** Number of classes, each of which may have a context of its own. */
  classes: number;
  /** Positions of the first prompt's vectors [classes, length], where they differ between classes. */
  slots?: SymbolicTensor;
}

/**
 * What the text tower calls before each block, which puts in the prompts a design asks for.
 *
 * Layers: `text/prompt_{i}`.
 * @returns also the prompts, which coupled image prompts are made from: known when the tower is built
 */
export function textHook({ design, config, source, random, classes, slots }: PromptArgs & PromptedClasses): {
  hook: PromptHook;
  prompts: readonly SymbolicTensor[];
} {
  const prompts: SymbolicTensor[] = [];
  const { textLength: length } = design;
  const rows = design.contexts === 'perClass' ? classes : null;
  const returnPrompt = design.coupling !== 'none';
  const hook: PromptHook = (tokens, block) => {
    if (block >= design.textDepth) {
      return tokens;
    }
    const seed = seedOf(random, 'text', block);
    const make = (name: string) =>
      deepTextPrompt({ name, length, start: promptStart(config.text), rows, returnPrompt, seed });
    const outputs = source(`text/prompt_${block}`, make).apply(slots ? [tokens, slots] : tokens);
    if (!returnPrompt) {
      return outputs as SymbolicTensor;
    }
    const [prompted, prompt] = outputs as SymbolicTensor[];
    prompts[block] = prompt;
    return prompted;
  };
  return { hook, prompts };
}

/**
 * What the image tower calls before each block.
 *
 * Layers: `vision/prompt_{i}`, and `coupler_{i}` or `coupler`.
 * @param prompts - the text tower's before each block, which coupled image prompts are made from
 */
export function visionHook(
  { design, config, source, random }: PromptArgs,
  prompts: readonly SymbolicTensor[],
): PromptHook {
  const couplers = new Map<string, PromptCoupler>();
  return (tokens, block) => {
    if (block >= design.visionDepth) {
      return tokens;
    }
    const mode = block === 0 ? 'append' : 'replace';
    const make = (name: string) =>
      deepVisionPrompt({ name, length: design.visionLength, mode, seed: seedOf(random, 'vision', block) });
    const layer = source(`vision/prompt_${block}`, make);
    if (design.coupling === 'none') {
      return layer.apply(tokens) as SymbolicTensor;
    }
    const name = design.coupling === 'unified' ? 'coupler' : `coupler_${block}`;
    // One seed for all: the official couplers start as copies of one linear map.
    const makeCoupler = () => promptCoupler({ name, units: config.vision.width, seed: seedOf(random, 'coupler') });
    const shared = couplers.get(name);
    const coupler = shared ?? source(name, makeCoupler);
    couplers.set(name, coupler);
    const prompt = coupler.apply(prompts[block]) as SymbolicTensor;
    // tfjs counts a user of the layer at each application, but a model that is disposed gives back one.
    shared?.dispose();
    return layer.apply([tokens, prompt]) as SymbolicTensor;
  };
}

/**
 * The text tower's prompts by themselves, of the names and initial values that {@link textHook} gives them, for a tower
 * that is a model of its own.
 * @param images - anchors them in the graph
 * @param rows - classes of each chunk, where each class has a context of its own
 * @returns for each block its prompt, or one a chunk
 */
export function textPrompts(
  { design, config, source, random }: PromptArgs,
  images: SymbolicTensor,
  rows: number[],
): SymbolicTensor[][] {
  const { textLength: length, contexts } = design;
  return Array.from({ length: design.textDepth }, (_, block) => {
    const ofEach = contexts === 'perClass' ? rows : null;
    const seed = seedOf(random, 'text', block);
    const make = (name: string) => promptVectors({ name, length, units: config.text.width, rows: ofEach, seed });
    return [source(`text/prompt_${block}`, make).apply(images)].flat() as SymbolicTensor[];
  });
}

/**
 * What such a tower calls before each block, which puts in prompts that it is given.
 *
 * Layers: `text/given_{i}`, which have no weights.
 */
export function givenTextHook(
  { design, config, source, slots }: Omit<PromptArgs, 'random'> & Pick<PromptedClasses, 'slots'>,
  prompts: readonly SymbolicTensor[],
): PromptHook {
  const make = (name: string) =>
    deepTextPrompt({ name, length: design.textLength, start: promptStart(config.text), given: true });
  return (tokens, block) =>
    block < prompts.length
      ? (source(`text/given_${block}`, make).apply([
          tokens,
          prompts[block],
          ...(slots ? [slots] : []),
        ]) as SymbolicTensor)
      : tokens;
}

function seedOf(random: Random, ...keys: (string | number)[]): number {
  return random.fork('prompt', ...keys).seed;
}
