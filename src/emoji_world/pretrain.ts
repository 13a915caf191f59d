import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { buildTowers, type ClipTowers } from '../clip/build_towers.js';
import type { TokenBackbone } from '../backbone/backbone.js';
import type { StoredTokenizer } from '../tokenizers/stored_tokenizer.js';
import { makeFolder } from '../node/make_folder.js';
import { Random } from '../random.js';
import { adamW } from '../training/adamw.js';
import { contrastiveStep } from '../training/contrastive.js';
import { resume, writeCheckpoint } from './checkpoint.js';
import type { EmojiGroup } from './concepts.js';
import { loadDrawings } from './drawings.js';
import { PretrainingBatches } from './pretraining_batches.js';
import { zeroShotCheck } from './pretraining_check.js';
import { pretrainingStyles, stylesInRole } from './styles.js';
import { captionWords, TINY_MODELS, type TinyArchitecture } from './tiny_models.js';
import { startFrom } from './warm_start.js';

/** How a tiny model is trained. */
export interface PretrainOptions {
  /**
   * `clip`, with the symmetric cross-entropy, or `siglip`: towers in SigLIP's form with its pairwise sigmoid loss.
   * Default: `clip`.
   */
  architecture?: TinyArchitecture;
  /** Weights to start from where names and shapes agree, of a model that was trained before. Default: drawn. */
  from?: TokenBackbone;
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
  /** Styles to train on; those that are held out may not be among them. Default: the pretraining styles. */
  styles?: readonly string[];
  /** Whose zero-shot accuracy the curve tells: one group, or the mean over all. Default: all. */
  checkGroup?: EmojiGroup | 'all';
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

const OPTIONS: SettingNames<PretrainOptions> = {
  architecture: true,
  from: true,
  folder: true,
  steps: true,
  batchSize: true,
  learningRate: true,
  warmup: true,
  styles: true,
  checkGroup: true,
  weightDecay: true,
  seed: true,
  interval: true,
  onStep: true,
  onCheck: true,
};

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

/** What pretraining ends with. */
export interface Pretrained {
  towers: ClipTowers;
  tokenizer: StoredTokenizer;
}

/**
 * Trains the tiny CLIP of Emoji World from scratch, or a model in SigLIP's form: both towers whole, contrastively, on
 * scenes of the pretraining styles with captions. Held-out styles and test scenes take no part.
 */
export async function pretrain(options: PretrainOptions): Promise<Pretrained> {
  checkKnown('pretrain', options, OPTIONS);
  const { folder, steps, batchSize = 256, learningRate = 1e-3, warmup = 200 } = options;
  const { weightDecay = 0.1, seed = 1, interval = 100, checkGroup = 'all' } = options;
  const model = TINY_MODELS[options.architecture ?? 'clip'];
  const styleIds = pretrainingStyles(options.styles);
  const random = new Random(seed);
  const tokenizer = await model.tokenizer();
  const towers = buildTowers(model.config(tokenizer.vocabularySize));
  const optimizer = adamW({ learningRate, beta2: 0.98, epsilon: 1e-6, weightDecay, clipNorm: 1 });
  await makeFolder(folder);
  const first = await resume(folder, towers, optimizer, seed);
  if (first === 0 && options.from !== undefined) {
    await startFrom(towers, tokenizer, options.from, captionWords());
  }

  const styles = await Promise.all(styleIds.map((id) => loadDrawings(id)));
  const validation = stylesInRole('validation')[0].id;
  const checks = [styles[0], await loadDrawings(validation, { group: checkGroup })];
  const batches = new PretrainingBatches(styles, tokenizer, towers.config, random, {
    batchSize,
    longestCaption: model.longestCaption,
  });

  const start = performance.now();
  let losses: number[] = [];
  for (let step = first; step < steps; step++) {
    const rate = learningRateAt(step, { learningRate, warmup, steps });
    optimizer.setLearningRate(rate);
    const { images, ids } = batches.batch(step);
    const loss = contrastiveStep(towers, optimizer, images, ids, model.loss);
    tf.dispose([images, ids]);
    losses.push(loss);
    options.onStep?.(step + 1, loss);
    if ((step + 1) % interval === 0 || step + 1 === steps) {
      const line: CurveLine = {
        step: step + 1,
        loss: losses.reduce((sum, value) => sum + value, 0) / losses.length,
        learningRate: rate,
        seenStyle: zeroShotCheck(towers, tokenizer, checks[0], styleIds[0], checkGroup),
        validationStyle: zeroShotCheck(towers, tokenizer, checks[1], validation, checkGroup),
        seconds: (performance.now() - start) / 1000,
      };
      losses = [];
      await writeCheckpoint(folder, towers, optimizer, step + 1);
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
