import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MapleError } from '../../layers/errors.js';
import type { SentenceEncoder } from '../backbone/backbone.js';
import { fileHandler } from './file_handler.js';

/** What is asked of @tensorflow-models/universal-sentence-encoder. */
interface UseModule {
  load(config: {
    modelUrl?: string;
    vocabUrl?: string;
  }): Promise<Exclude<SentenceEncoder, (...args: never) => unknown>>;
}

/**
 * The universal sentence encoder from a folder on disk: `model.json` with the weight files that it names, and
 * `vocab.json`. The package's own `load` takes URLs and Node fetches none of files; this gives it the files.
 *
 * ```ts no-run
 * const encoder = await loadSentenceEncoder('models/use-lite');
 * const vectors = await encoder.embed(['a photo of a cat.']); // [1, 512]
 * ```
 * @throws MapleError when @tensorflow-models/universal-sentence-encoder is not installed, or a file is missing or damaged
 */
export async function loadSentenceEncoder(folder: string): ReturnType<UseModule['load']> {
  const use = await importUse();
  const vocabulary = await readVocabulary(join(folder, 'vocab.json'));
  // tfjs' loadGraphModel takes a handler in a URL's place, which the package hands on as it is.
  const modelUrl = fileHandler(folder) as unknown as string;
  return use.load({ modelUrl, vocabUrl: `data:application/json;base64,${vocabulary.toString('base64')}` });
}

async function importUse(): Promise<UseModule> {
  try {
    return (await import('@tensorflow-models/universal-sentence-encoder')) as unknown as UseModule;
  } catch (error) {
    throw new MapleError(
      'This needs the package @tensorflow-models/universal-sentence-encoder. Install it with ' +
        '@tensorflow/tfjs-converter, and overrides in your package.json that let it use tfjs 4 ' +
        `(docs/sentence_encoders.md has them). Importing it failed: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** As the published vocabulary spells it. */
const UNKNOWN = '\uFFFD';

type Piece = [piece: string, score: number];

async function readVocabulary(path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new MapleError(`The vocabulary ${path} cannot be read: ${error.message}. It lies beside model.json.`, {
      cause: error,
    });
  });
  const isPiece = (entry: unknown) =>
    Array.isArray(entry) && typeof entry[0] === 'string' && entry[0] !== '' && typeof entry[1] === 'number';
  let pieces: unknown;
  try {
    pieces = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new MapleError(`${path} must be JSON: ${(error as Error).message}. Copy the file again.`, { cause: error });
  }
  if (!Array.isArray(pieces) || pieces.length === 0 || !pieces.every(isPiece)) {
    throw new MapleError(`${path} must be a list of [piece, score], the universal sentence encoder's vocabulary.`);
  }
  return Buffer.from(JSON.stringify(withUnknown(pieces as Piece[])));
}

/**
 * The first piece stands for what is unknown, and is never looked for. The package (1.3.3) steps back by its spelling's length
 * where a character is unknown: spelt as SentencePiece has it, `<unk>`, it would lose the word before.
 */
function withUnknown([[, score], ...pieces]: Piece[]): Piece[] {
  return [[UNKNOWN, score], ...pieces];
}
