import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadTowers, readTowers, type ClipTowers } from '../clip/build_towers.js';
import { writeFilesTogether } from '../node/atomic_files.js';
import { fileSource } from '../node/file_source.js';
import type { AdamW } from '../training/adamw.js';
import { randomWeights } from '../weights/random_weights.js';
import { openSafetensors } from '../weights/safetensors.js';
import { encodeSafetensors } from '../weights/safetensors_writer.js';

const NAME = 'checkpoint.safetensors';
/** The optimiser's tensors, numbered: the file sorts by name, the optimiser wants its own order. */
const OPTIMIZER = /^optimizer\/\d{5}\//;

/** Writes the towers' weights and the optimiser's state, so that training goes on from `step` exactly. */
export async function writeCheckpoint(
  folder: string,
  towers: ClipTowers,
  optimizer: AdamW,
  step: number,
): Promise<void> {
  const weights = [...(await readTowers(towers))].map(([name, { shape, values }]) => ({ name, shape, values }));
  const state = (await optimizer.getWeights()).map(({ name, tensor }, index) => ({
    name: `optimizer/${String(index).padStart(5, '0')}/${name}`,
    shape: tensor.shape,
    values: Float32Array.from(tensor.dataSync()),
  }));
  const tensors = [...weights, ...state].map((tensor) => ({ ...tensor, dtype: 'F32' as const }));
  await writeFilesTogether(folder, [{ name: NAME, chunks: encodeSafetensors(tensors, { step: String(step) }) }]);
}

/**
 * Takes up the checkpoint of a folder, or starts from random weights where there is none.
 * @returns the step to go on from
 * @throws MapleError when the checkpoint is damaged or of another model
 */
export async function resume(folder: string, towers: ClipTowers, optimizer: AdamW, seed: number): Promise<number> {
  const path = join(folder, NAME);
  if (!existsSync(path)) {
    await loadTowers(towers, randomWeights(towers.config, seed));
    return 0;
  }
  const file = await openSafetensors(await fileSource(path));
  await loadTowers(towers, file);
  const state: { name: string; tensor: tf.Tensor }[] = [];
  for (const name of file.names.filter((candidate) => OPTIMIZER.test(candidate)).sort()) {
    const { shape, values } = await file.read(name);
    state.push({ name: name.replace(OPTIMIZER, ''), tensor: tf.tensor(values, shape) });
  }
  await optimizer.setWeights(state);
  state.forEach(({ tensor }) => tensor.dispose());
  return Number(file.metadata.get('step'));
}
