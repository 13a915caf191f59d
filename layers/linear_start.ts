import { initializers } from '@tensorflow/tfjs-layers';

type Initializer = ReturnType<typeof initializers.randomUniform>;

/** How PyTorch starts the kernel and bias of a linear map of so many inputs, which the official code keeps. */
export function linearStart(inputs: number, seed: number | undefined): { kernel: Initializer; bias: Initializer } {
  const bound = 1 / Math.sqrt(inputs);
  const uniform = (from?: number) => initializers.randomUniform({ minval: -bound, maxval: bound, seed: from });
  return { kernel: uniform(seed), bias: uniform(seed === undefined ? undefined : seed + 1) };
}
