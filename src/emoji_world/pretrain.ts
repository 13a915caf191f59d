import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { buildTowers, readTowers, towerVariables, type ClipTowers } from '../clip/build_towers.js';
import type { ClipConfig } from '../clip/config.js';
import type { ClipTokenizer } from '../clip/tokenizer.js';
import { pruneTokenizer } from '../clip/tokenizer_pruning.js';
import { loadClipTokenizer } from '../node/clip_tokenizer.js';
import { fileSource } from '../node/file_source.js';
import { Random } from '../random.js';
import { adamW, type AdamW } from '../training/adamw.js';
import { contrastiveStep } from '../training/contrastive.js';
import { initialValues } from '../training/initial_weights.js';
import { openSafetensors } from '../weights/safetensors.js';
import { encodeSafetensors } from '../weights/safetensors_writer.js';
import { captionVocabulary } from './captions.js';
import { emojiConcepts } from './concepts.js';
import { loadDrawings } from './drawings.js';
import { PretrainingBatches } from './pretraining_batches.js';
import { zeroShotCheck } from './pretraining_check.js';
import { stylesInRole } from './styles.js';

/** How the tiny CLIP is trained. */
export interface PretrainOptions {
  /** Folder of the checkpoint and the curve; training goes on from what is there. */
  folder: string;
  /** Steps in all; the schedule ends at the last. */
  steps: number;
  /** Pictures a step, of distinct concepts. Default: 256. */
  batchSize?: number;
  /** Highest learning rate. Default: 1e-3. */
  learningRate?: number;
  /** Steps of linear warm-up. Default: 200. */
  warmup?: number;
  /** Default: 0.1. */
  weightDecay?: number;
  /** Default: 1. */
  seed?: number;
  /** Steps between two checkpoints and lines of the curve. Default: 100. */
  interval?: number;
  /** Told after every step. */
  onStep?: (step: number, loss: number) => void;
  /** Told a line of the curve. */
  onCheck?: (line: CurveLine) => void;
}

/** One line of the training curve, `curve.jsonl`. */
export interface CurveLine {
  step: number;
  /** Mean loss since the line before. */
  loss: number;
  learningRate: number;
  /** Zero-shot accuracy on new scenes of a style that is trained on, mean over groups. */
  seenStyle: number;
  /** The same on the validation style, which is not. */
  validationStyle: number;
  /** Seconds since the start or the resumption. */
  seconds: number;
}

/** The tiny CLIP's architecture; the vocabulary is that of the captions. */
export function emojiClipConfig(vocabularySize: number): ClipConfig {
  const tower = { width: 128, heads: 4, mlpWidth: 512, activation: 'quickGelu', epsilon: 1e-5 } as const;
  return {
    embedDim: 128,
    vision: { ...tower, layers: 6, imageSize: 48, patchSize: 8 },
    text: { ...tower, layers: 3, contextLength: 32, vocabularySize },
  };
}

/** A CLIP tokeniser that knows the captions' words whole, and spells any other. */
export async function emojiTokenizer(): Promise<ClipTokenizer> {
  const vocabulary = captionVocabulary(emojiConcepts());
  return pruneTokenizer(await loadClipTokenizer(), [...vocabulary, 'X']);
}

/** What pretraining ends with. */
export interface Pretrained {
  towers: ClipTowers;
  tokenizer: ClipTokenizer;
}

/**
 * Trains the tiny CLIP of Emoji World from scratch: both towers whole, contrastively, on scenes of the pretraining
 * styles with captions. Held-out styles and test scenes take no part.
 */
