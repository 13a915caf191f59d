import { MapleError } from '../../layers/errors.js';
import { emojiRecipe, emojiTransferRecipe } from '../emoji_world/recipes.js';
import { emojiStudyData } from '../emoji_world/study_data.js';
import type { RecipeOf, StudyData, StudyOptions } from './study_data.js';

/** Validation pictures a class: settings chosen on few would be chosen by chance. */
const VALIDATION_SCENES = 20;

/**
 * Emoji World as a study's data: what the commands run on where no other module is named.
 * @throws MapleError for a folder, which means other data
 */
export function studyData({ style, split, root }: StudyOptions): StudyData {
  if (root !== undefined) {
    throw new MapleError(
      `Emoji World is in no folder. Received: --root ${root}. Add \`--data paper\` for the data sets there, or leave it out.`,
    );
  }
  return emojiStudyData({ style, ...(split === 'validation' ? { validationScenes: VALIDATION_SCENES } : {}) });
}

/** Emoji World's recipes. */
export const recipeOf: RecipeOf = (method, protocol) =>
  protocol === 'transfer' ? emojiTransferRecipe(method) : emojiRecipe(method);
