import { MapleError } from '../../layers/errors.js';
import type { NormalizerJson } from './text_rules.js';

/** A token that is found in a text before anything else is done with it. */
export interface AddedTokenJson {
  id: number;
  content: string;
  lstrip?: boolean;
  rstrip?: boolean;
  normalized?: boolean;
  special?: boolean;
  single_word?: boolean;
}

/** The parts of SigLIP's tokenizer.json that this library looks at; the rest is passed on as it is. */
export interface SiglipTokenizerJson {
  model: {
    type: 'Unigram' | 'BPE';
    /** Unigram: pieces and their scores, in order of their ids. BPE: pieces and their ids. */
    vocab: [string, number][] | Record<string, number>;
    unk_id?: number | null;
    unk_token?: string | null;
    dropout?: number | null;
    [field: string]: unknown;
  };
  added_tokens: AddedTokenJson[];
  normalizer: NormalizerJson | null;
  pre_tokenizer: unknown;
  post_processor: unknown;
  [field: string]: unknown;
}

const T5_MARK = /^▁?<extra_id_\d+>$/;

/** The parsed tokenizer.json, which must be a Unigram or a byte-pair model. */
export function checkTokenizerJson(json: object): SiglipTokenizerJson {
  const { model, added_tokens: added = [] } = json as Partial<SiglipTokenizerJson>;
  const isUnigram = model?.type === 'Unigram' && Array.isArray(model.vocab);
  const isPairs =
    model?.type === 'BPE' &&
    typeof model.vocab === 'object' &&
    !Array.isArray(model.vocab) &&
    Array.isArray(model.merges);
  if (!isUnigram && !isPairs) {
    throw new MapleError(
      'A SigLIP tokeniser must be a Unigram one (SigLIP) or a byte-pair one (SigLIP 2): "model" of tokenizer.json needs ' +
        `type Unigram with a list "vocab", or BPE with "vocab" and "merges". Received: type ${String(model?.type)}.`,
    );
  }
  if (isPairs && typeof model.end_of_word_suffix === 'string' && model.end_of_word_suffix !== '') {
    throw new MapleError(
      'This is the tokeniser of another model: SigLIP\'s marks no ends of words, "model.end_of_word_suffix" of ' +
        `tokenizer.json is ${JSON.stringify(model.end_of_word_suffix)} (CLIP's has "</w>"). ` +
        'Take the tokenizer.json that came with the weights.',
    );
  }
  if (model.dropout) {
    throw new MapleError(`"model.dropout" of tokenizer.json must be null. Received: ${model.dropout}.`);
  }
  const whole = added.find((token) => token.single_word);
  if (whole !== undefined) {
    throw new MapleError(
      `"added_tokens" of tokenizer.json must not ask for whole words ("single_word"). Received: "${whole.content}".`,
    );
  }
  const absent = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  return withoutT5Marks({ ...absent, ...(json as SiglipTokenizerJson), added_tokens: added });
}

/**
 * The multilingual SigLIP's pieces are mT5's, which end in marks for mT5's own training. SigLIP's text tower has no
 * embeddings of them.
 */
function withoutT5Marks(json: SiglipTokenizerJson): SiglipTokenizerJson {
  const { vocab } = json.model;
  if (!Array.isArray(vocab)) {
    return json;
  }
  let size = vocab.length;
  while (size > 0 && T5_MARK.test(vocab[size - 1][0])) {
    size--;
  }
  return {
    ...json,
    model: { ...json.model, vocab: vocab.slice(0, size) },
    added_tokens: json.added_tokens.filter(({ id }) => id < size),
  };
}

/** A template that puts the end token behind a text. */
export function endTemplate(content: string, id: number): object {
  const end = { SpecialToken: { id: content, type_id: 0 } };
  const part = (name: string): object => ({ Sequence: { id: name, type_id: 0 } });
  return {
    type: 'TemplateProcessing',
    single: [part('A'), end],
    pair: [part('A'), end, part('B'), end],
    special_tokens: { [content]: { id: content, ids: [id], tokens: [content] } },
  };
}
