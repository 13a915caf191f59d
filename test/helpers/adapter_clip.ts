import { layers as plain, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { TowerContext } from '../../src/backbone/contract.js';
import type { TransformerBackbone } from '../../src/clip/transformer_backbone.js';
import { transformerTowers } from '../../src/clip/transformer_towers.js';
import { tinyBackbone } from './tiny_clip.js';

/** The layers of {@link adapterBackbone} that no backbone file has. */
export const ADAPTERS = ['vision/adapter', 'vision/norm', 'text/adapter'];

/**
 * A tiny CLIP with layers of a user's own between its blocks: before the second of each tower an adapter, which starts
 * from zeros and is added to the tokens, in the image tower behind batch normalisation, whose moving averages are
 * learned, too.
 * @param towers - which of the towers have them
 */
export async function adapterBackbone(towers = ['vision', 'text']): Promise<TransformerBackbone> {
  const backbone = await tinyBackbone();
  const own = transformerTowers(backbone.config);
  const adapted = (context: TowerContext, tower: string, units: number, normalises: boolean): TowerContext => ({
    ...context,
    prompt(tokens, block) {
      const prompted = context.prompt(tokens, block);
      if (block !== 1 || !towers.includes(tower)) {
        return prompted;
      }
      const makeAdapter = (name: string) => plain.dense({ name, units, kernelInitializer: 'zeros' });
      const normal = normalises
        ? context.source(`${tower}/norm`, (name) => plain.batchNormalization({ name, momentum: 0.5 })).apply(prompted)
        : prompted;
      const change = context.source(`${tower}/adapter`, makeAdapter).apply(normal) as SymbolicTensor;
      return plain.add({ name: `${tower}/adapted` }).apply([prompted, change]) as SymbolicTensor;
    },
  });
  const { vision, text } = backbone.config;
  return {
    ...backbone,
    towers: {
      packs: own.packs,
      image: (images, context) => own.image(images, adapted(context, 'vision', vision.width, true)),
      text: (stream, context) => own.text(stream, adapted(context, 'text', text.width, false)),
    },
  };
}
