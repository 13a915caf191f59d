import { loadLayersModel, type LayersModel } from '@tensorflow/tfjs-layers';
import { foldWherePossible } from '../clip/fold_classifier.js';
import { fileHandler } from './file_handler.js';

/**
 * A tuned model from its folder, folded to its image tower: what classifies pictures needs no text tower.
 * @param folder - where `model.save('file://...')` put it
 * @throws MapleError when there is no model, its files are damaged, or it is none of this library's
 */
export async function loadClassifier(folder: string): Promise<LayersModel> {
  const model = await loadLayersModel(fileHandler(folder));
  const classifier = await foldWherePossible(model);
  if (classifier !== model) {
    // Both share the image tower, which stays.
    model.dispose();
  }
  return classifier;
}
