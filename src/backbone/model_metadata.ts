import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import type { HeadSettings } from '../heads/head.js';
import type { PromptDesign } from '../prompting/design.js';
import type { Descriptions } from '../sentences/class_sentences.js';
import type { Backbone } from './backbone.js';
import type { ImageStatistics } from '../clip/config.js';
import type { TowersConfig } from './contract.js';

/**
 * What a prompt-tuned model knows of itself. It travels in the model's user-defined metadata, since tfjs changes the
 * strings of layer configurations when it saves them (`American Bulldog` -> `american Bulldog`).
 */
export interface ModelMetadata {
  /** Version of this form. */
  format: 1;
  /** Names of the classes, in the order of the logits. */
  classNames: string[];
  /** With every field, whether it was chosen or not. */
  design: Required<PromptDesign>;
  /** Fixed texts of a method without text prompts, `{}` in the class name's place. */
  templates?: string[];
  /** What a sentence encoder was told of classes beside their names. */
  descriptions?: Descriptions;
  /** What prompting asks of the towers; of transformers all that describes them. */
  config: TowersConfig;
  imageStatistics: ImageStatistics;
  /** What the prompts were learned on. */
  backbone: Pick<Backbone, 'name' | 'identity'>;
  /** Layers of the towers that are learned with the prompts, by name. */
  learned?: string[];
  /** Whether the text tower has been folded into its features. */
  folded?: boolean;
  /** The head that was fitted on the image features, where one stands in the graph (see {@link withHead}). */
  head?: HeadSettings;
}

const KEY = 'tfjsMaple';

/** Writes the metadata into a model, beside what the user put there. */
export function setMetadata(model: LayersModel, metadata: ModelMetadata): void {
  const others = (model.getUserDefinedMetadata() as Record<string, unknown> | undefined) ?? {};
  model.setUserDefinedMetadata({ ...others, [KEY]: metadata });
}

/**
 * The metadata of a model made by {@link buildClip}, also after `tf.loadLayersModel`.
 * @throws MapleError when the model is none of this library's
 */
export function modelMetadata(model: LayersModel): ModelMetadata {
  const metadata = (model.getUserDefinedMetadata() as Record<string, unknown> | undefined)?.[KEY];
  if ((metadata as Partial<ModelMetadata> | undefined)?.format !== 1) {
    throw new MapleError(
      `Model "${model.name}" carries no class names and prompt design (user-defined metadata "${KEY}", format 1). ` +
        'Was it built by buildClip of this version, and saved with model.save?',
    );
  }
  return metadata as ModelMetadata;
}

/** Names of the classes of a model, in the order of its logits. */
export function classNamesOf(model: LayersModel): string[] {
  return [...modelMetadata(model).classNames];
}
