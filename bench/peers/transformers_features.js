// An exported image tower by transformers.js, as its users load a CLIP: a peer of bench/compare.js for the task features.
import { basename, dirname } from 'node:path';
import { answerTasks } from './answer_tasks.js';
import { fromFolder, readPictures } from './onnx_inputs.js';

const [folder, model, pixels, threads] = process.argv.slice(2);
const { required, version } = fromFolder(folder, '@huggingface/transformers');
const { CLIPVisionModelWithProjection, Tensor, env } = required;
const { values, shape } = await readPictures(pixels);
const pictures = new Tensor('float32', values, shape);
env.allowRemoteModels = false;
env.localModelPath = dirname(model);
const tower = await CLIPVisionModelWithProjection.from_pretrained(basename(model), {
  dtype: 'fp32',
  device: 'cpu',
  session_options: { intraOpNumThreads: Number(threads) },
});

await answerTasks(`transformers.js ${version}, ${threads} threads`, {
  features: async () => (await tower({ pixel_values: pictures })).image_embeds.data,
});
