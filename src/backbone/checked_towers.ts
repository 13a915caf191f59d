import type { layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import type { TowerContext, Towers, TowersConfig } from './contract.js';
import { isOwnLayer } from './layer_names.js';

/** What is known of a tower before it is built. */
interface Expected {
  tower: 'vision' | 'text';
  /** Blocks before which it must ask for prompts. */
  layers: number;
  /** Width of its features. */
  embedDim: number;
  /** What it is given. */
  inputs: readonly SymbolicTensor[];
}

/**
 * Towers that hold to the contract or say where they do not: features of the right width, prompts asked for before every
 * block that the configuration promises, and every layer with weights from the context's source under the name it was
 * asked by. A layer from elsewhere would be new, with random weights, in every graph that is made after the first.
 */
export function checkedTowers(towers: Towers, { embedDim, vision, text }: TowersConfig): Towers {
  return {
    packs: towers.packs,
    image: (images, context) =>
      checked({ tower: 'vision', layers: vision.layers, embedDim, inputs: [images] }, context, (watched) =>
        towers.image(images, watched),
      ),
    text: (stream, context) => {
      const inputs = [stream.embeddings, stream.ends, ...Object.values(stream.packing ?? {})];
      return checked({ tower: 'text', layers: text.layers, embedDim, inputs }, context, (watched) =>
        towers.text(stream, watched),
      );
    },
  };
}

function checked(
  { tower, layers: count, embedDim, inputs }: Expected,
  context: TowerContext,
  build: (context: TowerContext) => SymbolicTensor,
): SymbolicTensor {
  const made = new Set<layers.Layer>();
  const asked = new Set<number>();
  const features = build({
    ...context,
    source: (name, make) => {
      const layer = context.source(name, make);
      if (layer.name !== name) {
        throw new MapleError(
          `The layer made for "${name}" of the ${tower} tower is called "${layer.name}". Hand its name on: ` +
            `source('${name}', (name) => layers.dense({ name, ... })).`,
        );
      }
      made.add(layer);
      return layer;
    },
    prompt: (tokens, block) => {
      asked.add(block);
      return context.prompt(tokens, block);
    },
  });
  const shape = (features as SymbolicTensor | undefined)?.shape;
  if (shape?.length !== 2 || shape[1] !== embedDim) {
    const received = shape === undefined ? 'nothing' : `[${shape.map((side) => side ?? 'rows').join(', ')}]`;
    throw new MapleError(
      `The ${tower} tower must give features [rows, ${embedDim}], as \`embedDim\` says. Received: ${received}.`,
    );
  }
  const silent = Array.from({ length: count }, (_, block) => block).filter((block) => !asked.has(block));
  if (silent.length > 0) {
    throw new MapleError(
      `\`${tower}.layers\` is ${count}, but the ${tower} tower does not call \`context.prompt\` before block ` +
        `${silent.join(', ')}. Call it before each of them, or say how many there are.`,
    );
  }
  const strange = layersBetween(features, new Set(inputs)).filter(
    (layer) => layer.weights.length > 0 && !made.has(layer) && !isOwnLayer(layer.name),
  );
  if (strange.length > 0) {
    throw new MapleError(
      `Layers with weights must come from \`context.source\`, or other graphs of the ${tower} tower would not share them. ` +
        `Received: ${strange.map(({ name }) => name).join(', ')}. Write source('name', (name) => ...) around them.`,
    );
  }
  return features;
}

/** The layers that lead from some tensors to another. */
function layersBetween(tensor: SymbolicTensor, from: ReadonlySet<SymbolicTensor>): layers.Layer[] {
  const found = new Set<layers.Layer>();
  const seen = new Set(from);
  const follow = (next: SymbolicTensor): void => {
    if (!seen.has(next)) {
      seen.add(next);
      const { sourceLayer, inputs } = next;
      found.add(sourceLayer);
      // A coupled prompt comes from the other tower; the tokens that it joins are the first input.
      inputs.slice(0, isOwnLayer(sourceLayer.name) ? 1 : undefined).forEach(follow);
    }
  };
  follow(tensor);
  return [...found];
}
