import { describe, expect, test } from '@jest/globals';
import { clipConfigs } from '../../../src/clip/clip_configs.js';
import {
  configFromHuggingFace,
  configToHuggingFace,
  endTokenFromHuggingFace,
} from '../../../src/weights/huggingface_config.js';

const B32 = clipConfigs.vitB32;

describe('configFromHuggingFace', () => {
  test('takes the defaults of CLIPConfig, ViT-B/32, for what is left out', () => {
    expect(configFromHuggingFace({ model_type: 'clip' })).toEqual(B32);
  });

  test('lets the objects that older releases wrote win, as they do there', () => {
    const config = configFromHuggingFace({
      model_type: 'clip',
      projection_dim: 768,
      vision_config: { patch_size: 16, projection_dim: 999 },
      vision_config_dict: { patch_size: 14, hidden_act: 'gelu' },
      text_config_dict: null,
    });
    expect(config).toEqual({ ...B32, embedDim: 768, vision: { ...B32.vision, patchSize: 14, activation: 'gelu' } });
  });

  test('undoes configToHuggingFace, with the towers apart', () => {
    const config = {
      ...B32,
      embedDim: 40,
      text: { ...B32.text, activation: 'gelu', epsilon: 1e-6, vocabularySize: 99 },
    } as const;
    const json = configToHuggingFace(config, { startToken: 97, endToken: 98 });
    expect(configFromHuggingFace(JSON.parse(JSON.stringify(json)) as object)).toEqual(config);
    expect(endTokenFromHuggingFace(json)).toBe(98);
  });

  test.each([
    ['another model', { model_type: 'blip' }, /`model_type` .* must be clip or siglip.* Received: blip/],
    ['SigLIP 2 of variable resolution', { model_type: 'siglip2' }, /Received: siglip2.*NaFlex/],
    [
      'SigLIP without its head',
      { model_type: 'siglip', vision_config: { vision_use_head: false } },
      /`vision_config.vision_use_head` .* must be true/,
    ],
    [
      "SigLIP's feature of another width than the image tower",
      { model_type: 'siglip', text_config: { projection_size: 512 } },
      /`text_config.projection_size` .* 768. Received: 512/,
    ],
    ['none', {}, /`model_type` .* Received: undefined/],
    [
      'a size of text',
      { model_type: 'clip', projection_dim: '512' },
      /config.json: `embedDim` must be a positive integer/,
    ],
    [
      'a patch larger than the picture',
      { model_type: 'clip', vision_config: { patch_size: 240 } },
      /imageSize=224, patchSize=240/,
    ],
    [
      'an activation',
      { model_type: 'clip', text_config: { hidden_act: 'toString' } },
      /`text_config.hidden_act` .* "toString"/,
    ],
    ['an epsilon', { model_type: 'clip', text_config: { layer_norm_eps: 0 } }, /`text.epsilon` must be a positive/],
  ])('refuses %s', (_, json, message) => {
    expect(() => configFromHuggingFace(json)).toThrow(message);
  });
});

test("an end token of 2 is an old mistake of OpenAI's config.json and says nothing", () => {
  expect(endTokenFromHuggingFace({ text_config: { eos_token_id: 2 } })).toBeUndefined();
  expect(endTokenFromHuggingFace({})).toBeUndefined();
});

describe('configFromHuggingFace of SigLIP', () => {
  test('takes the defaults of SiglipConfig, base at 224, for what is left out', () => {
    const config = configFromHuggingFace({ model_type: 'siglip' });
    const tower = { width: 768, layers: 12, heads: 12, mlpWidth: 3072, activation: 'geluTanh', epsilon: 1e-6 };
    expect(config).toEqual({
      embedDim: 768,
      logitBias: true,
      vision: {
        ...tower,
        imageSize: 224,
        patchSize: 16,
        pooling: 'attention',
        preNorm: false,
        patchBias: true,
        projection: false,
      },
      text: {
        ...tower,
        contextLength: 64,
        vocabularySize: 32000,
        causal: false,
        pooling: 'last',
        startToken: false,
        projectionBias: true,
      },
    });
  });

  test('undoes configToHuggingFace, with a text tower of another width', () => {
    const config = configFromHuggingFace({
      model_type: 'siglip',
      text_config: { hidden_size: 384, num_attention_heads: 6, projection_size: 768, vocab_size: 256000 },
    });
    const json = configToHuggingFace(config, { endToken: 1, padding: 0 });
    expect(json).toMatchObject({ model_type: 'siglip', text_config: { eos_token_id: 1, pad_token_id: 0 } });
    expect(configFromHuggingFace(json)).toEqual(config);
  });

  test('a form that neither CLIP nor SigLIP has is not written', () => {
    const config = configFromHuggingFace({ model_type: 'siglip' });
    const mixed = { ...config, text: { ...config.text, causal: true } };
    expect(() => configToHuggingFace(mixed, { endToken: 1 })).toThrow(/neither form .*text.causal=true/);
  });
});
