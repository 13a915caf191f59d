import { MapleError } from '../../layers/errors.js';
import type { Backbone, SentenceBackbone, SentenceEncoder } from '../backbone/backbone.js';
import { VERSION } from '../version.js';
import { joinedBytes, type ByteSource } from '../weights/byte_source.js';
import { JsonFields } from '../weights/json_fields.js';
import { openSafetensors } from '../weights/safetensors.js';
import { encodeSafetensors } from '../weights/safetensors_writer.js';
import { MAP_NAME, SCALE_NAME, sentenceBackbone } from './sentence_backbone.js';
import { sentenceVectors } from './sentence_vectors.js';

/** The two files of an aligned text tower. */
export interface SentenceTowerFiles {
  /** Text of sentence_tower.json. */
  config: string;
  /** Bytes of sentence_tower.safetensors. */
  weights: Uint8Array;
}

/** Where the two files of an aligned text tower are read from. */
export interface SentenceTowerSource {
  /** Name of the JSON file, for messages. */
  name: string;
  config: string;
  weights: ByteSource;
}

const FORMAT = 1;
/** Its vector is kept, to tell another encoder by. */
const PROBE = 'a photo of a cat and a dog.';
const PROBE_NAME = 'probe';
/** Backends differ in the fifth digit; encoders in the first. */
const LEAST_COSINE = 0.999;

/**
 * A sentence encoder's aligned text tower as two files: the map and the temperature, and what they belong to. Neither the
 * encoder nor the image tower is in them; a vector of the encoder is, so that another one is told.
 */
export async function sentenceTowerFiles(backbone: SentenceBackbone): Promise<SentenceTowerFiles> {
  const { name, identity, config, weights, encoder } = backbone;
  const { width } = config.text;
  const probe = await probeVector(encoder, width);
  const [map, scale] = [await weights.read(MAP_NAME), await weights.read(SCALE_NAME)];
  const json = {
    format_version: FORMAT,
    tfjs_maple_version: VERSION,
    name,
    sha256: identity,
    width,
    embed_dim: config.embedDim,
    probe_sentence: PROBE,
  };
  const tensors = [
    { name: MAP_NAME, ...map },
    { name: SCALE_NAME, ...scale },
    { name: PROBE_NAME, shape: [width], values: probe },
  ];
  return {
    config: `${JSON.stringify(json, undefined, 2)}\n`,
    weights: joinedBytes(encodeSafetensors(tensors.map((tensor) => ({ ...tensor, dtype: 'F32' as const })))),
  };
}

/**
 * The backbone of the two files of {@link sentenceTowerFiles}, without training again.
 * @param image - the backbone that it was aligned with
 * @param encoder - the encoder that it was aligned with
 * @throws MapleError naming the file and field that is wrong, or telling that the image tower or the encoder is another
 */
export async function openSentenceTower(
  { name: file, config, weights }: SentenceTowerSource,
  { image, encoder }: { image: Backbone; encoder: SentenceEncoder },
): Promise<SentenceBackbone> {
  const fields = JsonFields.parse(file, config);
  fields.ofFormat(FORMAT);
  const [name, identity, sentence] = [fields.text('name'), fields.text('sha256'), fields.text('probe_sentence')];
  const [width, embedDim] = [fields.count('width'), fields.count('embed_dim')];
  if (embedDim !== image.config.embedDim) {
    throw new MapleError(
      `${file} was aligned with another image tower than that of "${image.name}": with features of ${embedDim} numbers, ` +
        `where this has ${image.config.embedDim}. Give the backbone that it was aligned with.`,
    );
  }
  const tensors = await openSafetensors(weights);
  const read = async (tensor: string, shape: readonly number[]) => {
    const found = tensors.names.includes(tensor) ? tensors.shape(tensor) : undefined;
    if (found?.join() !== shape.join() || found.length !== shape.length) {
      throw new MapleError(
        `${weights.name}: "${tensor}" must be [${shape.join(', ')}], as ${file} says. ` +
          `Received: ${found === undefined ? 'no such tensor' : `[${found.join(', ')}]`}.`,
      );
    }
    return tensors.read(tensor);
  };
  const kernel = await read(MAP_NAME, [width, embedDim]);
  const [logitScale] = (await read(SCALE_NAME, [])).values;
  const backbone = await sentenceBackbone({ image, encoder, map: { kernel, logitScale }, name });
  if (backbone.identity !== identity) {
    throw new MapleError(
      `${file} was aligned with another image tower than that of "${image.name}", or its map was changed: identity ` +
        `${backbone.identity}, expected ${identity}. Give the backbone that it was aligned with.`,
    );
  }
  mustBeSame((await read(PROBE_NAME, [width])).values, await probeVector(encoder, width, sentence), file);
  return backbone;
}

async function probeVector(encoder: SentenceEncoder, width: number, sentence = PROBE): Promise<Float32Array> {
  const vectors = await sentenceVectors(encoder, [sentence], width);
  const values = Float32Array.from(await vectors.data());
  vectors.dispose();
  return values;
}

function mustBeSame(stored: Float32Array, found: Float32Array, file: string): void {
  const dot = (one: Float32Array, other: Float32Array) => one.reduce((sum, value, at) => sum + value * other[at], 0);
  const cosine = dot(stored, found) / Math.sqrt(dot(stored, stored) * dot(found, found));
  if (!(cosine >= LEAST_COSINE)) {
    throw new MapleError(
      `${file} was aligned with another sentence encoder: of the same sentence they make vectors of cosine ` +
        `${cosine.toFixed(3)}. Give the encoder that it was aligned with.`,
    );
  }
}
