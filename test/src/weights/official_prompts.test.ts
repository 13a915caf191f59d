import { describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import { officialPromptName } from '../../../src/weights/official_prompts.js';

describe('officialPromptName', () => {
  test.each<[method: string, official: string, ours: string, transposed: boolean]>([
    ['CoOp', 'prompt_learner.ctx', 'text/prompt_0/prompt', false],
    ['CoCoOp', 'prompt_learner.meta_net.linear1.weight', 'meta_net/hidden/kernel', true],
    ['CoCoOp', 'prompt_learner.meta_net.linear1.bias', 'meta_net/hidden/bias', false],
    ['CoCoOp', 'prompt_learner.meta_net.linear2.weight', 'meta_net/out/kernel', true],
    ['CoCoOp', 'prompt_learner.meta_net.linear2.bias', 'meta_net/out/bias', false],
    ['MaPLe', 'prompt_learner.compound_prompts_text.0', 'text/prompt_1/prompt', false],
    ['MaPLe', 'prompt_learner.compound_prompts_text.7', 'text/prompt_8/prompt', false],
    ['MaPLe', 'prompt_learner.proj.weight', 'coupler_0/kernel', true],
    ['MaPLe', 'prompt_learner.proj.bias', 'coupler_0/bias', false],
    ['MaPLe', 'prompt_learner.compound_prompt_projections.7.weight', 'coupler_8/kernel', true],
    ['MaPLe', 'prompt_learner.compound_prompt_projections.0.bias', 'coupler_1/bias', false],
    ['VPT', 'image_encoder.VPT', 'vision/prompt_0/prompt', false],
    ['VPT', 'image_encoder.transformer.resblocks.11.VPT_shallow', 'vision/prompt_11/prompt', false],
    ['IVLP', 'text_encoder.transformer.resblocks.1.VPT_shallow', 'text/prompt_1/prompt', false],
  ])('%s: %s is %s', (_, official, name, transposed) => {
    expect(officialPromptName(official, false)).toEqual({ name, transposed });
  });

  test('a unified coupler has no depth, other names stay', () => {
    expect(officialPromptName('prompt_learner.proj.weight', true)).toEqual({
      name: 'coupler/kernel',
      transposed: true,
    });
    expect(officialPromptName('prompt_learner.meta_net.linear1.weight', true).name).toBe('meta_net/hidden/kernel');
  });

  test.each([
    'prompt_learner.meta_net.linear3.weight',
    'prompt_learner.meta_net.relu',
    'prompt_learner.ctx_2',
    'prompt_learner.token_prefix',
    'image_encoder.proj',
    'module.prompt_learner.ctx',
  ])('refuses %s, which is none of the trained tensors', (official) => {
    expect(() => officialPromptName(official, false)).toThrow(
      new MapleError(`"${official}" must be a trained tensor of the official code (prompt_learner.ctx, ...).`),
    );
  });
});
