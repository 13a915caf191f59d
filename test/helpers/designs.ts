import type { ClipConfig } from '../../src/clip/config.js';
import type { PromptDesign } from '../../src/prompting/design.js';
import { METHODS, promptDesign, type DesignOptions, type Method } from '../../src/prompting/presets.js';

/** Every preset, the forms of CoOp's prompt, and the rest of the design space. */
export function allDesigns(config: ClipConfig): [name: string, design: PromptDesign][] {
  const form = (name: string, method: Method, options: DesignOptions): [string, PromptDesign] => [
    name,
    promptDesign(method, config, options),
  ];
  const independent = { visionDepth: config.vision.layers, visionLength: 1 };
  return [
    ...METHODS.map((method) => form(method, method, {})),
    form('coop, 3 random', 'coop', { length: 3, initialization: 'random' }),
    form('coop, name in the middle', 'coop', { classPosition: 'middle' }),
    form('coop, name in front of 3 random', 'coop', {
      classPosition: 'front',
      length: 3,
      initialization: 'random',
    }),
    form('coop, a context a class', 'coop', { contexts: 'perClass' }),
    form('coop, a random context a class, name in the middle', 'coop', {
      classPosition: 'middle',
      contexts: 'perClass',
      length: 3,
      initialization: 'random',
    }),
    form('cocoop, 2 random', 'cocoop', { length: 2, initialization: 'random' }),
    form('shallow vpt', 'vpt', { depth: 1 }),
    form('maple, 5: more than the prefix has words', 'maple', { length: 5 }),
    [
      'independent prompts of different depth',
      { ...promptDesign('zeroShot', config), textDepth: 1, textLength: 2, ...independent },
    ],
  ];
}