export async function pretrain(options: PretrainOptions): Promise<Pretrained> {
  const { folder, steps, batchSize = 256, learningRate = 1e-3, warmup = 200 } = options;
  const { weightDecay = 0.1, seed = 1, interval = 100 } = options;
  const random = new Random(seed);
  const tokenizer = await emojiTokenizer();
  const towers = buildTowers(emojiClipConfig(tokenizer.vocabularySize));
  const optimizer = adamW({ learningRate, beta2: 0.98, epsilon: 1e-6, weightDecay, clipNorm: 1 });
  await mkdir(folder, { recursive: true });
  const first = await resume(join(folder, 'checkpoint.safetensors'), towers, optimizer, random);

  const styles = await Promise.all(stylesInRole('pretraining').map(({ id }) => loadDrawings(id)));
  const seen = stylesInRole('pretraining')[0].id;
  const validation = stylesInRole('validation')[0].id;
  const checks = [styles[0], await loadDrawings(validation)];
  const batches = new PretrainingBatches(styles, tokenizer, random, batchSize, towers.config.vision.imageSize);

  const start = performance.now();
  let losses: number[] = [];
  for (let step = first; step < steps; step++) {
    const rate = learningRateAt(step, { learningRate, warmup, steps });
    optimizer.setLearningRate(rate);
    const { images, ids } = batches.batch(step);
    const loss = contrastiveStep(towers, optimizer, images, ids);
    tf.dispose([images, ids]);
    losses.push(loss);
    options.onStep?.(step + 1, loss);
    if ((step + 1) % interval === 0 || step + 1 === steps) {
      const line: CurveLine = {
        step: step + 1,
        loss: losses.reduce((sum, value) => sum + value, 0) / losses.length,
        learningRate: rate,
        seenStyle: zeroShotCheck(towers, tokenizer, checks[0], seen),
        validationStyle: zeroShotCheck(towers, tokenizer, checks[1], validation),
        seconds: (performance.now() - start) / 1000,
      };
      losses = [];
      await writeCheckpoint(join(folder, 'checkpoint.safetensors'), towers, optimizer, step + 1);
      await appendFile(join(folder, 'curve.jsonl'), `${JSON.stringify(line)}\n`);
      options.onCheck?.(line);
    }
  }
  return { towers, tokenizer };
}

/** Linear warm-up, then a cosine to zero. */
function learningRateAt(
  step: number,
  { learningRate, warmup, steps }: { learningRate: number; warmup: number; steps: number },
): number {
  if (step < warmup) {
    return (learningRate * (step + 1)) / warmup;
  }
  return (learningRate * (1 + Math.cos((Math.PI * (step - warmup)) / (steps - warmup)))) / 2;
}

/** Weights and optimiser, written under a temporary name first. */
async function writeCheckpoint(path: string, towers: ClipTowers, optimizer: AdamW, step: number): Promise<void> {
  const weights = [...(await readTowers(towers))].map(([name, { shape, values }]) => ({ name, shape, values }));
  const state = (await optimizer.getWeights()).map(({ name, tensor }) => ({
    name: `optimizer/${name}`,
    shape: tensor.shape,
    values: Float32Array.from(tensor.dataSync()),
  }));
  const tensors = [...weights, ...state].map((tensor) => ({ ...tensor, dtype: 'F32' as const }));
  await writeFile(`${path}.tmp`, Buffer.concat(encodeSafetensors(tensors, { step: String(step) })));
  await rename(`${path}.tmp`, path);
}

/** Takes up a checkpoint where there is one; otherwise draws the initial weights. Gives the step to go on from. */
async function resume(path: string, towers: ClipTowers, optimizer: AdamW, random: Random): Promise<number> {
  const variables = towerVariables(towers);
  if (
    !(await readFile(path).then(
      () => true,
      () => false,
    ))
  ) {
    for (const variable of variables) {
      const values = initialValues(variable.originalName, variable.shape as number[], towers.config, random);
      tf.tidy(() => {
        variable.write(tf.tensor(values, variable.shape as number[]));
      });
    }
    return 0;
  }
  const file = await openSafetensors(await fileSource(path));
  const tensor = async (name: string) => {
    const { shape, values } = await file.read(name);
    return tf.tensor(values, shape);
  };
  for (const variable of variables) {
    const value = await tensor(variable.originalName);
    variable.write(value);
    value.dispose();
  }
  const state: { name: string; tensor: tf.Tensor }[] = [];
  for (const name of file.names.filter((candidate) => candidate.startsWith('optimizer/'))) {
    state.push({ name: name.slice('optimizer/'.length), tensor: await tensor(name) });
  }
  // The file is sorted by name; the optimiser wants its slots one after the other.
  const slot = ({ name }: { name: string }) => ['iter', '/m', '/v'].findIndex((suffix) => name.endsWith(suffix));
  await optimizer.setWeights(state.sort((one, other) => slot(one) - slot(other)));
  state.forEach(({ tensor: saved }) => saved.dispose());
  return Number(file.metadata.get('step'));
}
