import { MapleError } from '../../layers/errors.js';

/** What a SentencePiece model file holds of a Unigram model. */
export interface SentencePieceModel {
  /** Pieces and their scores, in order of their ids. */
  pieces: [piece: string, score: number][];
  unknownId: number;
  /** The table of text replacements; empty where the model has none. */
  charsmap: Uint8Array;
}

/** Fields by number, as SentencePiece's `sentencepiece_model.proto` numbers them. */
type Message = Map<number, Field[]>;
type Field = number | Uint8Array;

const MODEL = { pieces: 1, trainer: 2, normalizer: 3 };
const PIECE = { text: 1, score: 2, type: 3 };
const TRAINER = { modelType: 3, byteFallback: 35 };
const NORMALIZER = { charsmap: 2 };
const UNIGRAM = 1;
const UNKNOWN = 2;

/**
 * Reads a SentencePiece model file (spiece.model), a protocol-buffer message.
 * @throws MapleError when the bytes are no such file, or not that of a Unigram model
 */
export function readSentencePieceModel(bytes: Uint8Array): SentencePieceModel {
  const model = readMessage(bytes);
  const trainer = readMessage(bytesOf(model, MODEL.trainer));
  const pieces = (model.get(MODEL.pieces) ?? []).map((field) => readMessage(contentOf(field)));
  const unknownId = pieces.findIndex((piece) => piece.get(PIECE.type)?.[0] === UNKNOWN);
  if (pieces.length === 0 || unknownId < 0) {
    throw new MapleError(
      `A SentencePiece model must hold pieces, one of them for what is unknown. Received: ${pieces.length} pieces. ` +
        'Is it a complete spiece.model?',
    );
  }
  const type = trainer.get(TRAINER.modelType)?.[0] ?? UNIGRAM;
  if (type !== UNIGRAM || trainer.get(TRAINER.byteFallback)?.[0] === 1) {
    throw new MapleError(
      "A SigLIP tokeniser's spiece.model must be a Unigram model without byte fallback. " +
        `Received: model_type=${String(type)}. Take the tokenizer.json that came with it.`,
    );
  }
  return {
    pieces: pieces.map((piece) => [
      new TextDecoder().decode(bytesOf(piece, PIECE.text)),
      (piece.get(PIECE.score)?.[0] as number | undefined) ?? 0,
    ]),
    unknownId,
    charsmap: bytesOf(readMessage(bytesOf(model, MODEL.normalizer)), NORMALIZER.charsmap),
  };
}

/** The tokenizer.json of a Unigram model, as far as a SentencePiece file can say it. */
export function tokenizerJsonFromSentencePiece({ pieces, unknownId, charsmap }: SentencePieceModel): object {
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
  const table = { type: 'Precompiled', precompiled_charsmap: toBase64(charsmap) };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: { type: 'Sequence', normalizers: charsmap.length > 0 ? [table] : [] },
    pre_tokenizer: metaspace,
    post_processor: null,
    decoder: metaspace,
    model: { type: 'Unigram', unk_id: unknownId, vocab: pieces, byte_fallback: false },
  };
}

/** The fields of a protocol-buffer message: numbers, and the bytes of texts and of messages within. */
function readMessage(bytes: Uint8Array): Message {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const message: Message = new Map();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = view.getUint8(at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        return value;
      }
    }
  };
  const skip = (length: number): number => {
    at += length;
    if (at > bytes.length) {
      throw new RangeError('it ends too early');
    }
    return at - length;
  };
  const field = (wireType: number): Field => {
    switch (wireType) {
      case 0:
        return varint();
      case 1:
        return view.getFloat64(skip(8), true);
      case 2: {
        const length = varint();
        const start = skip(length);
        return bytes.subarray(start, start + length);
      }
      case 5:
        return view.getFloat32(skip(4), true);
      default:
        throw new RangeError(`it has a field of wire type ${wireType}`);
    }
  };
  try {
    while (at < bytes.length) {
      const tag = varint();
      const number = Math.floor(tag / 8);
      const fields = message.get(number) ?? [];
      fields.push(field(tag % 8));
      message.set(number, fields);
    }
  } catch (error) {
    throw new MapleError(`This is no complete SentencePiece model: ${(error as Error).message}.`, { cause: error });
  }
  return message;
}

function bytesOf(message: Message, number: number): Uint8Array {
  return contentOf(message.get(number)?.[0]);
}

function contentOf(field: Field | undefined): Uint8Array {
  return typeof field === 'object' ? field : new Uint8Array(0);
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
