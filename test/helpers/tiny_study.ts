import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { saveWhole } from './saved_backbone.js';
import { tinyBackbone } from './tiny_clip.js';

/** Data of noise in the colours of its classes, as a module of its own, for programs that are run as a user would. */
const MODULE = `
import { appendFileSync } from 'node:fs';

const classNames = ['cat', 'dog', 'fox', 'owl'];
const TINTS = { tints: 60, shades: 50, grey: 30 };

export function studyData() {
  // So that a test can tell which processes there were.
  appendFileSync(new URL('pids', import.meta.url), process.pid + '\\n');
  return { name: 'tiny', datasets: ['tints', 'shades'], source: 'tints', domains: ['grey'], load };
}

export const recipeOf = (method) => ({
  depth: method.startsWith('co') ? 1 : 2, length: 2, learningRate: 0.05, warmupLearningRate: 1e-5, momentum: 0.9, weightDecay: 5e-4,
  batchSize: 4, epochs: method === 'maple' ? 4 : 2, shots: 4,
  augmentation: { scale: [0.5, 1], ratio: [0.75, 1.3333], flip: 0.5 },
});

async function load(name, { seed, shots }) {
  const split = (kind, count) =>
    classNames.flatMap((className, label) =>
      Array.from({ length: count }, (_, index) => ({
        label,
        name: [className, kind, index].join(' '),
        load: async () => picture(name, label, kind === 'train' ? seed * 100 + index : 7 + index),
      })),
    );
  return { name, classNames, train: split('train', shots), validation: split('validation', 2), test: split('test', 5) };
}

function picture(name, label, noise) {
  let state = label * 7919 + noise * 104729 + 1;
  const data = Uint8Array.from({ length: 20 * 20 * 3 }, (_, at) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return [TINTS[name] * label, 240 - 60 * label, label % 2 ? 40 : 200][at % 3] * 0.8 + (state >> 16) % 50;
  });
  return { width: 20, height: 20, data };
}
`;

/** A backbone and data that are studied in seconds. */
export interface TinyStudy {
  /** Paths for `--backbone` and `--data`. */
  backbone: string;
  data: string;
  /** A file with the id of every process that opened the data, a line each. */
  pids: string;
}

/** Writes a random backbone and a data module into a folder. */
export async function writeTinyStudy(folder: string): Promise<TinyStudy> {
  const backbone = join(folder, 'backbone');
  const data = join(folder, 'data.mjs');
  await saveWhole(backbone, await tinyBackbone());
  await writeFile(data, MODULE);
  return { backbone, data, pids: join(folder, 'pids') };
}
