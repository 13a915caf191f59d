import type { TowersConfig } from '../backbone/contract.js';
import { metaNetWidth, type PromptDesign } from './design.js';

/**
 * Number of parameters that a design trains on a backbone, without building it: prompts, couplers with their bias, and
 * the meta-net.
 *
 * ```js
 * trainedParameters(promptDesign('maple', config), config); // 3555072 for ViT-B/16
 * ```
 *
 * @param classes - number of classes, which counts where each has a context of its own
 */
export function trainedParameters(design: PromptDesign, config: TowersConfig, classes = 1): number {
  const { textDepth, textLength, visionDepth, visionLength, coupling, contexts, conditioning } = design;
  const { text, vision, embedDim } = config;
  const textPrompts = textDepth * textLength * text.width * (contexts === 'perClass' ? classes : 1);
  const linear = (inputs: number, outputs: number): number => (inputs + 1) * outputs;
  if (conditioning === 'metaNet') {
    const hidden = metaNetWidth(config);
    return textPrompts + linear(embedDim, hidden) + linear(hidden, text.width);
  }
  if (coupling === 'none') {
    return textPrompts + visionDepth * visionLength * vision.width;
  }
  const couplers = coupling === 'unified' ? 1 : visionDepth;
  return textPrompts + couplers * linear(text.width, vision.width);
}
