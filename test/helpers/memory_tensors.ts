import type { TensorFile } from '../../src/weights/tensor_file.js';

/** Tensors in memory as a file. */
export function memoryTensors(
  name: string,
  tensors: Readonly<Record<string, { shape: number[]; values?: Float32Array; dtype?: string }>>,
): TensorFile {
  const tensor = (key: string) => {
    const { shape, values, dtype = 'F32' } = tensors[key];
    return { shape, values: values ?? new Float32Array(shape.reduce((all, side) => all * side, 1)), dtype };
  };
  return {
    name,
    names: Object.keys(tensors),
    dtype: (key) => tensor(key).dtype,
    shape: (key) => tensor(key).shape,
    read: async (key) => ({ shape: [...tensor(key).shape], values: tensor(key).values }),
  };
}
