// An exported image tower by onnxruntime-node: a peer of bench/compare.js for the task features.
import { answerTasks } from './answer_tasks.js';
import { fromFolder, readPictures } from './onnx_inputs.js';

const [folder, model, pixels, threads] = process.argv.slice(2);
const { required, version } = fromFolder(folder, 'onnxruntime-node');
const { InferenceSession, Tensor } = required;
const { values, shape } = await readPictures(pixels);
const pictures = new Tensor('float32', values, shape);
const session = await InferenceSession.create(model, {
  intraOpNumThreads: Number(threads),
  executionProviders: ['cpu'],
});

await answerTasks(`onnxruntime-node ${version}, ${threads} threads`, {
  features: async () => (await session.run({ pixel_values: pictures })).image_embeds.data,
});
