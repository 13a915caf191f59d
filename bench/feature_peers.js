import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { oursAsPeer, Peer } from './peer.js';

const [OURS, EXPORT] = ['./peers/ours.js', './peers/export_onnx.py'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const run = promisify(execFile);
const PACKAGES = ['onnxruntime-node', '@huggingface/transformers'];

/**
 * Those that compute a tuned image tower's features, one after the other: this library, of whose weights and
 * pictures the others have a copy; PyTorch; and, where they are asked for, onnxruntime from Python, onnxruntime-node and
 * transformers.js with the tower that PyTorch exports.
 */
export async function* featurePeers({ classes, pictures, threads: number, python, onnx, peersFrom }, folder) {
  if (peersFrom !== undefined) {
    checkPackages(peersFrom);
  }
  const threads = String(number);
  const [tower, classifier] = [join(folder, 'tower.safetensors'), join(folder, 'classifier')];
  // In a process of its own, for writing takes memory that computing does not.
  await run(process.execPath, [OURS, JSON.stringify({ classes, pictures, tower, classifier })]);
  yield oursAsPeer({ classifier, pictures }, threads, 'ours_features.js');
  const needs = '--python must name a Python that has torch and safetensors.';
  const inPython = { command: python, threads, needs };
  yield new Peer('PyTorch', { ...inPython, program: 'torch_maple.py', args: ['1', '1', threads, tower] });
  if (!onnx && peersFrom === undefined) {
    return;
  }
  const { clip, model, pixels } = await exportTower(python, tower, folder);
  if (onnx) {
    const program = { program: 'onnx_features.py', args: [model, pixels, threads] };
    yield new Peer('onnxruntime', { ...inPython, ...program, needs: '--python must name one that has onnxruntime.' });
  }
  if (peersFrom !== undefined) {
    const inNode = { command: process.execPath, threads };
    const args = (source) => [peersFrom, source, pixels, threads];
    yield new Peer('onnxruntime-node', { ...inNode, program: 'onnx_features.js', args: args(model) });
    yield new Peer('transformers.js', { ...inNode, program: 'transformers_features.js', args: args(clip) });
  }
}

/** They are too heavy to be dependencies of a benchmark. */
function checkPackages(folder) {
  const missing = PACKAGES.filter((name) => !existsSync(join(folder, 'node_modules', name, 'package.json')));
  if (missing.length > 0) {
    throw new Error(
      `${resolve(folder, 'node_modules')} has no ${missing.join(' and no ')}. Install what is compared with:\n` +
        `  npm install --ignore-scripts --prefix ${folder} ${PACKAGES.join(' ')}`,
    );
  }
}

/** Laid out as the folder of a CLIP that transformers.js loads. */
async function exportTower(python, tower, folder) {
  const clip = join(folder, 'clip');
  const [model, pixels] = [join(clip, 'onnx', 'vision_model.onnx'), join(folder, 'images.f32')];
  await mkdir(join(clip, 'onnx'), { recursive: true });
  await writeFile(join(clip, 'config.json'), JSON.stringify({ model_type: 'clip_vision_model' }));
  await run(python, [EXPORT, tower, model, pixels]);
  return { clip, model, pixels };
}
