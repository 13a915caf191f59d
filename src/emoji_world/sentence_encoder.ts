import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { writeFilesTogether, type FileToWrite } from '../node/atomic_files.js';
import { Random } from '../random.js';
import { mustHold } from '../must_hold.js';
import { captionVocabulary } from './captions.js';
import { emojiConcepts } from './concepts.js';
import { bagOfPiecesGraph, type GraphWeight } from './sentence_encoder_graph.js';

/** What {@link writeSentenceEncoder} makes. */
export interface SentenceEncoderOptions {
  /** Texts whose words become pieces; any other word is spelt. Default: all that Emoji World's captions are made of. */
  texts?: Iterable<string>;
  /** Width of a sentence's vector. Default: 512, that of the universal sentence encoder. */
  width?: number;
  /** Width of a piece's. Default: 512. */
  pieceWidth?: number;
  /** Decides all weights. Default: 1. */
  seed?: number;
}

const OPTIONS: SettingNames<SentenceEncoderOptions> = { texts: true, width: true, pieceWidth: true, seed: true };

/** Ids that the tokeniser of the universal sentence encoder keeps for itself; the first is for unknown characters. */
const RESERVED = ['\ufffd', '<s>', '</s>', '<reserved_1>', '<reserved_2>', '<reserved_3>'];
/** What it sets for a space, and before each text. */
const SPACE = '\u2581';
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?()#*&/"\'-', SPACE];
/** Log-probabilities: the tokeniser takes the pieces of the highest sum, and so a word whole rather than spelt. */
const WORD_SCORE = -1;
const LETTER_SCORE = -10;
/** So large that the tanh of a caption's sum bends, and so small that it does not saturate. */
const KERNEL_GAIN = 0.15;

/**
 * Writes a small sentence encoder into a folder, in the form of the universal sentence encoder's lite model:
 * `model.json` and `weights.bin`, a graph model of the same inputs and output, and `vocab.json`. It is a bag of pieces:
 * random vectors of words summed, through a random tanh layer, scaled to unit length. It knows which words a sentence
 * has, and neither their order nor what they mean. Equal options give equal files.
 *
 * It stands in for the real one in tests, examples and Emoji World's figures, which need no download.
 * @throws MapleError when the folder cannot be written, or a width is no positive integer
 */
export async function writeSentenceEncoder(folder: string, options: SentenceEncoderOptions = {}): Promise<void> {
  await writeFilesTogether(folder, sentenceEncoderFiles(options));
}

/**
 * The files of {@link writeSentenceEncoder}.
 * @throws MapleError when a width is no positive integer
 */
export function sentenceEncoderFiles(options: SentenceEncoderOptions = {}): FileToWrite[] {
  checkKnown('writeSentenceEncoder', options, OPTIONS);
  const { texts = captionVocabulary(emojiConcepts()), width = 512, pieceWidth = 512, seed = 1 } = options;
  for (const [name, value] of Object.entries({ width, pieceWidth })) {
    mustHold(name, value, Number.isInteger(value) && value > 0, 'a positive integer');
  }
  const vocabulary = pieceVocabulary(texts);
  const random = new Random(seed);
  const normal = (name: string, shape: number[], deviation: number): GraphWeight => {
    const stream = random.fork(name);
    const size = shape.reduce((product, next) => product * next, 1);
    return {
      name,
      dtype: 'float32',
      shape,
      values: Float32Array.from({ length: size }, () => stream.normal(0, deviation)),
    };
  };
  const { nodes, weights } = bagOfPiecesGraph([
    normal('embeddings', [vocabulary.length, pieceWidth], 1),
    normal('kernel', [pieceWidth, width], KERNEL_GAIN / Math.sqrt(pieceWidth)),
    normal('bias', [width], KERNEL_GAIN),
  ]);
  const model = {
    format: 'graph-model',
    generatedBy: 'tfjs-maple',
    convertedBy: null,
    modelTopology: { node: nodes, versions: { producer: 1 } },
    weightsManifest: [
      { paths: ['weights.bin'], weights: weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })) },
    ],
  };
  const bytes = weights.map(({ values: { buffer, byteOffset, byteLength } }) => {
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  });
  return [
    { name: 'weights.bin', chunks: bytes },
    { name: 'vocab.json', chunks: [encoded(vocabulary)] },
    { name: 'model.json', chunks: [encoded(model)] },
  ];
}

/** Pieces and their scores: the reserved ones, letters to spell with, then each word of the texts with its space. */
function pieceVocabulary(texts: Iterable<string>): [piece: string, score: number][] {
  const words = new Set<string>();
  for (const text of texts) {
    for (const word of text.normalize('NFKC').split(/[\s.,]+/)) {
      if ([...word].length > 0) {
        words.add(SPACE + word);
      }
    }
  }
  return [
    ...RESERVED.map((piece): [string, number] => [piece, 0]),
    ...LETTERS.map((piece): [string, number] => [piece, LETTER_SCORE]),
    ...[...words].map((piece): [string, number] => [piece, WORD_SCORE]),
  ];
}

function encoded(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
