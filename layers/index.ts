/**
 * The tfjs Layers of prompt learning and of CLIP's towers. Importing this module registers them, so that
 * `tf.loadLayersModel` knows a saved prompt-tuned model.
 *
 * @packageDocumentation
 */
export type { Activation } from './activations.js';
export { MapleError } from './errors.js';
export type { LayerArgs } from './layer_args.js';

// Prompts
export { conditionalPrompt, ConditionalPrompt, type ConditionalPromptArgs } from './conditional_prompt.js';
export { deepTextPrompt, DeepTextPrompt, type DeepTextPromptArgs } from './deep_text_prompt.js';
export { deepVisionPrompt, DeepVisionPrompt, type DeepVisionPromptArgs } from './deep_vision_prompt.js';
export { metaNet, MetaNet, type MetaNetArgs } from './meta_net.js';
export { promptCoupler, PromptCoupler, type PromptCouplerArgs } from './prompt_coupler.js';
export { promptVectors, PromptVectors, type PromptVectorsArgs } from './prompt_vectors.js';

// Towers
export { attentionPool, AttentionPool, type AttentionPoolArgs } from './attention_pool.js';
export { chunkedModel, ChunkedModel, type ChunkedModelArgs } from './chunked_model.js';
export { classFeatures, ClassFeatures, type ClassFeaturesArgs } from './class_features.js';
export { classTokens, ClassTokens, type ClassTokensArgs } from './class_tokens.js';
export { cosineLogits, CosineLogits, type CosineLogitsArgs } from './cosine_logits.js';
export { layerNorm, LayerNorm, type LayerNormArgs } from './layer_norm.js';
export { learnedPositions, LearnedPositions, type LearnedPositionsArgs } from './learned_positions.js';
export { packedClassTokens, PackedClassTokens, type PackedClassTokensArgs } from './packed_class_tokens.js';
export { patchEmbedding, PatchEmbedding, type PatchEmbeddingArgs } from './patch_embedding.js';
export { recomputedModel, RecomputedModel, type RecomputedModelArgs } from './recomputed_model.js';
export { sentencePool, SentencePool } from './sentence_pool.js';
export { tokenEmbedding, TokenEmbedding, type Ends, type TokenEmbeddingArgs } from './token_embedding.js';
export { tokenPool, TokenPool, type Query, type TokenPoolArgs } from './token_pool.js';
export { transformerBlock, TransformerBlock, type TransformerBlockArgs } from './transformer_block.js';

// Heads on image features
export { cacheLogits, CacheLogits, type CacheLogitsArgs } from './cache_logits.js';
export { probeLogits, ProbeLogits, type ProbeLogitsArgs } from './probe_logits.js';
