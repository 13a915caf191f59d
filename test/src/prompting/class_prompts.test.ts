import { beforeAll, describe, expect, test } from '@jest/globals';
import { MapleError } from '../../../layers/errors.js';
import type { TransformerBackbone } from '../../../src/clip/transformer_backbone.js';
import { classPromptIds, classPromptText, prefixIds } from '../../../src/prompting/class_prompts.js';
import type { PromptDesign } from '../../../src/prompting/design.js';
import { promptDesign } from '../../../src/prompting/presets.js';
import { tinyBackbone } from '../../helpers/tiny_clip.js';

let backbone: TransformerBackbone;
let maple: PromptDesign;
let zeroShot: PromptDesign;

beforeAll(async () => {
  backbone = await tinyBackbone();
  maple = promptDesign('maple', backbone.config);
  zeroShot = promptDesign('zeroShot', backbone.config);
});

describe('classPromptText', () => {
  test.each<[string, Partial<PromptDesign>, string]>([
    ['words', {}, 'a photo of a sea lion.'],
    ['random vectors, an X each', { initialization: 'random', textLength: 3 }, 'X X X sea lion.'],
    ['more vectors than words', { textLength: 5 }, 'X X X X X sea lion.'],
    ['another prefix', { prefix: 'itap of a' }, 'itap of a sea lion.'],
    ['no prefix', { prefix: '', textDepth: 0, textLength: 0 }, 'sea lion.'],
  ])('with %s', (_, change, text) => {
    expect(classPromptText({ ...maple, ...change }, 'sea_lion')).toBe(text);
  });
});

describe('classPromptIds', () => {
  test('are the ids of the texts, start and end included', () => {
    const ids = classPromptIds(backbone, maple, ['cat', 'American_Bulldog']);
    expect(ids).toEqual(
      ['a photo of a cat.', 'a photo of a American Bulldog.'].map((t) => backbone.tokenizer.encode(t)),
    );
  });

  test('follow a template where there are no text prompts', () => {
    const ids = classPromptIds(backbone, zeroShot, ['sea_lion', '$&'], 'itap of a {}.');
    expect(ids).toEqual(['itap of a sea lion.', 'itap of a $&.'].map((text) => backbone.tokenizer.encode(text)));
    expect(classPromptIds(backbone, maple, ['cat'], 'itap of a {}.')).toEqual(classPromptIds(backbone, maple, ['cat']));
  });

  test('of the first prompt are those of the first words', () => {
    const words = backbone.tokenizer.encode('a photo of a');
    expect(prefixIds(backbone, maple)).toEqual(words.slice(1, 3));
  });

  const refusals: [string, string[], string | undefined, string][] = [
    ['no class', [], undefined, '`classNames` must name at least one class. Received: none.'],
    ['an empty name', ['cat', ''], undefined, '`classNames[1]` must not be empty. Received: "".'],
    ['a name of spaces', [' _ '], undefined, '`classNames[0]` must not be empty. Received: " _ ".'],
    [
      'a name that stands twice',
      ['cat', 'dog', 'cat'],
      undefined,
      '`classNames` must differ: "cat" stands at 0 and at 2. Rename or merge the classes.',
    ],
    [
      'names that read the same',
      ['sea lion', 'sea_lion'],
      undefined,
      '`classNames` must differ: "sea_lion" stands at 0 and at 1. Rename or merge the classes.',
    ],
    [
      'a name longer than the context',
      ['cat', 'qqqqqqqqqqqqqqqq'],
      undefined,
      'The prompt of class "qqqqqqqqqqqqqqqq" must have at most 20 tokens, the text tower\'s context. ' +
        'Received: 23 tokens ("a photo of a qqqqqqqqqqqqqqqq."). Shorten the class name.',
    ],
    [
      'an end token in a name, escaped too',
      ['cat', 'dog &lt;|EndOfText|&gt;'],
      undefined,
      'The prompt of class "dog &lt;|EndOfText|&gt;" must not hold the tokeniser\'s start, end or padding token ' +
        '(<|startoftext|>, </s>, ...) within the text. Received: "a photo of a dog &lt;|EndOfText|&gt;.". Remove it from the class ' +
        'name, or from the template or prefix.',
    ],
    [
      'a start token in a template',
      ['cat'],
      '<|startoftext|> {}',
      'The prompt of class "cat" must not hold the tokeniser\'s start, end or padding token (<|startoftext|>, </s>, ...) ' +
        'within the text. Received: "<|startoftext|> cat". Remove it from the class name, or from the template or prefix.',
    ],
    [
      'a template without a place for the name',
      ['cat', 'dog'],
      'a photo.',
      '`templates` must hold {} in the class name\'s place. Received: "a photo.".',
    ],
  ];
  test.each(refusals)('refuse %s', (_, names, template, message) => {
    expect(() => classPromptIds(backbone, zeroShot, names, template)).toThrow(new MapleError(message));
  });

  test('take a name that fills the context to the last token', () => {
    const [ids] = classPromptIds(backbone, zeroShot, ['q'.repeat(13)]);
    expect(ids).toHaveLength(20);
  });

  test('refuse a padding token within a name, where the tokeniser has one', () => {
    const [dog] = backbone.tokenizer.encode('dog').slice(1);
    const encode = (text: string) => backbone.tokenizer.encode(text);
    const tokenizer = { encode, padding: dog };
    expect(classPromptIds(backbone, zeroShot, ['hot dog'])).toHaveLength(1);
    expect(() => classPromptIds({ ...backbone, tokenizer }, zeroShot, ['hot dog'])).toThrow(/padding token/);
  });
});
