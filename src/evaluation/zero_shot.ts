import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbone/backbone.js';
import { buildClip } from '../clip/build_clip.js';
import { foldClassifier } from '../clip/fold_classifier.js';
import { promptDesign } from '../prompting/presets.js';

/** Settings of {@link zeroShotClassifier}. */
export interface ZeroShotOptions {
  /** Texts with `{}` in the class name's place; the features of several are averaged. Default: `a photo of a {}.` */
  templates?: string | readonly string[];
}

const OPTIONS: SettingNames<ZeroShotOptions> = { templates: true };

/**
 * A classifier that nothing was trained for: the backbone told the names of the classes. It is folded: the texts are
 * worked out now and once, and the model is the image tower alone.
 *
 * ```ts no-run
 * const model = await zeroShotClassifier(backbone, ['cat', 'dog'], { templates: clipTemplates.selected });
 * ```
 * @throws MapleError for class names or templates that cannot be used
 */
export async function zeroShotClassifier(
  backbone: Backbone,
  classNames: readonly string[],
  options: ZeroShotOptions = {},
): Promise<LayersModel> {
  checkKnown('zeroShotClassifier', options, OPTIONS);
  const { templates } = options;
  const design = promptDesign('zeroShot', backbone.config);
  const model = await buildClip(backbone, { classNames, design, ...(templates === undefined ? {} : { templates }) });
  const folded = await foldClassifier(model);
  model.dispose();
  return folded;
}
