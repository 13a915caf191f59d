import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { buildClip } from '../../src/clip/build_clip.js';
import { foldClassifier } from '../../src/clip/fold_classifier.js';
import { chooseBackend } from '../../src/node/backend.js';
import { fileHandler } from '../../src/node/file_handler.js';
import { loadBackbone } from '../../src/node/load_backbone.js';
import { savePrompts } from '../../src/node/prompt_folder.js';
import { promptDesign } from '../../src/prompting/presets.js';
import { saveWhole } from './saved_backbone.js';
import { tinyBackbone } from './tiny_clip.js';

/** Classes of the models that {@link writeCommandFiles} makes. */
export const COMMAND_CLASSES = ['cat', 'dog', 'American Bulldog'];

const COLOURS = { cat: ['red', 'orange', 'pink'], dog: ['blue', 'navy'], american_bulldog: ['green', 'lime', 'olive'] };

/**
 * What commands are tried on, below a folder: `clip` (a backbone), `run/model` and `run/prompts` (as train writes them),
 * `whole` (a model with its text tower), and `photos` (class folders, with a damaged file, a text and a deeper folder).
 */
export async function writeCommandFiles(folder: string): Promise<void> {
  await chooseBackend('wasm');
  const clip = join(folder, 'clip');
  await saveWhole(clip, await tinyBackbone());
  const backbone = await loadBackbone(clip);
  const design = promptDesign('maple', backbone.config);
  const model = await buildClip(backbone, { classNames: COMMAND_CLASSES, design });
  await model.save(fileHandler(join(folder, 'whole')));
  await (await foldClassifier(model)).save(fileHandler(join(folder, 'run', 'model')));
  await savePrompts(model, join(folder, 'run', 'prompts'));
  for (const [name, colours] of Object.entries(COLOURS)) {
    await mkdir(join(folder, 'photos', name), { recursive: true });
    for (const background of colours) {
      await paint(join(folder, 'photos', name, `${background}.png`), background);
    }
  }
  await writeFile(join(folder, 'photos', 'cat', 'text.png'), 'not a picture');
  await mkdir(join(folder, 'photos', 'cat', 'deeper'));
  await paint(join(folder, 'photos', 'cat', 'deeper', 'white.png'), 'white');
}

async function paint(path: string, background: string): Promise<void> {
  await sharp({ create: { width: 24, height: 20, channels: 3, background } })
    .png()
    .toFile(path);
}
