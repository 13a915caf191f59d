import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import type { Backbone, SentenceBackbone, SentenceEncoder, WeightSource, WeightValues } from '../backbone/backbone.js';
import type { TowersConfig } from '../backbone/contract.js';
import { towersOf } from '../clip/transformer_towers.js';
import { sha256 } from '../weights/sha256.js';
import { sentenceTower } from './sentence_tower.js';

/** Name of the map's weight, and of the temperature's. */
export const MAP_NAME = 'text/projection/kernel';
export const SCALE_NAME = 'logits/logit_scale';

/** What is trained of a sentence encoder's text tower. */
export interface AlignedMap {
  /** Takes a sentence's vector to the image tower's space: [width, embedDim]. */
  kernel: WeightValues;
  /** Logarithm of the temperature's inverse, as in CLIP. */
  logitScale: number;
}

/** What {@link sentenceBackbone} is made of. */
export interface SentenceBackboneArgs {
  /** Whose image tower it is. */
  image: Backbone;
  encoder: SentenceEncoder;
  map: AlignedMap;
  /** For people. Default: the image backbone's name and "with a sentence encoder". */
  name?: string;
}

const ARGS: SettingNames<SentenceBackboneArgs> = { image: true, encoder: true, map: true, name: true };

/** A sentence has no limit of its own; a number, since Infinity does not survive JSON. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * A backbone of another's image tower and a sentence encoder behind a trained map. The image tower's weights are read
 * through, not copied.
 *
 * Its identity is the SHA-256 of the image backbone's identity, the map's width and the map's values: prompts learned on it
 * load on the same only.
 * @throws MapleError when the map does not end in the image tower's space
 */
export async function sentenceBackbone(args: SentenceBackboneArgs): Promise<SentenceBackbone> {
  checkKnown('sentenceBackbone', args, ARGS);
  const { image, encoder, map, name } = args;
  const [width, units] = map.kernel.shape;
  const { embedDim, vision } = image.config;
  if (map.kernel.shape.length !== 2 || units !== embedDim || map.kernel.values.length !== width * units) {
    throw new MapleError(
      `${MAP_NAME} must be [width, ${embedDim}], for the image features of "${image.name}". ` +
        `Received: [${map.kernel.shape.join(', ')}].`,
    );
  }
  const config: TowersConfig = {
    embedDim,
    vision,
    text: { width, layers: 0, contextLength: NO_LIMIT, startToken: false, prompts: 'shift' },
  };
  const imageTower = towersOf(image);
  return {
    name: name ?? `${image.name} with a sentence encoder`,
    identity: await identityOf(image.identity, map.kernel),
    config,
    encoder,
    weights: withMap(image.weights, map),
    imageStatistics: image.imageStatistics,
    towers: {
      image: (images, context) => imageTower.image(images, context),
      text: (stream, context) => sentenceTower(stream, config, context),
    },
  };
}

/** The image tower's weights, and the map and the temperature in place of what the other text tower had. */
function withMap(weights: WeightSource, { kernel, logitScale }: AlignedMap): WeightSource {
  const own = new Map<string, WeightValues>([
    [MAP_NAME, kernel],
    [SCALE_NAME, { shape: [], values: Float32Array.of(logitScale) }],
  ]);
  return {
    names: [...weights.names.filter((name) => name.startsWith('vision/')), ...own.keys()],
    shape: (name) => own.get(name)?.shape ?? weights.shape(name),
    read: async (name) => own.get(name) ?? weights.read(name),
  };
}

async function identityOf(image: string, { shape, values }: WeightValues): Promise<string> {
  const heading = new TextEncoder().encode(`${image}\0${shape.join('x')}\0`);
  const bytes = new Uint8Array(heading.length + 4 * values.length);
  bytes.set(heading);
  // Little-endian, whatever the machine.
  const view = new DataView(bytes.buffer, heading.length);
  values.forEach((value, index) => view.setFloat32(4 * index, value, true));
  const digest = await sha256(bytes);
  if (digest === undefined) {
    throw new MapleError('SHA-256 needs crypto.subtle, which browsers give pages of https and localhost only.');
  }
  return digest;
}
