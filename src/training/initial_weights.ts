import type { ClipConfig } from '../clip/config.js';
import type { Random } from '../random.js';

/**
 * Initial values of a CLIP weight for training from scratch, by its name: the deviations of OpenAI's
 * `initialize_parameters` (Radford et al., section 2.5 and code).
 * @param name - the library's name, e.g. `vision/block_0/mlp/up/kernel`
 */
export function initialValues(
  name: string,
  shape: readonly number[],
  config: ClipConfig,
  random: Random,
): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (name === 'logits/logit_scale') {
    return values.fill(Math.log(1 / 0.07));
  }
  if (name.endsWith('/gamma')) {
    return values.fill(1);
  }
  if (name.endsWith('/beta') || name.endsWith('/bias')) {
    return values;
  }
  const stream = random.fork('initial', name);
  if (name === 'vision/patches/kernel') {
    const bound = 1 / Math.sqrt(shape[0] * shape[1] * shape[2]);
    return values.map(() => stream.uniform(-bound, bound));
  }
  const deviation = initialDeviation(name, config);
  return values.map(() => stream.normal(0, deviation));
}

function initialDeviation(name: string, config: ClipConfig): number {
  const { width, layers } = name.startsWith('vision/') ? config.vision : config.text;
  if (name === 'text/token_embedding/embeddings') {
    return 0.02;
  }
  if (name === 'text/positions/positions') {
    return 0.01;
  }
  if (name.endsWith('attention/out/kernel') || name.endsWith('mlp/down/kernel')) {
    return width ** -0.5 * (2 * layers) ** -0.5;
  }
  if (name.endsWith('mlp/up/kernel')) {
    return (2 * width) ** -0.5;
  }
  return width ** -0.5;
}
