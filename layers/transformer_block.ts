import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type Shape } from '@tensorflow/tfjs-layers';
import { ACTIVATIONS, type Activation } from './activations.js';
import { rowsForm } from './attention_form.js';
import { frozenBlock, trainedBlock, type Attention, type BlockWeights, type Keep } from './block_math.js';
import { followsTrainable } from './graph.js';
import { packedEnds, packedForm } from './packed_form.js';
import {
  checkArgs,
  checkChoice,
  checkCount,
  checkInputs,
  checkPositive,
  inputList,
  type LayerArgs,
} from './layer_args.js';
import { QUERIES, type Query } from './token_pool.js';
import { MapleError } from './errors.js';

/** Arguments of {@link transformerBlock}. */
export interface TransformerBlockArgs extends LayerArgs {
  /** Attention heads; divides the width of the input. */
  heads: number;
  /** Hidden width of the MLP. */
  mlpWidth: number;
  /**
   * Activation of the MLP: `quickGelu` (OpenAI's weights), `gelu` (exact; LAION's) or `geluTanh` (PyTorch's
   * `gelu(approximate='tanh')`; SigLIP's). Default: `quickGelu`.
   */
  activation?: Activation;
  /** Epsilon of both LayerNorms. Default: 1e-5. */
  epsilon?: number;
  /** Whether a token sees only itself and what stands before it. Default: false. */
  causal?: boolean;
  /** Which tokens' output is computed: `all`, `first`, or one a row `given` as second input. Default: `all`. */
  query?: Query;
  /**
   * When frozen: keep only the input for the backward pass and compute the block once more there, for less memory and
   * the time of a second forward pass. Default: false.
   */
  recompute?: boolean;
  /**
   * When frozen: keep nothing for a backward pass, which is refused, as long as no layer before the block has trainable
   * weights. For blocks that take their input from data alone. Default: false.
   */
  constant?: boolean;
  /** Seed of the initial kernels. */
  seed?: number | null;
}

/** See {@link transformerBlock}. */
export class TransformerBlock extends layers.Layer {
  /** @nocollapse */
  static className = 'TransformerBlock';
  private readonly heads: number;
  private readonly mlpWidth: number;
  private readonly activation: Activation;
  private readonly epsilon: number;
  private readonly causal: boolean;
  private readonly query: Query;
  private readonly recompute: boolean;
  private readonly constant: boolean;
  private readonly seed: number | undefined;
  private readonly variables: Record<string, ReturnType<layers.Layer['addWeight']>> = {};

