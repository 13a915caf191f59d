import { ClipTokenizer } from './clip_tokenizer.js';
import type { TokenizerJson } from './clip_tokenizer_json.js';

/**
 * The same tokeniser with the merges that `texts` use and no others, ids renumbered without gaps, the end token last.
 * The texts fall into the same pieces as before; any other text still tokenises, into more pieces. It gives a small
 * CLIP a small vocabulary.
 *
 * Why the pieces stay: byte-pair encoding applies the pair of lowest rank at each step. Every step taken for these texts
 * is kept, in order, and none is added, so the same pair is the lowest at each step.
 * @param tokenizer - any byte-pair CLIP tokeniser
 * @param texts - what the small vocabulary must serve well
 */
export function pruneTokenizer(tokenizer: ClipTokenizer, texts: Iterable<string>): ClipTokenizer {
  const { json } = tokenizer;
  const pairs = json.model.merges.map(toPair);
  const made = new Map(pairs.map((pair) => [pair.join(''), pair]));
  const needed = new Set<string>();
  const need = (token: string): void => {
    const pair = made.get(token);
    if (pair !== undefined && !needed.has(token)) {
      needed.add(token);
      pair.forEach(need);
    }
  };
  for (const text of texts) {
    tokenizer.tokenize(text).forEach(need);
  }
  const special = [tokenizer.startToken, tokenizer.endToken];
  const kept = Object.entries(json.model.vocab)
    .filter(([token, id]) => !special.includes(id) && (needed.has(token) || !made.has(token)))
    .sort(([, one], [, other]) => one - other);
  const newIds = new Map([...kept.map(([, id]) => id), ...special].map((id, index) => [id, index]));
  return ClipTokenizer.fromJson(
    renumber(
      json,
      newIds,
      pairs.filter((pair) => needed.has(pair.join(''))),
    ),
  );
}

/** The tokenizer.json with other ids, a token of none left out, and fewer merges. */
export function renumber(json: TokenizerJson, newIds: Map<number, number>, merges: [string, string][]): TokenizerJson {
  const vocab = Object.entries(json.model.vocab).flatMap(([token, id]) => {
    const newId = newIds.get(id);
    return newId === undefined ? [] : [[token, newId] as const];
  });
  const addedTokens = json.added_tokens.flatMap((token) => {
    const id = newIds.get(token.id);
    return id === undefined ? [] : [{ ...token, id }];
  });
  return {
    ...json,
    added_tokens: addedTokens,
    post_processor: renumberPostProcessor(
      json.post_processor,
      new Map(json.added_tokens.map((token) => [token.content, newIds.get(token.id)])),
    ),
    model: {
      ...json.model,
      vocab: Object.fromEntries([...vocab].sort(([, one], [, other]) => one - other)),
      merges,
    },
  };
}

/** Special tokens stand in the post-processor as [content, id] (Roberta's form) or {id: content, ids} (templates). */
function renumberPostProcessor(node: unknown, ids: Map<string, number | undefined>): unknown {
  if (Array.isArray(node)) {
    const isPair = node.length === 2 && typeof node[0] === 'string' && typeof node[1] === 'number';
    return isPair ? [node[0], ids.get(node[0] as string)] : node.map((item) => renumberPostProcessor(item, ids));
  }
  if (typeof node !== 'object' || node === null) {
    return node;
  }
  const entry = node as Record<string, unknown>;
  if (Array.isArray(entry.ids) && Array.isArray(entry.tokens)) {
    return { ...entry, ids: entry.tokens.map((token) => ids.get(token as string)) };
  }
  return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, renumberPostProcessor(value, ids)]));
}

function toPair(merge: [string, string] | string): [string, string] {
  return typeof merge === 'string' ? (merge.split(' ', 2) as [string, string]) : merge;
}
