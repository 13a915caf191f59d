import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { MapleError } from '../../layers/errors.js';
import type { BackendName } from '../node/backend.js';
import { announceBackend, backendOption, integer } from './options.js';

interface PredictFlags {
  top: number;
  json?: boolean;
  backend?: BackendName;
}

/** `tfjs-maple predict`. */
export function addPredict(program: Command): void {
  program
    .command('predict')
    .description('classify pictures with a tuned model')
    .argument('<model>', 'folder of the model, as `demo` writes it')
    .argument('<pictures...>', 'picture files, or folders of them')
    .option('--top <number>', 'answers a picture', integer(1), 3)
    .option('--json', 'print JSON')
    .addOption(backendOption())
    .addHelpText('after', '\nExample:\n  tfjs-maple predict out/demo/maple out/demo/pictures --top 1')
    .action(predict);
}

async function predict(folder: string, pictures: string[], { top, json, backend }: PredictFlags): Promise<void> {
  const paths = await picturesOf(pictures);
  const { classifyPictures } = await import('../node/classify_pictures.js');
  const { loadClassifier } = await import('../node/load_classifier.js');
  const { progressBar } = await import('../node/progress.js');
  const { answersTable } = await import('../report/answers_table.js');

  await announceBackend(backend);
  const model = await loadClassifier(folder);
  const bar = progressBar({ label: 'Classifying', total: paths.length });
  const onProgress = (done: number): void => bar.update(done);
  const { classified, skipped } = await classifyPictures(model, paths, { top, onProgress }).finally(() => bar.stop());
  for (const { reason } of skipped) {
    process.stderr.write(`skipped: ${reason}\n`);
  }
  if (json) {
    console.log(JSON.stringify({ model: folder, pictures: classified, skipped }, undefined, 2));
  } else if (classified.length > 0) {
    console.log(answersTable(classified));
  }
  if (classified.length === 0) {
    throw new MapleError(`None of the ${paths.length} files could be read as a picture.`);
  }
}

/** The files named, and those in the folders named. */
async function picturesOf(named: readonly string[]): Promise<string[]> {
  const { listPictures } = await import('../node/pictures.js');
  const paths = await Promise.all(
    named.map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      return found?.isDirectory() ? listPictures(path) : [path];
    }),
  );
  if (paths.flat().length === 0) {
    throw new MapleError(
      `${named.join(', ')} must hold pictures (.jpg, .png, .webp, .gif or .avif). Received: none. ` +
        'Name files, or a folder with pictures directly in it.',
    );
  }
  return paths.flat();
}