  constructor(args: TransformerBlockArgs) {
    super(args);
    this.heads = args.heads;
    this.mlpWidth = args.mlpWidth;
    this.activation = args.activation ?? 'quickGelu';
    this.epsilon = args.epsilon ?? 1e-5;
    this.causal = args.causal ?? false;
    this.query = args.query ?? 'all';
    this.recompute = args.recompute ?? false;
    this.constant = args.constant ?? false;
    this.seed = args.seed ?? undefined;
    checkCount('transformerBlock', 'heads', this.heads);
    checkCount('transformerBlock', 'mlpWidth', this.mlpWidth);
    checkPositive('transformerBlock', 'epsilon', this.epsilon);
    checkChoice('transformerBlock', 'activation', this.activation, ACTIVATIONS);
    checkChoice('transformerBlock', 'query', this.query, QUERIES);
    checkArgs('transformerBlock', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = this.checkedShapes(inputShape)[0][2] as number;
    if (width % this.heads !== 0) {
      throw new MapleError(
        `transformerBlock: \`heads\` must divide the input's width. Received: heads=${this.heads}, width=${width}.`,
      );
    }
    const kernel = (name: string, rows: number, columns: number, index: number) => {
      const seed = this.seed === undefined ? undefined : this.seed + index;
      this.add(`${name}/kernel`, [rows, columns], initializers.glorotUniform({ seed }));
      this.add(`${name}/bias`, [columns], initializers.zeros());
    };
    const norm = (name: string) => {
      this.add(`${name}/gamma`, [width], initializers.ones());
      this.add(`${name}/beta`, [width], initializers.zeros());
    };
    norm('norm_1');
    kernel('attention/qkv', width, 3 * width, 0);
    kernel('attention/out', width, width, 1);
    norm('norm_2');
    kernel('mlp/up', width, this.mlpWidth, 2);
    kernel('mlp/down', this.mlpWidth, width, 3);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [[rows, length, width], places] = this.checkedShapes(inputShape);
    const packed = places?.length === 2;
    return this.query === 'all' ? [rows, length, width] : [packed ? places[0] : rows, width];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const [x, ...others] = inputList(inputs);
      const [rows, length, width] = x.shape as [number, number, number];
      const { activation, epsilon } = this;
      const attention = (constants: tf.Tensor[]) => this.attention(rows, length, constants);
      const args = { weights: this.blockWeights(), activation, epsilon, attention, constants: others };
      const tokens = tf.reshape(x, [rows * length, width]);
      const output = this.trainable ? trainedBlock(tokens, args) : frozenBlock(tokens, args, this.keep);
      return this.query === 'all' ? tf.reshape(output, x.shape) : output;
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const config = {
      heads: this.heads,
      mlpWidth: this.mlpWidth,
      activation: this.activation,
      epsilon: this.epsilon,
      causal: this.causal,
      query: this.query,
      recompute: this.recompute,
      constant: this.constant,
      seed: this.seed ?? null,
    };
    return { ...super.getConfig(), ...config };
  }

  /** What a frozen block keeps for the backward pass. */
  private get keep(): Keep {
    if (this.constant && !followsTrainable(this)) {
      return 'nothing';
    }
    return this.recompute ? 'input' : 'steps';
  }

  /** How the tokens see each other, and which of them ask, where not all do. */
  private attention(rows: number, length: number, constants: tf.Tensor[]): Attention {
    const { heads, causal } = this;
    if (constants[0]?.rank === 2) {
      const [places, real, ends] = constants;
      const picked = ends && packedEnds(places, ends, length - (real.shape[0] as number));
      return { form: packedForm({ heads, places, real, ends }), picked };
    }
    if (this.query === 'all') {
      return { form: rowsForm({ rows, heads, causal }) };
    }
    const query = constants[0] ?? tf.zeros([rows]);
    const picked = tf.add(tf.range(0, rows * length, length, 'float32'), query);
    return { form: rowsForm({ rows, heads, causal, query }), picked: tf.cast(picked, 'int32') };
  }

  private blockWeights(): BlockWeights {
    const pair = (name: string, parts: [string, string]) =>
      [this.read(`${name}/${parts[0]}`), this.read(`${name}/${parts[1]}`)] as const;
    const norm = (name: string) => pair(name, ['gamma', 'beta']);
    const linear = (name: string) => pair(name, ['kernel', 'bias']);
    return {
      norm1: norm('norm_1'),
      qkv: linear('attention/qkv'),
      out: linear('attention/out'),
      norm2: norm('norm_2'),
      up: linear('mlp/up'),
      down: linear('mlp/down'),
    };
  }

  private add(name: string, shape: Shape, initializer: ReturnType<typeof initializers.zeros>): void {
    this.variables[name] = this.addWeight(name, shape, 'float32', initializer);
  }

  private read(name: string): tf.Tensor {
    return this.variables[name].read();
  }

  private checkedShapes(inputShape: Shape | Shape[]): Shape[] {
    const accepted = {
      all: [[3], [3, 2, 1]],
      first: [[3]],
      given: [
        [3, 1],
        [3, 2, 1, 1],
      ],
    }[this.query];
    const shapes = checkInputs('transformerBlock', inputShape, ...accepted);
    if (shapes[1]?.length === 2 && !this.causal) {
      throw new MapleError('transformerBlock: packed texts share what they begin with, which needs `causal: true`.');
    }
    return shapes;
  }
}
tf.serialization.registerClass(TransformerBlock);

/**
 * A pre-norm transformer block as CLIP's: x + attention(norm(x)), then x + mlp(norm(x)).
 *
 * In the last block of a tower only one token's output is used. `query: 'first'` (the class token) or
 * `query: 'given'` (each row's end token, as second input) computes that token alone, which changes no result.
 *
 * A frozen block (`trainable: false`) is one operation with a gradient of its own: it keeps only what that needs.
 *
 * **Input shape**: [N, L, d], with `query: 'given'` also the tokens' positions [N]. A frozen causal block also takes the
 * texts of {@link packedClassTokens}: [1, tokens, d], `places`, `real` and, with `query: 'given'`, `ends`.
 *
 * **Output shape**: [N, L, d], or [N, d] for one query (packed: [classes, d]).
 *
 * ```js
 * const block = layers.transformerBlock({heads: 2, mlpWidth: 64});
 * block.apply(tf.zeros([1, 5, 16])).shape; // [1, 5, 16]
 * ```
 *
 * @throws MapleError when heads do not divide the width, or an argument is not of its kind
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function transformerBlock(args: TransformerBlockArgs): TransformerBlock {
  return new TransformerBlock(args);
}
