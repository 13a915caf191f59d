import * as tf from '@tensorflow/tfjs-core';

/** Kernels that may leave a tensor as it is, and when they do. */
const IDENTITIES: Record<string, (x: tf.TensorInfo, attrs: tf.NamedAttrMap) => boolean> = {
  Cast: (x, { dtype }) => dtype === x.dtype,
  // One dimension may be -1, to be inferred; if all the others are as they were, so is that one.
  Reshape: (x, { shape }) => {
    const wanted = shape as number[];
    return wanted.length === x.shape.length && wanted.every((size, axis) => size === x.shape[axis] || size === -1);
  },
};

const replaced = new Set<string>();

/**
 * Makes casts to the type a tensor has, and reshapes to its shape, give the tensor itself, as tfjs' other backends do.
 * tfjs-node runs a TensorFlow operation for each, and for a reshape uploads the shape first; a backward pass is full of
 * both. Values stay the same to the last bit. Safe to call again.
 */
export function skipNativeIdentities(): void {
  for (const [kernelName, isIdentity] of Object.entries(IDENTITIES)) {
    const kernel = tf.getKernel(kernelName, 'tensorflow');
    if (replaced.has(kernelName) || !kernel) {
      continue;
    }
    replaced.add(kernelName);
    tf.unregisterKernel(kernelName, 'tensorflow');
    tf.registerKernel({
      ...kernel,
      kernelFunc: (args) => {
        const x = args.inputs.x as tf.TensorInfo;
        if (!isIdentity(x, args.attrs as tf.NamedAttrMap)) {
          return kernel.kernelFunc(args);
        }
        (args.backend as tf.KernelBackend).incRef(x.dataId);
        return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
      },
    });
  }
}
