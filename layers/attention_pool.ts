import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { activate, ACTIVATIONS, type Activation } from './activations.js';
import { MapleError } from './errors.js';
import { dense, layerNorm } from './functional.js';
import {
  checkArgs,
  checkChoice,
  checkCount,
  checkInputs,
  checkPositive,
  inputList,
  type LayerArgs,
} from './layer_args.js';

/** Arguments of {@link attentionPool}. */
export interface AttentionPoolArgs extends LayerArgs {
  /** Attention heads; divides the width of the input. */
  heads: number;
  /** Hidden width of the MLP. */
  mlpWidth: number;
  /** Activation of the MLP, as in {@link transformerBlock}. Default: `geluTanh`, SigLIP's. */
  activation?: Activation;
  /** Epsilon of the LayerNorm. Default: 1e-6, SigLIP's. */
  epsilon?: number;
  /** Seed of the initial values. */
  seed?: number | null;
}

/** See {@link attentionPool}. */
export class AttentionPool extends layers.Layer {
  /** @nocollapse */
  static className = 'AttentionPool';
  private readonly heads: number;
  private readonly mlpWidth: number;
  private readonly activation: Activation;
  private readonly epsilon: number;
  private readonly seed: number | undefined;
  private readonly variables: Record<string, LayerVariable> = {};

  constructor(args: AttentionPoolArgs) {
    super(args);
    this.heads = args.heads;
    this.mlpWidth = args.mlpWidth;
    this.activation = args.activation ?? 'geluTanh';
    this.epsilon = args.epsilon ?? 1e-6;
    this.seed = args.seed ?? undefined;
    checkCount('attentionPool', 'heads', this.heads);
    checkCount('attentionPool', 'mlpWidth', this.mlpWidth);
    checkPositive('attentionPool', 'epsilon', this.epsilon);
    checkChoice('attentionPool', 'activation', this.activation, ACTIVATIONS);
    checkArgs('attentionPool', this, args);
  }

  override build(inputShape: Shape | Shape[]): void {
    const width = checkInputs('attentionPool', inputShape, [3])[0][2] as number;
    if (width % this.heads !== 0) {
      throw new MapleError(
        `attentionPool: \`heads\` must divide the input's width. Received: heads=${this.heads}, width=${width}.`,
      );
    }
    const uniform = (index: number) =>
      initializers.glorotUniform({ seed: this.seed === undefined ? undefined : this.seed + index });
    const linear = (name: string, rows: number, columns: number, index: number) => {
      this.add(`${name}/kernel`, [rows, columns], uniform(index));
      this.add(`${name}/bias`, [columns], initializers.zeros());
    };
    this.add('probe', [1, 1, width], uniform(0));
    linear('attention/qkv', width, 3 * width, 1);
    linear('attention/out', width, width, 2);
    this.add('norm/gamma', [width], initializers.ones());
    this.add('norm/beta', [width], initializers.zeros());
    linear('mlp/up', width, this.mlpWidth, 3);
    linear('mlp/down', this.mlpWidth, width, 4);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [[rows, , width]] = checkInputs('attentionPool', inputShape, [3]);
    return [rows, width];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    return tf.tidy(() => {
      this.invokeCallHook(inputs, kwargs);
      const attended = this.linear('attention/out', this.attend(inputList(inputs)[0]));
      const normal = layerNorm(attended, this.read('norm/gamma'), this.read('norm/beta'), this.epsilon);
      const hidden = activate(this.linear('mlp/up', normal), this.activation);
      return tf.add(attended, this.linear('mlp/down', hidden));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const config = {
      heads: this.heads,
      mlpWidth: this.mlpWidth,
      activation: this.activation,
      epsilon: this.epsilon,
      seed: this.seed ?? null,
    };
    return { ...super.getConfig(), ...config };
  }

  /**
   * What the heads see, side by side: [N, L, d] -> [N, d]. All rows ask the same, so neither keys nor values are made: a
   * head's scores are x (Wk q), and its answer is the tokens' weighted mean times Wv, in which the bias of the values
   * comes whole. The bias of the keys adds the same to all scores of a head, which the softmax does not see.
   */
  private attend(x: tf.Tensor): tf.Tensor {
    const [rows, length, width] = x.shape as [number, number, number];
    const { heads } = this;
    const ofHead = width / heads;
    const [ofQuery, ofKey, ofValue] = tf.split(this.read('attention/qkv/kernel'), 3, 1);
    const [queryBias, , valueBias] = tf.split(this.read('attention/qkv/bias'), 3);
    const query = dense(tf.reshape(this.read('probe'), [1, width]), ofQuery, queryBias);
    const scaled = tf.mul(query, 1 / Math.sqrt(ofHead));
    const asked = tf.sum(tf.reshape(tf.mul(ofKey, scaled), [width, heads, ofHead]), 2);
    const scores = tf.reshape(tf.matMul(tf.reshape(x, [rows * length, width]), asked), [rows, length, heads]);
    const weights = tf.softmax(tf.transpose(scores, [0, 2, 1]));
    const seen = tf.transpose(tf.matMul(weights, x), [1, 0, 2]);
    const valueOfHead = tf.transpose(tf.reshape(ofValue, [width, heads, ofHead]), [1, 0, 2]);
    const answers = tf.transpose(tf.matMul(seen, valueOfHead), [1, 0, 2]);
    return tf.add(tf.reshape(answers, [rows, width]), valueBias);
  }

  private linear(name: string, x: tf.Tensor): tf.Tensor {
    return dense(x, this.read(`${name}/kernel`), this.read(`${name}/bias`));
  }

  private add(name: string, shape: Shape, initializer: ReturnType<typeof initializers.zeros>): void {
    this.variables[name] = this.addWeight(name, shape, 'float32', initializer);
  }

  private read(name: string): tf.Tensor {
    return this.variables[name].read();
  }
}
tf.serialization.registerClass(AttentionPool);

/**
 * Pools the tokens of each row by attention: a learned probe asks all of them, multi-headed, and an MLP follows,
 * a + mlp(norm(a)) for what the probe sees, a. It is the head of SigLIP's image tower (Zhai et al., "Sigmoid Loss for
 * Language Image Pre-Training", ICCV 2023), introduced as the MAP head of "Scaling Vision Transformers" (Zhai et al.,
 * CVPR 2022, section 3.2), and takes the place of a class token. Learned prompts among the tokens are seen as well.
 *
 * **Input shape**: [N, L, d]. **Output shape**: [N, d].
 *
 * ```js
 * layers.attentionPool({heads: 2, mlpWidth: 64}).apply(tf.ones([3, 5, 16])).shape; // [3, 16]
 * ```
 *
 * @throws MapleError when heads do not divide the width, or an argument is not of its kind
 * @doc {heading: 'Layers', subheading: 'Towers', namespace: 'layers'}
 */
export function attentionPool(args: AttentionPoolArgs): AttentionPool {
  return new AttentionPool(args);
}
