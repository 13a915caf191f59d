import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { NATIVE_PACKAGES } from './backend.js';

/** Writes numbers that TensorBoard shows as curves. */
export interface EventFile {
  /** @param tag - the curve, e.g. `train/loss` */
  scalar(tag: string, value: number, step: number): void;
  /** Hands what was written to the disk. */
  flush(): void;
}

/** The part of tfjs-node that writes event files. */
interface NodeNamespace {
  node: { summaryFileWriter(folder: string, maxQueue?: number): EventFile };
}

const require = createRequire(import.meta.url);

/**
 * Begins a TensorBoard event file in a folder, by TensorFlow itself: undefined where the backend is not the native one,
 * which alone can.
 */
export function openEventFile(folder: string): EventFile | undefined {
  if (tf.getBackend() !== 'tensorflow') {
    return undefined;
  }
  for (const name of NATIVE_PACKAGES) {
    try {
      // The one that the backend came from: loading it again gives the same module.
      return (require(name) as NodeNamespace).node.summaryFileWriter(folder);
    } catch {
      // The other package is the one that is installed.
    }
  }
  return undefined;
}
