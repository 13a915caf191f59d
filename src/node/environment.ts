import * as tf from '@tensorflow/tfjs-core';
import type { RunEnvironment } from '../evaluation/record.js';
import { VERSION } from '../version.js';
import type { ChosenBackend } from './backend.js';

/** Where and with what a run is made, for its record. */
export function runEnvironment({ description }: ChosenBackend): RunEnvironment {
  return { version: VERSION, tfjs: tf.version_core, backend: tf.getBackend(), device: description };
}
