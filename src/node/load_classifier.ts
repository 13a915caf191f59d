import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { foldWherePossible } from '../clip/fold_classifier.js';
import { fileHandler } from './file_handler.js';
import { findModel } from './find_model.js';

/**
 * A tuned model from its folder, folded to its image tower: what classifies pictures needs no text tower.
 * @param folder - where `model.save('file://...')` put it, or what `tfjs-maple train` wrote
 * @throws MapleError when there is no model, its files are damaged, or it is none of this library's
 */
export async function loadClassifier(folder: string): Promise<LayersModel> {
  const found = await findModel(folder);
  if (found.kind === 'prompts') {
    throw new MapleError(
      `${folder} holds prompts without their backbone. Put them on it: loadPrompts(folder, backbone), or --backbone.`,
    );
  }
  return foldedAlone(await loadLayersModel(fileHandler(found.folder)));
}

/** The model folded where that is possible, and the model itself, of which the folded one has what it needs, let go. */
export async function foldedAlone(model: LayersModel): Promise<LayersModel> {
  const classifier = await foldWherePossible(model);
  if (classifier !== model) {
    // Both share the image tower, which stays.
    model.dispose();
  }
  return classifier;
}
