import type { TowerConfig } from '../clip/config.js';
import type { KeyRow, KeyScheme } from './key_map.js';
import { dense, norm, same } from './key_rows.js';
import { residualBlocks } from './openai.js';

/** Names of open_clip's SigLIP: timm's vision transformer under `visual.trunk.`, open_clip's text tower under `text.`. */
export const OPEN_CLIP_SIGLIP_NAMES: KeyScheme = {
  name: "open_clip's SigLIP",
  ignored: new Set(['text.attn_mask']),
  rows: ({ vision, text }) => [
    { target: 'vision/patches/kernel', sources: ['visual.trunk.patch_embed.proj.weight'], layout: 'patches' },
    same('vision/patches/bias', 'visual.trunk.patch_embed.proj.bias'),
    { target: 'vision/positions/positions', sources: ['visual.trunk.pos_embed'], layout: 'leading' },
    ...timmBlocks('vision', 'visual.trunk', vision),
    ...norm('vision/post_norm', 'visual.trunk.norm'),
    same('vision/pool/probe', 'visual.trunk.attn_pool.latent'),
    ...dense('vision/pool/attention/qkv', ['visual.trunk.attn_pool.q', 'visual.trunk.attn_pool.kv'], [1, 2]),
    ...dense('vision/pool/attention/out', 'visual.trunk.attn_pool.proj'),
    ...norm('vision/pool/norm', 'visual.trunk.attn_pool.norm'),
    ...dense('vision/pool/mlp/up', 'visual.trunk.attn_pool.mlp.fc1'),
    ...dense('vision/pool/mlp/down', 'visual.trunk.attn_pool.mlp.fc2'),
    same('text/token_embedding/embeddings', 'text.token_embedding.weight'),
    same('text/positions/positions', 'text.positional_embedding'),
    ...residualBlocks('text', 'text.transformer', text),
    ...norm('text/final_norm', 'text.ln_final'),
    ...dense('text/projection', 'text.text_projection'),
    same('logits/logit_scale', 'logit_scale'),
    same('logits/logit_bias', 'logit_bias'),
  ],
};

function timmBlocks(tower: string, prefix: string, { layers }: TowerConfig): KeyRow[] {
  return Array.from({ length: layers }, (_, index) => index).flatMap((index) => {
    const [ours, theirs] = [`${tower}/block_${index}`, `${prefix}.blocks.${index}`];
    return [
      ...norm(`${ours}/norm_1`, `${theirs}.norm1`),
      ...dense(`${ours}/attention/qkv`, `${theirs}.attn.qkv`),
      ...dense(`${ours}/attention/out`, `${theirs}.attn.proj`),
      ...norm(`${ours}/norm_2`, `${theirs}.norm2`),
      ...dense(`${ours}/mlp/up`, `${theirs}.mlp.fc1`),
      ...dense(`${ours}/mlp/down`, `${theirs}.mlp.fc2`),
    ];
  });
}
