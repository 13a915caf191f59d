import { initializers } from '@tensorflow/tfjs-layers';

type Initializer = ReturnType<typeof initializers.zeros>;

/** Stands for seed 0, which tfjs' normal distributions take for none (tfjs-core 4.22); no whole number, so no other's. */
const SEED_OF_ZERO = 0.5;

/** Normally distributed values of mean 0, as weights start; every seed repeats, 0 too. */
export function normalStart(stddev: number, seed?: number): Initializer {
  return initializers.randomNormal({ mean: 0, stddev, seed: seed === 0 ? SEED_OF_ZERO : seed });
}
