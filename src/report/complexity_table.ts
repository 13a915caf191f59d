import { METHODS, type Method } from '../prompting/presets.js';
import type { ComplexityRecord, MethodComplexity } from '../evaluation/record.js';
import { METHOD_TITLES } from './methods.js';
import { counted, thousands } from './numbers.js';
import { PUBLISHED, PUBLISHED_SOURCES } from './published.js';
import { resultTable, type ResultTable } from './result_table.js';

/** What methods cost, as one run measured it: a row a method. */
export function complexityTable(record: ComplexityRecord): ResultTable {
  const { backbone, environment, classes, testBatch, trainBatch, clipParameters, methods } = record;
  const caption =
    `${backbone.name}: ${thousands(clipParameters)} parameters, ${classes} classes; ${environment.device}. ` +
    'GFLOP: thousand million operations of the matrix products for one picture, a multiplication and an addition ' +
    'counting as two; with all that training can change worked out anew, with kept text features, and with what the ' +
    'official code computes. ' +
    `Test of ${counted(testBatch, 'picture')} at once, training steps of ${trainBatch}. Times are medians of ` +
    `${methods[0].test.seconds.length}, each to the time of ${METHOD_TITLES.zeroShot} (test) or ` +
    `${METHOD_TITLES.maple} (step) right before.`;
  const columns = [
    'Method',
    'Trained',
    '% of backbone',
    'GFLOP',
    'with kept text',
    'as official',
    'Pictures / s',
    'Test time',
    'Step, s',
    'Step time',
  ].map((title) => ({ title }));
  return resultTable(
    { id: `complexity-${backbone.name}`, title: `What the methods cost: ${backbone.name}`, caption, columns },
    methods.map((cost) => ({ name: METHOD_TITLES[cost.method], method: cost.method, values: valuesOf(cost) })),
  );
}

/** The costs that the paper reports, as far as they were found. */
export function publishedComplexityTable(): ResultTable {
  const rows = METHODS.flatMap((method: Method) => {
    const published = PUBLISHED.complexity[method];
    if (published === undefined) {
      return [];
    }
    const { trainedParameters, percentOfClip, harmonicMean } = published;
    const share = percentOfClip === undefined ? '' : percentOfClip.toFixed(2);
    return [
      { name: METHOD_TITLES[method], method, values: [thousands(trainedParameters), share, harmonicMean.toFixed(2)] },
    ];
  });
  const columns = ['Trained', '% of CLIP', 'HM'].map((title) => ({ title, published: true }));
  const caption = `Published figures, CLIP ViT-B/16, parameters as far as the source rounds them: not measured here. Source: ${PUBLISHED_SOURCES.complexity}.`;
  return resultTable(
    {
      id: 'published-complexity',
      title: 'The paper’s complexity',
      caption,
      columns: [{ title: 'Method' }, ...columns],
    },
    rows,
  );
}

function valuesOf(cost: MethodComplexity): string[] {
  const giga = (operations: number): string => significant(operations / 1e9);
  const step = cost.step ? [significant(cost.secondsPerStep ?? 0), `${cost.step.ratio.toFixed(2)} x`] : ['', ''];
  return [
    thousands(cost.trainedParameters),
    significant(100 * cost.shareOfClip),
    giga(cost.flops.each),
    giga(cost.flops.kept),
    giga(cost.unprunedFlops.each),
    significant(cost.picturesPerSecond),
    `${cost.test.ratio.toFixed(2)} x`,
    ...step,
  ];
}

/** Three significant digits, or a whole number where it has more: `0.0014`, `2.38`, `35.1`, `1240`. */
function significant(value: number): string {
  return value >= 100 || value === 0 ? value.toFixed(0) : value.toPrecision(3);
}
