import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Example } from '../data/dataset.js';
import { classTexts, pictureFeatures, type ClassTexts, type PictureFeatures } from '../heads/features.js';
import { fitHead } from '../heads/fit_head.js';
import type { Head, HeadKind } from '../heads/head.js';
import type { EvaluateOptions } from './evaluate.js';
import { featuresOf, testOnFeatures, type FeatureTest } from './feature_metrics.js';

/** The features that one tower has of some pictures: all that is fitted and tested on them costs the tower one pass. */
export class KnownFeatures {
  private constructor(
    private readonly features: PictureFeatures,
    private readonly places: ReadonlyMap<Example, number>,
    private readonly texts: ClassTexts,
  ) {}

  /**
   * Works out the features of pictures.
   * @param model - a classifier whose texts do not depend on the image, folded or not
   * @throws MapleError as `pictureFeatures` and `classTexts` do
   */
  static async of(
    model: LayersModel,
    examples: readonly Example[],
    options: EvaluateOptions = {},
  ): Promise<KnownFeatures> {
    const pictures = [...new Set(examples)];
    const features = await pictureFeatures(model, pictures, options);
    const places = new Map(pictures.map((example, place) => [example, place]));
    return new KnownFeatures(features, places, await classTexts(model));
  }

  /** Fits a head on pictures that are known. */
  fit(kind: HeadKind, train: readonly Example[], seed: number): Promise<Head> {
    return fitHead(kind, { train: this.featuresOf(train), texts: this.texts, seed });
  }

  /** Tests the model, or a head on it, on pictures that are known. */
  test(examples: readonly Example[], head?: Head): Promise<FeatureTest> {
    return testOnFeatures(this.featuresOf(examples), this.texts, head, (row) => examples[row].name);
  }

  private featuresOf(examples: readonly Example[]): PictureFeatures {
    return featuresOf(
      this.features,
      examples.map((example) => this.places.get(example) as number),
    );
  }
}
