import type { ClipConfig } from '../clip/config.js';
import type { PromptDesign } from './design.js';

/**
 * Number of parameters that a design trains on a backbone, without building it: prompts, and couplers with their bias.
 *
 * ```js
 * trainedParameters(promptDesign('maple', config), config); // 3555072 for ViT-B/16
 * ```
 */
export function trainedParameters(design: PromptDesign, { text, vision }: ClipConfig): number {
  const { textDepth, textLength, visionDepth, visionLength, coupling } = design;
  const textPrompts = textDepth * textLength * text.width;
  if (coupling === 'none') {
    return textPrompts + visionDepth * visionLength * vision.width;
  }
  const couplers = coupling === 'unified' ? 1 : visionDepth;
  return textPrompts + couplers * (text.width + 1) * vision.width;
}
