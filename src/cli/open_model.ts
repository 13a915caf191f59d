import type { LayersModel } from '@tensorflow/tfjs-layers';
import { classNamesOf } from '../backbone/model_metadata.js';
import { note } from '../node/notes.js';
import { warnOfOneClass } from './one_class.js';
import { openBackboneFor, type BackboneFlags } from './options.js';

/**
 * The classifier that a path names, ready to be used: a saved model, a folder that `train` wrote, or prompts, which are
 * put on the backbone of `--backbone`. Folded where that is possible.
 * @param classNames - other classes than those it was tuned on
 * @throws MapleError when there is none, it does not fit the backbone, or it cannot be told other class names
 */
export async function openModel(
  path: string,
  flags: BackboneFlags,
  classNames?: readonly string[],
): Promise<LayersModel> {
  const model = await loadModel(path, flags, classNames);
  warnOfOneClass(classNamesOf(model));
  return model;
}

async function loadModel(path: string, flags: BackboneFlags, classNames?: readonly string[]): Promise<LayersModel> {
  const [{ findModel }, { foldedAlone }] = await Promise.all([
    import('../node/find_model.js'),
    import('../node/load_classifier.js'),
  ]);
  // Prompts can be told other names; the whole model that `train` writes is folded and cannot.
  const { kind, folder } = await findModel(path, classNames === undefined ? 'model' : 'prompts');
  if (kind === 'prompts') {
    const { loadPrompts } = await import('../node/prompt_folder.js');
    const options = { ...(classNames === undefined ? {} : { classNames }), warn: note };
    return foldedAlone(await loadPrompts(folder, await openBackboneFor(flags), options));
  }
  const { loadLayersModel } = await import('@tensorflow/tfjs-layers');
  const { fileHandler } = await import('../node/file_handler.js');
  const model = await loadLayersModel(fileHandler(folder));
  if (classNames === undefined) {
    return foldedAlone(model);
  }
  const { swapClassNames } = await import('../clip/swap_class_names.js');
  try {
    return await foldedAlone(await swapClassNames(model, await openBackboneFor(flags), classNames));
  } finally {
    model.dispose();
  }
}
