import * as tf from '@tensorflow/tfjs-core';

const KERNEL = 'Conv2DBackpropFilter';

/** Attributes of the kernel, as tfjs' conv2d hands them to it. */
interface Attributes {
  filterShape: [number, number, number, number];
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dataFormat: 'NHWC';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/**
 * Gives a backend the gradient of a convolution's filter, which tfjs' WASM lacks, so that towers of `conv2d` layers can be
 * trained on it. `chooseBackend` calls it for Node programs; a page that trains such towers calls it itself.
 * @param backend - tfjs' name of the backend. Default: `wasm`. One that has the gradient keeps its own.
 */
export function registerConvolutionGradient(backend = 'wasm'): void {
  if ((tf.getKernel(KERNEL, backend) as tf.KernelConfig | undefined) === undefined) {
    const kernelFunc: tf.KernelFunc = ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as Record<'x' | 'dy', tf.Tensor4D>;
      return filterGradient(x, dy, attrs as unknown as Attributes);
    };
    tf.registerKernel({ kernelName: KERNEL, backendName: backend, kernelFunc });
  }
}

/** A matrix product for each place of the filter: of the pixels it saw there and the gradient of what it made of them. */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, attributes: Attributes): tf.Tensor4D {
  const { filterShape, strides, pad, dimRoundingMode } = attributes;
  const [rows, columns, colours, units] = filterShape;
  const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const { padInfo, strideHeight, strideWidth, outHeight, outWidth, batchSize } = info;
  return tf.tidy(() => {
    const { top, bottom, left, right } = padInfo;
    const padded = tf.pad(x, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    const gradient = tf.reshape(dy, [-1, units]);
    const places = Array.from({ length: rows * columns }, (_, place) => {
      const [row, column] = [Math.floor(place / columns), place % columns];
      const end = [row + (outHeight - 1) * strideHeight + 1, column + (outWidth - 1) * strideWidth + 1];
      const seen = tf.stridedSlice(
        padded,
        [0, row, column, 0],
        [batchSize, ...end, colours],
        [1, strideHeight, strideWidth, 1],
      );
      // WASM multiplies a transposed matrix in a scalar loop: transposing it first is faster.
      return tf.matMul(tf.transpose(tf.reshape(seen, [-1, colours])), gradient);
    });
    return tf.reshape(tf.stack(places), filterShape);
  });
}
