import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { buildClip } from '../../../src/clip/build_clip.js';
import { SIGLIP_IMAGE_STATISTICS } from '../../../src/clip/config.js';
import { SiglipTokenizer } from '../../../src/tokenizers/siglip_tokenizer.js';
import type { StoredTokenizer } from '../../../src/tokenizers/stored_tokenizer.js';
import type { NormalizerJson } from '../../../src/tokenizers/text_rules.js';
import { chooseBackend } from '../../../src/node/backend.js';
import { convert } from '../../../src/node/convert.js';
import { loadBackbone } from '../../../src/node/load_backbone.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { openClipSiglipTokenizer } from '../../../src/weights/open_clip_cleaning.js';
import { expectClose } from '../../helpers/close.js';
import { ownFixturePath, readOwnFixture } from '../../helpers/fixtures.js';
import { siglipTokenizerFixture } from '../../helpers/siglip_tokenizers.js';
import { addTestTimmTower } from '../../helpers/test_timm_tower.js';

addTestTimmTower();
type Cases = { text: string; ids: number[] }[];
const cases = readOwnFixture<Record<'siglip' | 'siglip2', Cases>>('open_clip_tokenizers', 'cases.json');
const configJson = readOwnFixture<{ model_cfg: { text_cfg: object } }>(
  'published_forms',
  'open-clip-siglip2',
  'config.json',
);
const siglip = siglipTokenizerFixture('siglip');
const siglip2 = siglipTokenizerFixture('siglip2');
/** As transformers' T5Converter writes the same pieces; make.py beside the cases does the same. */
const t5Json = {
  ...siglip.json,
  normalizer: {
    type: 'Sequence',
    normalizers: [
      ...(siglip.json.normalizer as NormalizerJson).normalizers!.filter(({ type }) => type === 'Precompiled'),
      { type: 'Strip', strip_left: false, strip_right: true },
      { type: 'Replace', pattern: { Regex: ' {2,}' }, content: '▁' },
    ],
  },
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
};
const t5Config = { tokenizer_class: 'T5Tokenizer', eos_token: '</s>', pad_token: '</s>', extra_ids: 0 };

const work = mkdtempSync(join(tmpdir(), 'maple-open-clip-siglip-'));
const folder = join(work, 'folder');

beforeAll(async () => {
  await chooseBackend('wasm');
  mkdirSync(folder);
  const fixture = (name: string) => ownFixturePath('published_forms', 'open-clip-siglip2', name);
  cpSync(fixture('config.json'), join(folder, 'open_clip_config.json'));
  cpSync(fixture('model.safetensors'), join(folder, 'open_clip_model.safetensors'));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(t5Json));
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(t5Config));
});

afterAll(() => rmSync(work, { recursive: true }));

const differing = (tokenizer: StoredTokenizer, of: Cases) =>
  of.filter(({ text, ids }) => tokenizer.encode(text).join() !== ids.join());

describe('loadBackbone of a SigLIP in open_clip’s layout', () => {
  test('gives its towers, its tokeniser and how pictures are prepared', async () => {
    const backbone = await loadBackbone(folder);
    expect(backbone.config).toMatchObject({ embedDim: 24, logitBias: true, text: { width: 16, startToken: false } });
    expect(backbone.imageStatistics).toEqual(SIGLIP_IMAGE_STATISTICS);
    expect(backbone.tokenizer).toMatchObject({ endToken: 1, padding: 1 });
    expect(differing(backbone.tokenizer, cases.siglip)).toEqual([]);
  });

  test('MaPLe builds on it, and the same from Hugging Face’s layout', async () => {
    const target = join(work, 'converted');
    await convert(folder, target);
    const [one, other] = [await loadBackbone(folder), await loadBackbone(target)];
    expect(other.config).toEqual(one.config);
    expect(differing(other.tokenizer, cases.siglip)).toEqual([]);

    const pictures = tf.randomNormal([2, 22, 22, 3], 0, 1, 'float32', 1);
    const logits = [];
    for (const backbone of [one, other]) {
      const design = promptDesign('maple', backbone.config, { depth: 2 });
      const model = await buildClip(backbone, { classNames: ['cat', 'dog'], design, seed: 1 });
      expect(model.trainableWeights).toHaveLength(6);
      logits.push(model.predict(pictures) as tf.Tensor);
    }
    expectClose(logits[0], logits[1], 1e-6);
  });
});

describe('texts are cleaned as open_clip cleans them', () => {
  test.each([
    ['SigLIP', t5Json, t5Config, cases.siglip],
    ['SigLIP 2', siglip2.json, siglip2.config, cases.siglip2],
  ])('%s', (_, json, config, of) => {
    expect(of.length).toBeGreaterThan(100);
    const plain = SiglipTokenizer.fromJson(json, config);
    expect(differing(plain, of)).not.toEqual([]);
    expect(differing(openClipSiglipTokenizer(json, config, configJson), of)).toEqual([]);
  });

  test.each<[object | undefined, string, string]>([
    [{ clean: 'lower' }, ' A_b,  C\n', 'a_b, c'],
    [{ clean: 'whitespace' }, ' A_b,  C\n', 'A_b, C'],
    [undefined, ' A_b,  C\n', 'A_b, C'],
  ])('%j', (tokenizer_kwargs, text, cleaned) => {
    const of = { model_cfg: { text_cfg: { tokenizer_kwargs } } };
    const cleaning = openClipSiglipTokenizer(t5Json, t5Config, of);
    const plain = SiglipTokenizer.fromJson(t5Json, t5Config);
    expect(cleaning.encode(text)).toEqual(plain.encode(cleaned));
    expect(cleaning.encode(text)).not.toEqual(plain.encode('a b c'));
  });

  test.each<[object, RegExp]>([
    [{ clean: 'scrub' }, /`text_cfg.tokenizer_kwargs` .* clean, one of .*canonicalize. Received: {"clean":"scrub"}/],
    [{ strip_sep_token: true }, /must have no field but clean/],
  ])('%j is refused', (tokenizer_kwargs, message) => {
    expect(() => openClipSiglipTokenizer(t5Json, t5Config, { model_cfg: { text_cfg: { tokenizer_kwargs } } })).toThrow(
      message,
    );
  });
});
