import type { PromptDesign } from '../prompting/design.js';
import type { Method } from '../prompting/presets.js';
import { openOfficial } from './official_checkpoint.js';
import { checkOfficialPrompts, officialMethod, officialWidths, type OfficialTexts } from './official_design.js';
import { isOfficialCheckpoint } from './official_parts.js';
import type { TensorFile } from './tensor_file.js';

/** What names and shapes tell of a checkpoint. */
export interface OfficialSummary {
  method: Method;
  /** Its texts as far as the checkpoint tells them: prefix and class position are not among its tensors. */
  design: Required<PromptDesign>;
  /** Numbers in trained tensors. */
  trainedParameters: number;
  /** Classes it was tuned on, where it holds their texts. */
  classes: number | undefined;
  /** Whether the frozen CLIP is in it too. */
  holdsClip: boolean;
}

/**
 * What a checkpoint of the official code holds, without reading its weights; undefined when it is none.
 * @throws MapleError listing every tensor that is missing, unexpected or mis-shaped
 */
export async function describeOfficialCheckpoint(
  file: TensorFile,
  texts: OfficialTexts = {},
): Promise<OfficialSummary | undefined> {
  if (!isOfficialCheckpoint(file)) {
    return undefined;
  }
  const { parts, design } = await openOfficial(file, texts);
  checkOfficialPrompts(parts, design, officialWidths(parts));
  const { prompts } = parts;
  const sizes = prompts.names.map((name) => prompts.shape(name).reduce((product, side) => product * side, 1));
  return {
    method: officialMethod(design),
    design,
    trainedParameters: sizes.reduce((sum, size) => sum + size, 0),
    classes: parts.texts && file.shape(parts.texts.suffix)[0],
    holdsClip: parts.clip !== undefined,
  };
}
