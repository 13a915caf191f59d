/**
 * How a foreign tensor's values lie, against this library's kernel.
 * - same: as ours
 * - linear: PyTorch's Linear, [out, in]; ours is [in, out]
 * - patches: PyTorch's convolution, [out, colour, row, column]; ours is [row, column, colour, out]
 * - single: a number as [1]; ours is []
 * - leading: as ours behind an axis of 1, [1, ...]
 */
export type Layout = 'same' | 'linear' | 'patches' | 'single' | 'leading';

/** Layouts whose values lie in our order. */
const IN_ORDER: readonly Layout[] = ['same', 'single', 'leading'];

/** Shape of the foreign tensor that holds our kernel of shape `shape`. */
export function foreignShape(layout: Layout, shape: readonly number[]): number[] {
  if (layout === 'same') {
    return [...shape];
  }
  if (layout === 'single') {
    return [1];
  }
  if (layout === 'leading') {
    return [1, ...shape];
  }
  if (layout === 'linear') {
    return [shape[1], shape[0]];
  }
  return [shape[3], shape[2], shape[0], shape[1]];
}

/** Foreign values as our kernel of shape `shape`. */
export function fromForeign(layout: Layout, shape: readonly number[], values: Float32Array): Float32Array {
  return reordered(layout, shape, values, 'ours');
}

/** Our kernel's values as the foreign tensor holds them; undoes {@link fromForeign}. */
export function toForeign(layout: Layout, shape: readonly number[], values: Float32Array): Float32Array {
  return reordered(layout, shape, values, 'theirs');
}

/** The values of a kernel of ours, of shape `shape`, from the one order to the other. */
function reordered(
  layout: Layout,
  shape: readonly number[],
  values: Float32Array,
  to: 'ours' | 'theirs',
): Float32Array {
  if (IN_ORDER.includes(layout)) {
    return values;
  }
  const outputs = shape[shape.length - 1];
  const order = layout === 'linear' ? identity(shape[0]) : patchOrder(shape);
  const result = new Float32Array(values.length);
  for (let output = 0; output < outputs; output++) {
    const row = output * order.length;
    for (let input = 0; input < order.length; input++) {
      const [ours, theirs] = [order[input] * outputs + output, row + input];
      if (to === 'ours') {
        result[ours] = values[theirs];
      } else {
        result[theirs] = values[ours];
      }
    }
  }
  return result;
}

function identity(size: number): Int32Array {
  return Int32Array.from({ length: size }, (_, index) => index);
}

/** For each input in the order (colour, row, column): its place in the order (row, column, colour). */
function patchOrder([rows, columns, colours]: readonly number[]): Int32Array {
  const order = new Int32Array(rows * columns * colours);
  let index = 0;
  for (let colour = 0; colour < colours; colour++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        order[index++] = (row * columns + column) * colours + colour;
      }
    }
  }
  return order;
}
