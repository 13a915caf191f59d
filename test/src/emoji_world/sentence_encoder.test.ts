import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as use from '@tensorflow-models/universal-sentence-encoder';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { captionVocabulary, CAPTION_TEMPLATES } from '../../../src/emoji_world/captions.js';
import { emojiConcepts } from '../../../src/emoji_world/concepts.js';
import { sentenceEncoderFiles, writeSentenceEncoder } from '../../../src/emoji_world/sentence_encoder.js';
import { loadSentenceEncoder } from '../../../src/node/load_sentence_encoder.js';

const texts = ['a photo of a cat.', 'dog', 'small owl'];
const options = { texts, width: 16, pieceWidth: 8 };
const files = new Map(sentenceEncoderFiles(options).map(({ name, chunks }) => [name, Buffer.concat(chunks)]));

let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const body = files.get((request.url as string).slice(1));
    response.writeHead(body ? 200 : 404).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

const load = () => use.load({ modelUrl: `${url}/model.json`, vocabUrl: `${url}/vocab.json` });

async function vectorsOf(encoder: { embed(sentences: string[]): Promise<tf.Tensor2D> }, sentences: string[]) {
  const vectors = await encoder.embed(sentences);
  const values = await vectors.array();
  vectors.dispose();
  return values;
}

describe('the small sentence encoder', () => {
  test("loads by the package's own load, on this copy of tfjs-core, and gives unit vectors", async () => {
    const encoder = await load();
    const vectors = await encoder.embed(['a photo of a cat.', 'dog', 'a dog']);
    expect(vectors).toBeInstanceOf(tf.Tensor);
    expect(vectors.shape).toEqual([3, 16]);
    for (const row of await vectors.array()) {
      expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    }
    vectors.dispose();
  });

  test('computes what the formula says', async () => {
    const model = JSON.parse(String(files.get('model.json')));
    const vocabulary: [string, number][] = JSON.parse(String(files.get('vocab.json')));
    const bytes = files.get('weights.bin') as Buffer;
    const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const [[count, inner]] = model.weightsManifest[0].weights.map(({ shape }: { shape: number[] }) => shape);
    expect(count).toBe(vocabulary.length);
    const kernel = count * inner;
    const bias = kernel + inner * 16;
    const ids = ['▁small', '▁dog'].map((piece) => vocabulary.findIndex(([known]) => known === piece));
    const sum = Array.from({ length: inner }, (_, at) => ids.reduce((total, id) => total + floats[id * inner + at], 0));
    const hidden = Array.from({ length: 16 }, (_, unit) =>
      Math.tanh(sum.reduce((total, x, at) => total + x * floats[kernel + at * 16 + unit], floats[bias + unit])),
    );
    const [vector] = await vectorsOf(await load(), ['small dog']);
    vector.forEach((value, unit) => expect(value).toBeCloseTo(hidden[unit] / Math.hypot(...hidden), 5));
  });

  test('a sentence is its words: order counts for nothing, unknown characters neither, each sentence stands alone', async () => {
    const encoder = await load();
    const [one, other, third] = await vectorsOf(encoder, ['small dog', 'dog small', 'small dog €']);
    const [alone] = await vectorsOf(encoder, ['dog small']);
    one.forEach((value, at) => expect(other[at]).toBeCloseTo(value, 5));
    expect(alone).toEqual(other);
    // A space was added with the unknown character.
    const [space] = await vectorsOf(encoder, ['small dog ']);
    third.forEach((value, at) => expect(value).toBeCloseTo(space[at], 5));
    const [cat] = await vectorsOf(encoder, ['small cat']);
    expect(Math.abs(cat[0] - one[0])).toBeGreaterThan(1e-3);
  });

  test('gives a vector for words it has to spell, and for characters none of which it knows', async () => {
    const vectors = await vectorsOf(await load(), ['zebra', '€€']);
    expect(vectors.flat().every(Number.isFinite)).toBe(true);
    expect(vectors).toHaveLength(2);
  });

  test('is the same for a seed, another for another, and leaks no tensor', async () => {
    const bytes = (of: object) =>
      sentenceEncoderFiles({ ...options, ...of }).map(({ chunks }) => Buffer.concat(chunks));
    expect(bytes({ seed: 1 })).toEqual(bytes({}));
    expect(bytes({ seed: 2 })[0].equals(bytes({ seed: 1 })[0])).toBe(false);
    const encoder = await load();
    const before = tf.memory().numTensors;
    await vectorsOf(encoder, ['dog', 'a photo of a cat.']);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("has every word of Emoji World's captions as one piece", () => {
    const all = new Map(sentenceEncoderFiles({ width: 1, pieceWidth: 1 }).map(({ name, chunks }) => [name, chunks]));
    const vocabulary: [string, number][] = JSON.parse(String(Buffer.concat(all.get('vocab.json') as Uint8Array[])));
    const known = new Set(vocabulary.map(([piece]) => piece));
    const captions = [
      ...captionVocabulary(emojiConcepts()),
      ...CAPTION_TEMPLATES.map((text) => text.replace('{}', '')),
    ];
    const words = captions.flatMap((text) => text.split(/[\s.,]+/)).filter((word) => word !== '');
    expect(words.length).toBeGreaterThan(3000);
    expect(words.filter((word) => !known.has(`▁${word}`))).toEqual([]);
    expect(known.size).toBe(vocabulary.length);
  });

  test('loads from a folder without a server', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sentence-encoder-'));
    try {
      await writeSentenceEncoder(folder, options);
      const spelt = JSON.parse(await readFile(join(folder, 'vocab.json'), 'utf8')) as [string, number][];
      const vectorsAsPublished = await vectorsOf(await loadSentenceEncoder(folder), ['small € owl']);
      // As a SentencePiece model has it.
      spelt[0][0] = '<unk>';
      await writeFile(join(folder, 'vocab.json'), JSON.stringify(spelt));
      expect(await vectorsOf(await loadSentenceEncoder(folder), ['small € owl'])).toEqual(vectorsAsPublished);
      expect(vectorsAsPublished).not.toEqual(await vectorsOf(await loadSentenceEncoder(folder), ['€ owl']));
      const fromFiles = await vectorsOf(await loadSentenceEncoder(folder), ['small owl']);
      expect(fromFiles).toEqual(await vectorsOf(await load(), ['small owl']));
      await rm(join(folder, 'vocab.json'));
      await expect(loadSentenceEncoder(folder)).rejects.toThrow(/vocab\.json cannot be read.*beside model\.json/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('refuses widths that are none', () => {
    expect(() => sentenceEncoderFiles({ width: 0 })).toThrow('`width` must be a positive integer. Received: 0.');
    expect(() => sentenceEncoderFiles({ pieceWidth: 1.5 })).toThrow('`pieceWidth` must be a positive integer');
  });
});
