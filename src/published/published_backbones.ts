import type { ClipConfig, ImageStatistics } from '../clip/config.js';
import { ARCHITECTURES, PARAMETERS, type PublishedArchitecture } from './published_architectures.js';
import { CLIP_FAMILIES, type Activation, type Family, type Member } from './published_families.js';
import { SIGLIP_FAMILIES } from './published_siglip_families.js';

/** What is known of a published backbone before any of its files is read. */
export interface PublishedBackbone {
  /** Whose it is, and trained on what. */
  family: string;
  architecture: PublishedArchitecture;
  /** The architecture with this model's activations. */
  config: ClipConfig;
  /** Parameters of both towers, temperature and bias of the logits included. */
  parameters: number;
  imageStatistics: ImageStatistics;
  /** open_clip's architecture and tag of the same weights, for people: `ViT-B-16, laion2b_s34b_b88k`. */
  openClip?: string;
  /** Licence of the weights as their publisher states it. */
  licence: string;
}

/**
 * Published backbones by their names on the hub, as `loadBackbone` takes them: what each is, before a byte is fetched.
 * A model's own files decide when it is loaded; one that is not here loads as well, if it has one of the known forms.
 *
 * ```js
 * const { config, parameters } = publishedBackbones['google/siglip2-base-patch16-256'];
 * promptDesign('maple', config);
 * parameters; // 375234050
 * ```
 */
export const publishedBackbones: Readonly<Record<string, PublishedBackbone>> = Object.fromEntries(
  [...CLIP_FAMILIES, ...SIGLIP_FAMILIES].flatMap(({ members, ...family }) =>
    Object.entries(members).map(([name, member]) => [name, published(family, member)]),
  ),
);

function published(of: Omit<Family, 'members'>, [architecture, openClip, differs = {}]: Member): PublishedBackbone {
  const { family, licence, activation, imageActivation = activation, imageStatistics } = { ...of, ...differs };
  return {
    family,
    architecture,
    config: withActivations(ARCHITECTURES[architecture], imageActivation, activation),
    parameters: PARAMETERS[architecture],
    imageStatistics,
    ...(openClip === undefined ? {} : { openClip }),
    licence,
  };
}

function withActivations(config: ClipConfig, image: Activation, text: Activation): ClipConfig {
  return { ...config, vision: { ...config.vision, activation: image }, text: { ...config.text, activation: text } };
}
