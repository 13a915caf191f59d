import type { TokenBackbone } from '../backbone/backbone.js';
import type { ClipConfig } from './config.js';

/** A backbone of two transformers that a configuration describes: CLIP's family, SigLIP's. */
export interface TransformerBackbone extends TokenBackbone {
  readonly config: ClipConfig;
}
