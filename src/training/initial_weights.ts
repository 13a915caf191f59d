import { INITIAL_LOGIT_BIAS, INITIAL_LOGIT_SCALE } from '../../layers/cosine_logits.js';
import type { ClipConfig } from '../clip/config.js';
import type { Random } from '../random.js';

/** Gives one value. */
type Draw = (stream: Random) => number;

/**
 * Initial values of a weight for training from scratch, by its name. A CLIP starts as in OpenAI's
 * `initialize_parameters` (Radford et al., section 2.5 and code). A tower whose feature is pooled by attention, and one
 * whose texts see both ways, start as the vision transformers of SigLIP's code do (big_vision; only the MLPs' biases,
 * there of a deviation of 1e-6, are zeros here); a model with a bias of the logits starts from a temperature of 10 and a
 * bias of -10 (Zhai et al., ICCV 2023, section 3.2).
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
    return values.fill(config.logitBias ? Math.log(10) : INITIAL_LOGIT_SCALE);
  }
  if (name === 'logits/logit_bias') {
    return values.fill(INITIAL_LOGIT_BIAS);
  }
  if (name.endsWith('/gamma')) {
    return values.fill(1);
  }
  if (name.endsWith('/beta') || name.endsWith('/bias')) {
    return values;
  }
  const stream = random.fork('initial', name);
  const isSiglips = name.startsWith('vision/')
    ? config.vision.pooling === 'attention'
    : (config.text.causal ?? true) === false;
  const draw = isSiglips ? siglipsDraw(name, shape, config) : clipsDraw(name, shape, config);
  return values.map(() => draw(stream));
}

function clipsDraw(name: string, shape: readonly number[], config: ClipConfig): Draw {
  const { width, layers } = towerOf(name, config);
  if (name === 'vision/patches/kernel') {
    return uniform(inputsOf(shape) ** -0.5);
  }
  if (name === 'text/token_embedding/embeddings') {
    return normal(0.02);
  }
  if (name === 'text/positions/positions') {
    return normal(0.01);
  }
  if (name.endsWith('attention/out/kernel') || name.endsWith('mlp/down/kernel')) {
    return normal(width ** -0.5 * (2 * layers) ** -0.5);
  }
  if (name.endsWith('mlp/up/kernel')) {
    return normal((2 * width) ** -0.5);
  }
  return normal(width ** -0.5);
}

/** Glorot's uniform values for blocks and pool; for embeddings and maps normal ones that keep the variance. */
function siglipsDraw(name: string, shape: readonly number[], config: ClipConfig): Draw {
  if (name === 'vision/patches/kernel') {
    return normal(inputsOf(shape) ** -0.5);
  }
  const { width } = towerOf(name, config);
  if (name.endsWith('/qkv/kernel')) {
    // Three maps beside each other, each as wide as the tower.
    return uniform(glorotBound(width, width));
  }
  if (/\/(attention\/out|mlp\/(up|down))\/kernel$|\/probe$/.test(name)) {
    return uniform(glorotBound(shape[shape.length - 2], shape[shape.length - 1]));
  }
  return normal(width ** -0.5);
}

function towerOf(name: string, { vision, text }: ClipConfig): { width: number; layers: number } {
  return name.startsWith('vision/') ? vision : text;
}

/** What one output is summed up of. */
function inputsOf(shape: readonly number[]): number {
  return shape.slice(0, -1).reduce((product, size) => product * size, 1);
}

function glorotBound(inputs: number, outputs: number): number {
  return Math.sqrt(6 / (inputs + outputs));
}

function uniform(bound: number): Draw {
  return (stream) => stream.uniform(-bound, bound);
}

function normal(deviation: number): Draw {
  return (stream) => stream.normal(0, deviation);
}
