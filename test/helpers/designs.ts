import type { ClipConfig } from '../../src/clip/config.js';
import type { PromptDesign } from '../../src/prompting/design.js';
import { METHODS, promptDesign } from '../../src/prompting/presets.js';

/** Every preset, and the rest of the design space: own image prompts, deep text prompts, random starts. */
export function allDesigns(config: ClipConfig): [name: string, design: PromptDesign][] {
  const zeroShot = promptDesign('zeroShot', config);
  const [text, vision] = [config.text.layers, config.vision.layers];
  return [
    ...METHODS.map((method): [string, PromptDesign] => [method, promptDesign(method, config)]),
    ['coop, 3 random', promptDesign('coop', config, { length: 3, initialization: 'random' })],
    ['maple, 5: more than the prefix has words', promptDesign('maple', config, { length: 5 })],
    ['deep text prompts alone', { ...zeroShot, textDepth: text, textLength: 2 }],
    ['image prompts alone', { ...zeroShot, visionDepth: vision, visionLength: 3 }],
    [
      'independent prompts of different depth',
      { ...zeroShot, textDepth: 1, textLength: 2, visionDepth: vision, visionLength: 1 },
    ],
  ];
}
