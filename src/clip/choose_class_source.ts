import type { Backbone } from '../backbone/backbone.js';
import { sentenceTexts } from '../sentences/sentence_texts.js';
import type { ClassSource } from './class_source.js';
import { tokenTexts, type ClassTextArgs } from './token_texts.js';

/**
 * The texts of classes as the backbone's text tower reads them.
 * @throws MapleError for class names, templates or descriptions that cannot be used
 */
export async function chooseClassSource(backbone: Backbone, args: ClassTextArgs): Promise<ClassSource> {
  return 'encoder' in backbone ? sentenceTexts(backbone, args) : tokenTexts(backbone, args);
}
