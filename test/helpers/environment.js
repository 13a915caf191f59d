import { TestEnvironment as NodeEnvironment } from 'jest-environment-node';

/**
 * Jest's Node environment, sharing the typed arrays of the outer realm: the native TensorFlow addon makes
 * its arrays there, and tfjs tells array types apart with `instanceof`.
 */
export default class SharedArraysEnvironment extends NodeEnvironment {
  async setup() {
    await super.setup();
    const shared = {
      ArrayBuffer,
      SharedArrayBuffer,
      DataView,
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      BigUint64Array,
    };
    Object.assign(this.global, shared);
  }
}
