import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TransformerBackbone } from '../clip/transformer_backbone.js';
import { buildClip } from '../clip/build_clip.js';
import { foldWherePossible } from '../clip/fold_classifier.js';
import { promptDesign, type Method } from '../prompting/presets.js';
import { promptSgd } from '../training/sgd.js';
import { crossEntropy } from '../training/losses.js';
import type { Run } from './timing.js';

/** Models to be timed and the noise they are timed on. */
export class ComplexityBench {
  private readonly owned: { dispose(): unknown }[] = [];
  private readonly tested: tf.Tensor;
  private readonly trained: tf.Tensor;
  private readonly labels: tf.Tensor;

  constructor(
    private readonly backbone: TransformerBackbone,
    private readonly classNames: readonly string[],
    testBatch: number,
    trainBatch: number,
  ) {
    const { imageSize } = backbone.config.vision;
    const noise = (count: number): tf.Tensor => tf.randomNormal([count, imageSize, imageSize, 3], 0, 1, 'float32', 1);
    this.tested = noise(testBatch);
    this.trained = noise(trainBatch);
    const classes = classNames.length;
    this.labels = tf.oneHot(
      Array.from({ length: trainBatch }, (_, index) => index % classes),
      classes,
    );
  }

  /** Number of what is held, for `release`. */
  get size(): number {
    return this.owned.length;
  }

  async build(method: Method): Promise<LayersModel> {
    const design = promptDesign(method, this.backbone.config);
    return this.own(await buildClip(this.backbone, { classNames: this.classNames, design }));
  }

  /** A batch of the test, as evaluateClassifier does it. */
  async testOf(model: LayersModel): Promise<Run> {
    const classifier = await foldWherePossible(model);
    if (classifier !== model) {
      this.own(classifier);
    }
    return async () => {
      const logits = classifier.predict(this.tested) as tf.Tensor;
      await logits.data();
      logits.dispose();
    };
  }

  /** A training step, at a learning rate that leaves the model as it is but for the last digits. */
  stepOf(model: LayersModel): Run {
    const optimizer = this.own(promptSgd({ learningRate: 1e-6 }));
    model.compile({ optimizer, loss: crossEntropy });
    return async () => void (await model.trainOnBatch(this.trained, this.labels));
  }

  /** Lets go of all but the first `count`. */
  release(count: number): void {
    this.owned
      .splice(count)
      .reverse()
      .forEach((thing) => thing.dispose());
  }

  dispose(): void {
    this.release(0);
    tf.dispose([this.tested, this.trained, this.labels]);
  }

  private own<T extends { dispose(): unknown }>(thing: T): T {
    this.owned.push(thing);
    return thing;
  }
}
