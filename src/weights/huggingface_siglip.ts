import { towerRows } from './huggingface.js';
import type { KeyScheme } from './key_map.js';
import { dense, linear, norm, same } from './key_rows.js';

/** Names of Hugging Face's SiglipModel. */
export const HUGGING_FACE_SIGLIP_NAMES: KeyScheme = {
  name: "Hugging Face's SigLIP",
  ignored: new Set(['text_model.embeddings.position_ids', 'vision_model.embeddings.position_ids']),
  rows: ({ vision, text }) => [
    { target: 'vision/patches/kernel', sources: ['vision_model.embeddings.patch_embedding.weight'], layout: 'patches' },
    same('vision/patches/bias', 'vision_model.embeddings.patch_embedding.bias'),
    same('vision/positions/positions', 'vision_model.embeddings.position_embedding.weight'),
    ...towerRows('vision', 'vision_model', vision),
    ...norm('vision/post_norm', 'vision_model.post_layernorm'),
    same('vision/pool/probe', 'vision_model.head.probe'),
    linear('vision/pool/attention/qkv/kernel', 'vision_model.head.attention.in_proj_weight'),
    same('vision/pool/attention/qkv/bias', 'vision_model.head.attention.in_proj_bias'),
    ...dense('vision/pool/attention/out', 'vision_model.head.attention.out_proj'),
    ...norm('vision/pool/norm', 'vision_model.head.layernorm'),
    ...dense('vision/pool/mlp/up', 'vision_model.head.mlp.fc1'),
    ...dense('vision/pool/mlp/down', 'vision_model.head.mlp.fc2'),
    same('text/token_embedding/embeddings', 'text_model.embeddings.token_embedding.weight'),
    same('text/positions/positions', 'text_model.embeddings.position_embedding.weight'),
    ...towerRows('text', 'text_model', text),
    ...norm('text/final_norm', 'text_model.final_layer_norm'),
    ...dense('text/projection', 'text_model.head'),
    { target: 'logits/logit_scale', sources: ['logit_scale'], layout: 'single' },
    { target: 'logits/logit_bias', sources: ['logit_bias'], layout: 'single' },
  ],
};
