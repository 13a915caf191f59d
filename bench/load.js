import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIP_IMAGE_STATISTICS, clipConfigs } from '../dist/src/index.js';
import { loadClipTokenizer, saveBackbone } from '../dist/src/node/index.js';
import { randomWeights } from '../dist/src/weights/random_weights.js';

/**
 * Writes a CLIP of random weights as a folder (or takes the one of an earlier run, with --folder) and, in a process of
 * its own for each method, loads it, builds the classifier and classifies a picture.
 */
export async function benchLoad({ shape, methods, dtype, folder, backend }) {
  const config = clipConfigs[shape];
  if (config === undefined) {
    throw new Error(`--shape must be one of ${Object.keys(clipConfigs).join(', ')}. Received: ${shape}.`);
  }
  const place = folder ?? (await mkdtemp(join(tmpdir(), 'maple-load-')));
  try {
    const weights = join(place, 'model.safetensors');
    if (!existsSync(weights)) {
      await writeBackbone(place, config, dtype);
    }
    const { size } = await stat(weights);
    console.log(`${shape}, random weights, ${dtype}: model.safetensors of ${megabytes(size)}`);
    for (const method of methods.split(',')) {
      const { description, seconds, extra, logits } = await measure({ folder: place, method, backend });
      const times = Object.entries(seconds).map(
        ([step, { wall, processor }]) => `${step} ${wall.toFixed(1)} s (processor ${processor.toFixed(1)} s)`,
      );
      const share = (value) => `${megabytes(value)} (${(value / size).toFixed(2)} x the file)`;
      console.log(
        `${method}, ${description}: ${times.join(', ')}; peak of extra memory: built ${share(extra.built)}, ` +
          `after a prediction ${share(extra.predicted)}; ${logits} logits`,
      );
    }
  } finally {
    if (folder === undefined) {
      await rm(place, { recursive: true });
    }
  }
}

async function writeBackbone(folder, config, dtype) {
  const source = randomWeights(config, 1);
  const weights = [];
  for (const name of source.names) {
    weights.push([name, (await source.read(name)).values]);
  }
  const tokenizer = await loadClipTokenizer();
  await saveBackbone(folder, { config, tokenizer, imageStatistics: CLIP_IMAGE_STATISTICS, weights, dtype });
}

function measure(job) {
  const child = fork(fileURLToPath(new URL('./load_process.js', import.meta.url)), { serialization: 'advanced' });
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The measured process ended with ${code}.`)));
    child.send(job);
  });
}

function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}
