import { describe, expect, test } from '@jest/globals';
import { clipConfigs } from '../../../src/clip/clip_configs.js';
import { siglipConfigs } from '../../../src/clip/siglip_configs.js';
import { configFromOpenClip, foreignTokenizer, isOpenClipConfig } from '../../../src/weights/clip_config_open_clip.js';

const text = (width: number, heads: number, layers: number) => ({
  context_length: 77,
  vocab_size: 49408,
  width,
  heads,
  layers,
});
const of = (model: object) => ({ model_cfg: model });
const B32 = {
  embed_dim: 512,
  vision_cfg: { image_size: 224, layers: 12, width: 768, patch_size: 32 },
  text_cfg: text(512, 8, 12),
};

describe('configFromOpenClip', () => {
  test.each<[keyof typeof clipConfigs, object]>([
    ['vitB32', { ...B32, quick_gelu: true }],
    [
      'vitB16Plus240',
      {
        embed_dim: 640,
        vision_cfg: { image_size: 240, layers: 12, width: 896, patch_size: 16 },
        text_cfg: text(640, 10, 12),
      },
    ],
    [
      'vitH14',
      {
        embed_dim: 1024,
        vision_cfg: { image_size: 224, layers: 32, width: 1280, head_width: 80, patch_size: 14 },
        text_cfg: text(1024, 16, 24),
      },
    ],
    [
      'vitG14',
      {
        embed_dim: 1024,
        vision_cfg: { image_size: 224, layers: 40, width: 1408, head_width: 88, mlp_ratio: 4.3637, patch_size: 14 },
        text_cfg: text(1024, 16, 24),
      },
    ],
    [
      'vitBigG14',
      {
        embed_dim: 1280,
        vision_cfg: { image_size: 224, layers: 48, width: 1664, head_width: 104, mlp_ratio: 4.9231, patch_size: 14 },
        text_cfg: text(1280, 20, 32),
      },
    ],
  ])("gives %s for open_clip's own description of it", (name, model) => {
    expect(configFromOpenClip(of(model))).toEqual(clipConfigs[name]);
  });

  test('takes open_clip’s defaults, the exact GELU among them, and fields that are off', () => {
    const config = configFromOpenClip(
      of({
        embed_dim: 512,
        custom_text: true,
        multimodal_cfg: null,
        vision_cfg: {
          image_size: [224, 224],
          timm_model_name: null,
          ls_init_value: null,
          act_kwargs: {},
          patch_dropout: 0.5,
        },
        text_cfg: { pool_type: 'argmax', no_causal_mask: false, norm_kwargs: { eps: 1e-6 } },
      }),
    );
    const { vision, text: words } = clipConfigs.vitB16;
    expect(config).toEqual({
      embedDim: 512,
      vision: { ...vision, activation: 'gelu' },
      text: { ...words, activation: 'gelu', epsilon: 1e-6 },
    });
  });

  test("takes the GELU's approximation of either tower", () => {
    const act_kwargs = { approximate: 'tanh' };
    const { vision: image, text: words } = configFromOpenClip(
      of({ ...B32, vision_cfg: { ...B32.vision_cfg, act_kwargs } }),
    );
    expect([image.activation, words.activation]).toEqual(['geluTanh', 'gelu']);
  });

  const vision = (changed: object) => of({ ...B32, vision_cfg: { ...B32.vision_cfg, ...changed } });
  const words = (changed: object) => of({ ...B32, text_cfg: { ...B32.text_cfg, ...changed } });
  test.each<[string, object, RegExp]>([
    [
      'a timm tower',
      vision({ timm_model_name: 'vit_x' }),
      /`vision_cfg.timm_model_name` .* timm \(vit_x\), which is not .* SigLIP \(google/,
    ],
    [
      'a Hugging Face text tower',
      words({ hf_model_name: 'roberta-base' }),
      /`text_cfg.hf_model_name` .* \(roberta-base\)/,
    ],
    ['a ResNet', vision({ layers: [3, 4, 6, 3] }), /`vision_cfg.layers` .* a list: a ResNet CLIP/],
    [
      'another pooling of images',
      vision({ pool_type: 'avg' }),
      /`vision_cfg.pool_type` .* must be tok; .* Received: "avg"/,
    ],
    [
      'another pooling of texts',
      words({ pool_type: 'last' }),
      /`text_cfg.pool_type` .* must be argmax; .* Received: "last"/,
    ],
    [
      'another approximation of the GELU',
      words({ act_kwargs: { approximate: 'sigmoid' } }),
      /`text_cfg.act_kwargs` .* must be off or, .* Received: {"approximate":"sigmoid"}/,
    ],
    ['no mask', words({ no_causal_mask: true }), /`text_cfg.no_causal_mask` .* must be absent or off/],
    ['layer scale', vision({ ls_init_value: 1e-5 }), /`vision_cfg.ls_init_value` .* must be absent or off/],
    ['a bias of the logits', of({ ...B32, init_logit_bias: -10 }), /`model_cfg.init_logit_bias` .* Received: -10/],
    ['a field of tomorrow', vision({ rope: true }), /`vision_cfg.rope` .* changes what the model computes/],
    ['pictures that are not square', vision({ image_size: [224, 336] }), /`vision_cfg.image_size` .* square/],
    [
      'heads that do not divide',
      vision({ head_width: 100 }),
      /open_clip_config.json: `vision.width` must be a multiple/,
    ],
    ['no size', of({ ...B32, embed_dim: undefined }), /`embedDim` must be a positive integer. Received: undefined/],
    ['no object', of([]), /`model_cfg` .* must be an object/],
  ])('refuses %s', (_, json, message) => {
    expect(() => configFromOpenClip(json)).toThrow(message);
  });
});

test('an open_clip_config.json is known by its model_cfg, and names the tokeniser where it is not CLIP’s', () => {
  expect([isOpenClipConfig(of(B32)), isOpenClipConfig({ model_type: 'clip' })]).toEqual([true, false]);
  expect(foreignTokenizer(of(B32))).toBeUndefined();
  expect(foreignTokenizer(of({ ...B32, text_cfg: { hf_tokenizer_name: 'bert' } }))).toBe('bert');
});

describe('a SigLIP of open_clip', () => {
  const vision_cfg = {
    image_size: 256,
    timm_model_name: 'vit_base_patch32_siglip_256',
    timm_model_pretrained: false,
    timm_pool: 'map',
    timm_proj: 'none',
  };
  const text_cfg = {
    ...{ ...text(768, 12, 12), context_length: 64, vocab_size: 256000 },
    ...{ no_causal_mask: true, proj_bias: true, pool_type: 'last', norm_kwargs: { eps: 1e-6 } },
    ...{ act_kwargs: { approximate: 'tanh' }, tokenizer_kwargs: { clean: 'canonicalize' } },
  };
  const model = { embed_dim: 768, init_logit_bias: -10, custom_text: true, vision_cfg, text_cfg };

  test('is read', () => {
    expect(configFromOpenClip(of(model))).toEqual(siglipConfigs.siglip2Base32At256);
  });

  const vision = (changed: object) => of({ ...model, vision_cfg: { ...vision_cfg, ...changed } });
  const words = (changed: object) => of({ ...model, text_cfg: { ...text_cfg, ...changed } });
  test.each<[string, object, RegExp]>([
    [
      'vitamin_large_256',
      vision({ timm_model_name: 'vitamin_large_256' }),
      /image tower of timm \(vitamin_large_256\)/,
    ],
    ['convnext_base', vision({ timm_model_name: 'convnext_base' }), /image tower of timm \(convnext_base\)/],
    ['an EVA', vision({ timm_model_name: 'eva02_base_patch16_clip_224' }), /image tower of timm \(eva02_base/],
    ['no pooling head', vision({ timm_model_name: 'vit_base_patch16_siglip_gap_224' }), /of timm \(vit_.*_gap_224\)/],
    ['another pooling', vision({ timm_pool: 'avg' }), /`vision_cfg.timm_pool` .* must be map; .* Received: "avg"/],
    ['timm’s usual pooling', vision({ timm_pool: undefined }), /`vision_cfg.timm_pool` .* must be map for this image/],
    ['a map of images', vision({ timm_proj: 'linear' }), /`vision_cfg.timm_proj` .* must be none; .* "linear"/],
    ['another size than the tower’s', vision({ image_size: 224 }), /`vision_cfg.image_size` .* must be 256; .* 224/],
    ['a mask', words({ no_causal_mask: false }), /`text_cfg.no_causal_mask` .* must be true for .* Received: false/],
    ['texts read at the end', words({ pool_type: 'argmax' }), /`text_cfg.pool_type` .* must be last; .* "argmax"/],
    ['no map of texts', words({ proj_type: 'none' }), /`text_cfg.proj_type` .* must be linear; .* Received: "none"/],
    [
      'a map without a bias',
      words({ proj_bias: undefined }),
      /`text_cfg.proj_bias` .* must be true for this image tower/,
    ],
    ['a text tower of Hugging Face', words({ hf_model_name: 'facebook/nllb' }), /`text_cfg.hf_model_name` .*nllb/],
    ['no bias of the logits', of({ ...model, init_logit_bias: undefined }), /`model_cfg.init_logit_bias` .* a number/],
    ['another joint width', of({ ...model, embed_dim: 512 }), /open_clip_config.json: Without `vision.projection`/],
  ])('is refused with %s', (_, json, message) => {
    expect(() => configFromOpenClip(json)).toThrow(message);
  });
});
