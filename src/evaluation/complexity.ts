import { checkKnown, type SettingNames } from '../../layers/known_names.js';
import { MapleError } from '../../layers/errors.js';
import { countsPadding } from '../backbone/contract.js';
import type { TransformerBackbone } from '../clip/transformer_backbone.js';
import { classPromptIds } from '../prompting/class_prompts.js';
import { classTexts } from '../prompting/class_texts.js';
import { hasFixedText } from '../prompting/design.js';
import { packedClassTexts } from '../prompting/packing.js';
import { METHODS, promptDesign, type Method } from '../prompting/presets.js';
import { trainedParameters } from '../prompting/trained_parameters.js';
import { mustHold } from '../must_hold.js';
import { ComplexityBench } from './complexity_bench.js';
import { clipParameters, countFlops } from './flops.js';
import type { ComplexityRecord, MethodComplexity, RunEnvironment } from './record.js';
import { median, timeInTurn } from './timing.js';

/** What {@link measureComplexity} measures, and how. */
export interface MeasureComplexityArgs {
  backbone: TransformerBackbone;
  classNames: readonly string[];
  environment: RunEnvironment;
  /** Default: all. */
  methods?: readonly Method[];
  /** Pictures at once in the test. Default: 16. */
  testBatch?: number;
  /** Pictures at once in a training step, the same for all methods. Default: 4, MaPLe's. */
  trainBatch?: number;
  /** Measured repetitions of each, after one that is not. Default: 5. */
  repeats?: number;
  /** Whether training steps are measured. Default: true. */
  training?: boolean;
  /** Told of each method before it is measured. */
  onMethod?: (method: Method, index: number) => void;
  /** Told the number of measured runs, out of all: first of none, before models are built. */
  onProgress?: (done: number, total: number) => void;
}

const ARGS: SettingNames<MeasureComplexityArgs> = {
  backbone: true,
  classNames: true,
  environment: true,
  methods: true,
  testBatch: true,
  trainBatch: true,
  repeats: true,
  training: true,
  onMethod: true,
  onProgress: true,
};

/**
 * What methods cost on a backbone, as the paper's table of complexity has it: trained parameters, their share of CLIP's,
 * operations of a forward pass, speed of testing and of training. Times depend on the machine and its load: compare the
 * ratios of one record. Each method is timed in turn with `zeroShot` (test) and with `maple` (training step), so that at
 * most three models are in memory; the pictures are noise.
 *
 * @throws MapleError for methods, class names or counts that cannot be used
 */
export async function measureComplexity(args: MeasureComplexityArgs): Promise<ComplexityRecord> {
  checkKnown('measureComplexity', args, ARGS);
  const { backbone, classNames, environment, methods = METHODS, training = true, onMethod, onProgress } = args;
  const { testBatch = 16, trainBatch = 4, repeats = 5 } = args;
  for (const [name, value] of Object.entries({ testBatch, trainBatch, repeats })) {
    mustHold(name, value, Number.isInteger(value) && value > 0, 'a positive integer');
  }
  if (methods.length === 0) {
    throw new MapleError('`methods` must name at least one method. Received: none.');
  }
  const trained = training && methods.some((method) => method !== 'zeroShot');
  const timed = (method: Method): number => (trained && method !== 'zeroShot' ? 2 : 1);
  const runs = methods.reduce((sum, method) => sum + 2 * (repeats + 1) * timed(method), 0);
  let done = 0;
  onProgress?.(done, runs);
  const bench = new ComplexityBench(backbone, classNames, testBatch, trainBatch);
  try {
    const referenceTest = await bench.testOf(await bench.build('zeroShot'));
    const referenceStep = trained ? bench.stepOf(await bench.build('maple')) : undefined;
    const references = bench.size;
    const measured: Measured[] = [];
    const onRun = (): void => onProgress?.(++done, runs);
    for (const [index, method] of methods.entries()) {
      onMethod?.(method, index);
      const model = await bench.build(method);
      const test = await timeInTurn(referenceTest, await bench.testOf(model), repeats, onRun);
      const learns = model.trainableWeights.length > 0;
      const step =
        referenceStep && learns ? await timeInTurn(referenceStep, bench.stepOf(model), repeats, onRun) : undefined;
      bench.release(references);
      measured.push({ ...countComplexity(backbone, method, classNames), test, ...(step && { step }) });
    }
    const reference = {
      test: median(measured.flatMap(({ test }) => test.reference)),
      ...(trained && { step: median(measured.flatMap(({ step }) => step?.reference ?? [])) }),
    };
    return {
      format: 1,
      protocol: 'complexity',
      backbone: { name: backbone.name, identity: backbone.identity },
      environment,
      clipParameters: clipParameters(backbone.config),
      classes: classNames.length,
      testBatch,
      trainBatch,
      reference,
      methods: measured.map((cost) => ({
        ...cost,
        picturesPerSecond: testBatch / (reference.test * cost.test.ratio),
        ...(cost.step && reference.step && { secondsPerStep: reference.step * cost.step.ratio }),
      })),
      finished: new Date().toISOString(),
    };
  } finally {
    bench.dispose();
  }
}

/** A method's costs before the whole run's reference is known. */
type Measured = Omit<MethodComplexity, 'picturesPerSecond' | 'secondsPerStep'>;

/** What can be counted without building anything. */
function countComplexity(
  backbone: TransformerBackbone,
  method: Method,
  classNames: readonly string[],
): Omit<Measured, 'test' | 'step'> {
  const { config } = backbone;
  const design = promptDesign(method, config);
  const parameters = trainedParameters(design, config, classNames.length);
  const textLength = Math.max(...classPromptIds(backbone, design, classNames).map((text) => text.length));
  // As buildClip has it.
  const packs = !countsPadding(config.text) && !hasFixedText(design);
  const packing = packs ? packedClassTexts(design, classTexts(backbone, design, classNames)) : undefined;
  const packed = packing && { shared: packing.shared, own: packing.ends.map((end) => end + 1) };
  const count = (pruned: boolean) =>
    countFlops(design, config, { classes: classNames.length, textLength, packed, pruned });
  return {
    method,
    design,
    trainedParameters: parameters,
    shareOfClip: parameters / clipParameters(config),
    textLength,
    flops: count(true),
    unprunedFlops: count(false),
  };
}
