import { layers, type initializers } from '@tensorflow/tfjs-layers';

type DenseArgs = Parameters<typeof layers.dense>[0];
type Initializer = ReturnType<typeof initializers.zeros>;
type Regularizer = Exclude<NonNullable<DenseArgs['kernelRegularizer']>, string>;
type Config = ReturnType<layers.Layer['getConfig']>[string];

/** An initialiser as tfjs' own layers take it: its name, one of `tf.initializers`, or a configuration. */
export type InitializerArg = DenseArgs['kernelInitializer'] | null;

/** A regulariser as tfjs' own layers take it: its name, one of `tf.regularizers`, or a configuration. */
export type RegularizerArg = DenseArgs['kernelRegularizer'] | null;

/** How a weight starts and what its values cost, where a layer's user says so. */
export class WeightArgs {
  readonly initializer: Initializer | undefined;
  readonly regularizer: Regularizer | undefined;
  private readonly config: Record<string, Config>;

  constructor(initializer: InitializerArg | undefined, regularizer: RegularizerArg | undefined) {
    // tfjs exports neither what turns a name into one nor what writes one down, but its layers do both.
    const reader = layers.dense({
      units: 1,
      ...(initializer && { kernelInitializer: initializer }),
      ...(regularizer && { kernelRegularizer: regularizer }),
    });
    const read = reader as unknown as { kernelInitializer: Initializer; kernelRegularizer: Regularizer };
    const { kernelInitializer, kernelRegularizer } = reader.getConfig();
    this.initializer = initializer ? read.kernelInitializer : undefined;
    this.regularizer = regularizer ? read.kernelRegularizer : undefined;
    this.config = {
      Initializer: initializer ? kernelInitializer : null,
      Regularizer: regularizer ? kernelRegularizer : null,
    };
  }

  /** Whether the user has said anything. */
  get areGiven(): boolean {
    return this.initializer !== undefined || this.regularizer !== undefined;
  }

  /** Both for the layer's configuration, under the weight's name. */
  configOf(weight: string): Record<string, Config> {
    return Object.fromEntries(Object.entries(this.config).map(([kind, value]) => [`${weight}${kind}`, value]));
  }
}
