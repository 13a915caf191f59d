import { expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { clipConfigs } from '../../../src/clip/clip_configs.js';
import { siglipConfigs } from '../../../src/clip/siglip_configs.js';
import { architectureOf } from '../../../src/published/architecture_of.js';

test('an architecture by its own name, of CLIP’s form or SigLIP’s', () => {
  expect(architectureOf('vitL14At336')).toBe(clipConfigs.vitL14At336);
  expect(architectureOf('siglip2Base32At256')).toBe(siglipConfigs.siglip2Base32At256);
});

test('by a published model’s name, with that model’s activations', () => {
  const { vision, text, ...others } = architectureOf('laion/CLIP-ViT-B-16-laion2B-s34B-b88K');
  const { vision: openAisVision, text: openAisText, ...openAis } = clipConfigs.vitB16;
  expect(others).toEqual(openAis);
  expect(vision).toEqual({ ...openAisVision, activation: 'gelu' });
  expect(text).toEqual({ ...openAisText, activation: 'gelu' });
});

test.each([
  ['vitB17', ' Do you mean `vitB16`?'],
  ['openai/clip-vit-base-patch17', ' Do you mean `openai/clip-vit-base-patch16`?'],
  ['toString', ''],
  ['', ''],
])('tells of "%s" what there is', (name, meant) => {
  expect(() => architectureOf(name)).toThrow(MapleError);
  expect(() => architectureOf(name)).toThrow(
    `"${name}" is no published architecture.${meant} Take one of vitB32, vitB16, vitL14, `,
  );
});
