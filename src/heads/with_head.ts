import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { cacheLogits, probeLogits } from '../../layers/index.js';
import { setMetadata } from '../backbone/model_metadata.js';
import { applyAgain } from '../clip/apply_again.js';
import { featureTensors, type FeatureTensors } from '../clip/feature_tensors.js';
import { foldClassifier } from '../clip/fold_classifier.js';
import { headless } from './features.js';
import type { CacheHead, Head, ProbeHead } from './head.js';

/**
 * A classifier with a fitted head in its graph: images to logits, folded, to be tested, saved and loaded as every model
 * of this library; plain tfjs loads it with `tfjs-maple/layers` alone. The image tower is shared with `model`, and either
 * can be disposed; the head's weights are frozen.
 *
 * ```ts no-run
 * const classifier = await withHead(model, head);
 * await classifier.save('indexeddb://animals');
 * ```
 * @param model - the one whose features the head was fitted on, folded or not
 * @throws MapleError when the model is none of this library's, has a head already, or its texts depend on the image
 * (CoCoOp); or when the head is of other features or classes
 */
export async function withHead(model: tfl.LayersModel, head: Head): Promise<tfl.LayersModel> {
  const metadata = headless(model);
  const { classNames, config } = metadata;
  if (head.classes !== classNames.length || head.width !== config.embedDim) {
    throw new MapleError(
      `The head must be fitted on this model: ${classNames.length} classes, features of ${config.embedDim} numbers. ` +
        `Received: a head of ${head.classes} classes, on features of ${head.width}.`,
    );
  }
  const folded = await foldClassifier(model);
  const images = tfl.input({ shape: model.inputs[0].shape.slice(1), name: 'images' });
  const known = new Map([[folded.inputs[0], images]]);
  const { image, text } = featureTensors(folded);
  const features = { image: applyAgain(image, known), text: applyAgain(text, known) };
  const logits =
    'keys' in head
      ? (tfl.layers
          .add({ name: 'logits_with_cache' })
          .apply([applyAgain(folded.outputs[0], known), cached(features, head)]) as tfl.SymbolicTensor)
      : probed(features, head);
  const classifier = tfl.model({ inputs: images, outputs: logits, name: 'classifier' });
  setMetadata(classifier, { ...metadata, classNames: [...classNames], folded: true, head: { ...head.settings } });
  if (folded !== model) {
    folded.dispose();
  }
  return classifier;
}

function cached({ image }: FeatureTensors, { settings, keys, labels, width, classes }: CacheHead): tfl.SymbolicTensor {
  const { alpha, beta } = settings;
  const layer = cacheLogits({ name: 'cache', keys: labels.length, classes, alpha, beta, trainable: false });
  const logits = layer.apply(image) as tfl.SymbolicTensor;
  tf.tidy(() => layer.setWeights([tf.tensor2d(keys, [labels.length, width]), tf.tensor1d(labels)]));
  return logits;
}

function probed(
  { image, text }: FeatureTensors,
  { kernel, bias, textScale, width, classes }: ProbeHead,
): tfl.SymbolicTensor {
  const layer = probeLogits({ name: 'probe', trainable: false });
  const logits = layer.apply([image, text]) as tfl.SymbolicTensor;
  tf.tidy(() => layer.setWeights([tf.tensor2d(kernel, [width, classes]), tf.tensor1d(bias), tf.tensor1d(textScale)]));
  return logits;
}
