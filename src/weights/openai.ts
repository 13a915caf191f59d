import type { TowerConfig } from '../clip/config.js';
import type { KeyRow, KeyScheme } from './key_map.js';
import { linear, norm, same } from './key_rows.js';

/** Names of OpenAI's release, which OpenCLIP and the official MaPLe code keep. */
export const OPENAI_NAMES: KeyScheme = scheme("OpenAI's", '');

/** Names of OpenCLIP's CustomTextCLIP: OpenAI's, with the text tower's under `text.`. */
export const CUSTOM_TEXT_NAMES: KeyScheme = scheme("OpenCLIP's custom text", 'text.');

function scheme(name: string, text: string): KeyScheme {
  return {
    name,
    ignored: new Set(['input_resolution', 'context_length', 'vocab_size', `${text}attn_mask`]),
    rows: (config) => [
      { target: 'vision/patches/kernel', sources: ['visual.conv1.weight'], layout: 'patches' },
      same('vision/patches/class_token', 'visual.class_embedding'),
      same('vision/positions/positions', 'visual.positional_embedding'),
      ...norm('vision/pre_norm', 'visual.ln_pre'),
      ...residualBlocks('vision', 'visual.transformer', config.vision),
      ...norm('vision/post_norm', 'visual.ln_post'),
      same('vision/projection/kernel', 'visual.proj'),
      same('text/token_embedding/embeddings', `${text}token_embedding.weight`),
      same('text/positions/positions', `${text}positional_embedding`),
      ...residualBlocks('text', `${text}transformer`, config.text),
      ...norm('text/final_norm', `${text}ln_final`),
      same('text/projection/kernel', `${text}text_projection`),
      same('logits/logit_scale', 'logit_scale'),
    ],
  };
}

/** The blocks of a tower, as OpenAI's transformers name them. */
export function residualBlocks(tower: string, prefix: string, { layers }: TowerConfig): KeyRow[] {
  return Array.from({ length: layers }, (_, index) => index).flatMap((index) => {
    const [ours, theirs] = [`${tower}/block_${index}`, `${prefix}.resblocks.${index}`];
    return [
      ...norm(`${ours}/norm_1`, `${theirs}.ln_1`),
      linear(`${ours}/attention/qkv/kernel`, `${theirs}.attn.in_proj_weight`),
      same(`${ours}/attention/qkv/bias`, `${theirs}.attn.in_proj_bias`),
      linear(`${ours}/attention/out/kernel`, `${theirs}.attn.out_proj.weight`),
      same(`${ours}/attention/out/bias`, `${theirs}.attn.out_proj.bias`),
      ...norm(`${ours}/norm_2`, `${theirs}.ln_2`),
      linear(`${ours}/mlp/up/kernel`, `${theirs}.mlp.c_fc.weight`),
      same(`${ours}/mlp/up/bias`, `${theirs}.mlp.c_fc.bias`),
      linear(`${ours}/mlp/down/kernel`, `${theirs}.mlp.c_proj.weight`),
      same(`${ours}/mlp/down/bias`, `${theirs}.mlp.c_proj.bias`),
    ];
  });
}
