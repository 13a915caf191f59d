import { FLOAT_DTYPES } from './decoders.js';
import type { TensorFile } from './tensor_file.js';

/**
 * What keeps a file from holding exactly the expected tensors of floating point: a line for every missing, mis-shaped,
 * mis-typed and unexpected one; none when it does.
 * @param expected - shape of every tensor by name
 * @param ignored - names of tensors that may be there and say nothing
 */
export function tensorMismatches(
  file: TensorFile,
  expected: ReadonlyMap<string, readonly number[]>,
  ignored: ReadonlySet<string> = new Set(),
): string[] {
  const found = new Set(file.names);
  const problems: string[] = [];
  for (const [name, shape] of expected) {
    if (!found.has(name)) {
      problems.push(`missing: ${name} [${shape.join(', ')}]`);
    } else if (String(file.shape(name)) !== String(shape)) {
      problems.push(`wrong shape: ${name} is [${file.shape(name).join(', ')}], expected [${shape.join(', ')}]`);
    } else if (!FLOAT_DTYPES.includes(file.dtype(name))) {
      problems.push(`wrong type: ${name} is ${file.dtype(name)}, expected ${FLOAT_DTYPES.join(', ')}`);
    }
  }
  for (const name of file.names.filter((candidate) => !expected.has(candidate) && !ignored.has(candidate))) {
    problems.push(`unexpected: ${name} [${file.shape(name).join(', ')}]`);
  }
  return problems;
}
