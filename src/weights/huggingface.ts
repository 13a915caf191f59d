import type { TowerConfig } from '../clip/config.js';
import type { KeyRow, KeyScheme } from './key_map.js';
import { linear, norm, same } from './key_rows.js';

/** Names of Hugging Face's CLIPModel. `pre_layrnorm` is spelt so there. */
export const HUGGING_FACE_NAMES: KeyScheme = {
  name: "Hugging Face's",
  // Older releases stored the numbers 0, 1, 2, ... of the positions.
  ignored: new Set(['text_model.embeddings.position_ids', 'vision_model.embeddings.position_ids']),
  rows: ({ vision, text }) => [
    { target: 'vision/patches/kernel', sources: ['vision_model.embeddings.patch_embedding.weight'], layout: 'patches' },
    same('vision/patches/class_token', 'vision_model.embeddings.class_embedding'),
    same('vision/positions/positions', 'vision_model.embeddings.position_embedding.weight'),
    ...norm('vision/pre_norm', 'vision_model.pre_layrnorm'),
    ...towerRows('vision', 'vision_model', vision),
    ...norm('vision/post_norm', 'vision_model.post_layernorm'),
    linear('vision/projection/kernel', 'visual_projection.weight'),
    same('text/token_embedding/embeddings', 'text_model.embeddings.token_embedding.weight'),
    same('text/positions/positions', 'text_model.embeddings.position_embedding.weight'),
    ...towerRows('text', 'text_model', text),
    ...norm('text/final_norm', 'text_model.final_layer_norm'),
    linear('text/projection/kernel', 'text_projection.weight'),
    same('logits/logit_scale', 'logit_scale'),
  ],
};

/** The blocks of a tower, which all of Hugging Face's transformers name alike. */
export function towerRows(tower: string, prefix: string, { layers }: TowerConfig): KeyRow[] {
  return Array.from({ length: layers }, (_, index) => index).flatMap((index) => {
    const [ours, theirs] = [`${tower}/block_${index}`, `${prefix}.encoder.layers.${index}`];
    const qkv = ['q_proj', 'k_proj', 'v_proj'].map((projection) => `${theirs}.self_attn.${projection}`);
    return [
      ...norm(`${ours}/norm_1`, `${theirs}.layer_norm1`),
      linear(`${ours}/attention/qkv/kernel`, ...qkv.map((name) => `${name}.weight`)),
      same(`${ours}/attention/qkv/bias`, ...qkv.map((name) => `${name}.bias`)),
      linear(`${ours}/attention/out/kernel`, `${theirs}.self_attn.out_proj.weight`),
      same(`${ours}/attention/out/bias`, `${theirs}.self_attn.out_proj.bias`),
      ...norm(`${ours}/norm_2`, `${theirs}.layer_norm2`),
      linear(`${ours}/mlp/up/kernel`, `${theirs}.mlp.fc1.weight`),
      same(`${ours}/mlp/up/bias`, `${theirs}.mlp.fc1.bias`),
      linear(`${ours}/mlp/down/kernel`, `${theirs}.mlp.fc2.weight`),
      same(`${ours}/mlp/down/bias`, `${theirs}.mlp.fc2.bias`),
    ];
  });
}
