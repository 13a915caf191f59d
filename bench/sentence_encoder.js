// Base-to-new on Emoji World with a sentence encoder as text tower: docs/sentence_encoders.md's figures.
//
//   npm run build && node bench/sentence_encoder.js [--out runs/sentences] [--seeds 1,2,3] [--datasets mammals,food]
//   npm run build && node bench/sentence_encoder.js --out runs/sentences-2048 --width 2048 --check
//
// With --check only the zero-shot accuracy on the validation style, the mean over its groups, is printed.
// Writes the small encoder and the aligned text tower into the folder (both are used again), a record a run, and prints
// the table. A run whose record is there is not run again.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  alignTextTower,
  chooseBackend,
  emojiCaptionPairs,
  emojiDataset,
  emojiGroups,
  emojiRecipe,
  emojiStudyData,
  evaluateClassifier,
  loadBackbone,
  loadSentenceEncoder,
  loadSentenceTower,
  runBaseToNew,
  runEnvironment,
  saveSentenceTower,
  writeSentenceEncoder,
  zeroShotClassifier,
} from '../dist/src/node/index.js';

/** Chosen on fluent-emoji-flat, the validation style, by the zero-shot accuracy over all groups. */
const ALIGNMENT = { epochs: 40, learningRate: 0.01, seed: 1 };
const SCENES = 3;

const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: 'runs/sentences' },
    seeds: { type: 'string', default: '1,2,3' },
    datasets: { type: 'string' },
    methods: { type: 'string', default: 'zeroShot,vpt,shallowMaple,maple' },
    width: { type: 'string', default: '512' },
    check: { type: 'boolean', default: false },
  },
});
const methods = options.methods.split(',');
const chosen = await chooseBackend();
console.log(chosen.description);
const data = emojiStudyData();
const datasets = options.datasets?.split(',') ?? data.datasets.filter((name) => name !== data.source);
const image = await loadBackbone('assets/emoji-clip');
const backbone = await textTower();
if (options.check) {
  await check('sentence encoder', backbone);
  await check("CLIP's own text tower", image);
  process.exit();
}
await mkdir(join(options.out, 'records'), { recursive: true });

const records = [];
for (const seed of options.seeds.split(',').map(Number)) {
  for (const dataset of datasets) {
    for (const method of methods.filter((name) => name !== 'zeroShot' || seed === 1)) {
      records.push(await run(method, dataset, seed));
    }
  }
}
printTable();

async function textTower() {
  const [encoderFolder, towerFolder] = [join(options.out, 'encoder'), join(options.out, 'tower')];
  if (!existsSync(join(encoderFolder, 'model.json'))) {
    const width = Number(options.width);
    await writeSentenceEncoder(encoderFolder, { width, pieceWidth: width });
  }
  const encoder = await loadSentenceEncoder(encoderFolder);
  if (existsSync(join(towerFolder, 'sentence_tower.json'))) {
    return loadSentenceTower(towerFolder, { image, encoder });
  }
  const start = performance.now();
  const pairs = await emojiCaptionPairs({ scenes: SCENES });
  const onEpoch = (epoch, loss) => console.log(`alignment, epoch ${epoch}: loss ${loss.toFixed(3)}`);
  const name = 'Emoji CLIP with a sentence encoder';
  const aligned = await alignTextTower({ image, encoder, pairs, name, onEpoch, ...ALIGNMENT });
  await saveSentenceTower(aligned, towerFolder);
  console.log(`aligned on ${pairs.length} pairs in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return aligned;
}

async function check(name, of) {
  const accuracies = [];
  for (const { group } of emojiGroups()) {
    const dataset = await emojiDataset({ style: 'fluent-emoji-flat', group, shots: 1, testScenes: 4 });
    const classifier = await zeroShotClassifier(of, dataset.classNames);
    accuracies.push((await evaluateClassifier(classifier, dataset.test)).accuracy);
    classifier.dispose();
  }
  console.log(`${name}: ${percent(mean(accuracies))} on fluent-emoji-flat, mean over ${accuracies.length} groups`);
}

async function run(method, dataset, seed) {
  const file = join(options.out, 'records', `${dataset}-${method}-${seed}.json`);
  if (existsSync(file)) {
    return JSON.parse(await readFile(file, 'utf8'));
  }
  const recipe = emojiRecipe(method);
  const { record, model } = await runBaseToNew({
    backbone,
    dataset: await data.load(dataset, { seed, shots: recipe.shots }),
    method,
    recipe,
    seed,
    environment: await runEnvironment(chosen),
  });
  model.dispose();
  await writeFile(file, JSON.stringify(record));
  console.log(
    `${file}: ${percent(record.base.accuracy)} / ${percent(record.new.accuracy)}, ${record.trainSeconds.toFixed(0)} s`,
  );
  return record;
}

function printTable() {
  console.log(
    `\n| method | seeds | base | new | HM | trained parameters |\n| --- | ---: | ---: | ---: | ---: | ---: |`,
  );
  for (const method of methods) {
    const of = records.filter((record) => record.method === method);
    const seeds = new Set(of.map(({ seed }) => seed)).size;
    const [base, novel] = ['base', 'new'].map((side) => mean(of.map((record) => record[side].accuracy)));
    const harmonic = (2 * base * novel) / (base + novel);
    const cells = [method, seeds, percent(base), percent(novel), percent(harmonic), of[0].trainedParameters];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(share) {
  return (100 * share).toFixed(2);
}
