import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { ownFixturePath } from './fixtures.js';

/** A small tokeniser in the form of SigLIP's or of SigLIP 2's, with the ids that transformers gives. */
export interface SiglipTokenizerFixture {
  json: Record<string, unknown>;
  config: Record<string, unknown>;
  cases: { text: string; ids: number[] }[];
}

/** test/fixtures/siglip_tokenizers/`name`, unpacked. */
export function siglipTokenizerFixture(name: 'siglip' | 'siglip2'): SiglipTokenizerFixture {
  const read = (file: string): Buffer => readFileSync(ownFixturePath('siglip_tokenizers', name, file));
  const parse = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8'));
  return {
    json: parse(gunzipSync(read('tokenizer.json.gz'))),
    config: parse(read('tokenizer_config.json')),
    cases: parse(read('cases.json')),
  } as SiglipTokenizerFixture;
}

/** The SentencePiece file that SigLIP's small tokeniser was made of. */
export function siglipPieces(): Uint8Array {
  return gunzipSync(readFileSync(ownFixturePath('siglip_tokenizers', 'siglip', 'spiece.model.gz')));
}
