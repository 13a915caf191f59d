import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MapleError } from '../../layers/errors.js';
import { learnedVariables } from '../backbone/learned_layers.js';
import { memorySource, type ByteSource } from './byte_source.js';
import { tensorMismatches } from './exact_match.js';
import type { PromptConfig } from './prompt_config.js';
import { openSafetensors, type SafetensorsFile } from './safetensors.js';
import type { TensorToWrite } from './safetensors_writer.js';
import { sha256 } from './sha256.js';

/**
 * The values of all that a model has learned.
 * @throws MapleError when one is no finite number, or two have one name
 */
export async function readPrompts(model: LayersModel): Promise<TensorToWrite[]> {
  const tensors: TensorToWrite[] = [];
  for (const weight of learnedVariables(model)) {
    const { originalName: name } = weight;
    if (tensors.some((tensor) => tensor.name === name)) {
      throw new MapleError(
        `Each learned weight needs a name of its own. Twice there: ${name}. Name the layers within it.`,
      );
    }
    const values = Float32Array.from(await weight.read().data<'float32'>());
    checkFinite('The model', name, values);
    tensors.push({ name, dtype: 'F32', shape: weight.shape as number[], values });
  }
  return tensors;
}

/**
 * Writes all tensors of the file into the model, or none.
 * @throws MapleError naming every tensor that does not fit, or telling that the file is not the one it should be
 */
export async function writePrompts(model: LayersModel, config: PromptConfig, source: ByteSource): Promise<void> {
  const variables = learnedVariables(model);
  const shapes = new Map(variables.map((variable) => [variable.originalName, variable.shape as number[]]));
  checkTensors(await openSafetensors(source), shapes, config);

  // The file fits, so its size is known to be small. From here on one copy in memory counts, the one that is checked.
  const bytes = await source.read(0, source.size);
  const digest = await sha256(bytes);
  if (digest !== undefined && config.weightsSha256 !== undefined && digest !== config.weightsSha256) {
    throw new MapleError(
      `${source.name} is not the file that ${config.file} was written with: its SHA-256 must be ` +
        `${config.weightsSha256}. One of them is damaged or was replaced. Save or copy both again.`,
    );
  }
  const file = await openSafetensors(memorySource(source.name, bytes));
  checkTensors(file, shapes, config);
  const values = new Map<string, Float32Array>();
  for (const name of shapes.keys()) {
    values.set(name, (await file.read(name)).values);
    checkFinite(source.name, name, values.get(name) as Float32Array);
  }
  tf.tidy(() => {
    for (const variable of variables) {
      variable.write(tf.tensor(values.get(variable.originalName) as Float32Array, variable.shape as number[]));
    }
  });
}

function checkTensors(file: SafetensorsFile, shapes: ReadonlyMap<string, number[]>, config: PromptConfig): void {
  const problems = tensorMismatches(file, shapes);
  const numbers = [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((all, side) => all * side, 1), 0);
  if (problems.length > 0) {
    throw new MapleError(
      `${file.name} does not hold the prompts that ${config.file} tells of:\n  ${problems.join('\n  ')}\n` +
        'Do the two files belong together?',
    );
  }
  if (config.trainedParameters !== numbers) {
    throw new MapleError(
      `\`trained_parameters\` of ${config.file} must be ${numbers}, as its prompt_design and learned_layers make. ` +
        `Received: ${config.trainedParameters}.`,
    );
  }
}

function checkFinite(where: string, name: string, values: Float32Array): void {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index >= 0) {
    throw new MapleError(
      `${where}: "${name}" must hold finite numbers. Received: ${values[index]} at ${index}. Did training diverge? ` +
        'Tune again with a lower learning rate.',
    );
  }
}
