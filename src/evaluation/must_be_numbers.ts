import { MapleError } from '../../layers/errors.js';

/**
 * Refuses what is no number before it becomes an answer: tfjs' argMax passes NaN over on the CPU and WASM and takes it on the
 * native backend (4.22), so that a damaged model would have an accuracy.
 * @param values - [pictures, width], row by row
 * @param nameOf - names the picture of a row
 * @throws MapleError naming the first picture with a value that is not finite
 */
export function mustBeNumbers(
  values: Float32Array | Int32Array | Uint8Array,
  width: number,
  nameOf: (row: number) => string,
): void {
  const place = values.findIndex((value) => !Number.isFinite(value));
  if (place >= 0) {
    throw new MapleError(
      `The model gives ${values[place]} for ${nameOf(Math.floor(place / width))}, a picture that can be read, so its ` +
        'weights are damaged or not numbers. Download or save them again; a tuned model may have been trained at too ' +
        'high a rate.',
    );
  }
}
