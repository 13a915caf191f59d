import type { AnyRecord } from '../evaluation/record.js';
import { HEADS } from '../heads/head.js';
import { RUN_METHODS } from '../evaluation/run_methods.js';
import { fieldsOf, must, mustBeList, mustBeNumber, mustBeShare, Problem, shown, type Fields } from './record_fields.js';

/** What a protocol's record has beside what all runs have: names of its test results. */
const TESTS: Record<AnyRecord['protocol'], (record: Fields) => [string, unknown][]> = {
  'base-to-new': ({ base, new: novel }) => [
    ['base', base],
    ['new', novel],
  ],
  transfer: ({ source, targets }) => [
    ['source', source],
    ...(targets as unknown[]).map((target, index): [string, unknown] => [`targets[${index}]`, target]),
  ],
  'few-shot': ({ test }) => [['test', test]],
  gallery: () => [],
  complexity: () => [],
};

/** The only thumbnails: a record must not make a report fetch anything. */
const THUMBNAIL = /^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/]+=*$/;

/**
 * Checks that a value read from a file is a record that a report can show.
 * @returns what is wrong, naming the field; undefined when nothing is
 */
export function problemOf(value: unknown): string | undefined {
  try {
    checkRecord(value);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) {
      return error.message;
    }
    throw error;
  }
}

function checkRecord(value: unknown): void {
  const record = fieldsOf('the record', value);
  if (record.format !== 1) {
    const known = 'Only format 1 is known: update tfjs-maple, or run the experiment again.';
    throw new Problem(`\`format\` must be 1. Received: ${shown(record.format)}. ${known}`);
  }
  const protocols = Object.keys(TESTS);
  must(protocols.includes(record.protocol as string), 'protocol', `one of ${protocols.join(', ')}`, record.protocol);
  checkNames('backbone', record.backbone, ['name', 'identity']);
  checkNames('environment', record.environment, ['version', 'tfjs', 'backend', 'device']);
  must(typeof record.finished === 'string', 'finished', 'a date', record.finished);
  if (record.protocol === 'complexity') {
    must(Array.isArray(record.methods) && record.methods.length > 0, 'methods', 'a list', record.methods);
    return;
  }
  checkRun(record);
  if (record.protocol === 'transfer') {
    checkTargets(record.targets);
  }
  if (record.protocol === 'gallery') {
    checkGallery('base', record.base);
    checkGallery('new', record.new);
  }
  if (record.protocol === 'few-shot') {
    mustBeNumber('shots', record.shots);
  }
  if (record.protocol === 'base-to-new') {
    mustBeShare('harmonicMean', record.harmonicMean);
  }
  TESTS[record.protocol as AnyRecord['protocol']](record).forEach(([name, metrics]) => checkMetrics(name, metrics));
}

function checkRun(record: Fields): void {
  must(RUN_METHODS.includes(record.method as never), 'method', `one of ${RUN_METHODS.join(', ')}`, record.method);
  must(typeof record.dataset === 'string' && record.dataset !== '', 'dataset', 'a name', record.dataset);
  must(['test', 'validation'].includes(record.split as string), 'split', 'test or validation', record.split);
  must(Number.isSafeInteger(record.seed), 'seed', 'an integer', record.seed);
  must(['string', 'undefined'].includes(typeof record.setting), 'setting', 'text or absent', record.setting);
  const design = fieldsOf('`design`', record.design);
  ['textDepth', 'textLength', 'visionDepth', 'visionLength'].forEach((name) =>
    mustBeNumber(`design.${name}`, design[name]),
  );
  if (record.recipe !== undefined) {
    mustBeNumber('recipe.shots', fieldsOf('`recipe`', record.recipe).shots);
  }
  if (record.head !== undefined) {
    const { kind, shots } = fieldsOf('`head`', record.head);
    must((HEADS as readonly unknown[]).includes(kind), 'head.kind', `one of ${HEADS.join(', ')}`, kind);
    mustBeNumber('head.shots', shots);
  }
  if (record.validation !== undefined) {
    mustBeShare('validation.accuracy', fieldsOf('`validation`', record.validation).accuracy);
    mustBeNumber('validation.pictures', fieldsOf('`validation`', record.validation).pictures);
  }
  must(['string', 'undefined'].includes(typeof record.guesses), 'guesses', 'text or absent', record.guesses);
  must(['boolean', 'undefined'].includes(typeof record.chosen), 'chosen', 'true, false or absent', record.chosen);
  ['trainedParameters', 'trainSeconds', 'testSeconds'].forEach((name) => mustBeNumber(name, record[name]));
  mustBeList('history', record.history);
  (record.history as unknown[]).forEach((epoch, index) =>
    mustBeNumber(`history[${index}].loss`, fieldsOf(`\`history[${index}]\``, epoch).loss),
  );
}

function checkTargets(targets: unknown): void {
  mustBeList('targets', targets);
  (targets as unknown[]).forEach((target, index) => {
    const { dataset, kind } = fieldsOf(`\`targets[${index}]\``, target);
    must(typeof dataset === 'string', `targets[${index}].dataset`, 'a name', dataset);
    must(['dataset', 'domain'].includes(kind as string), `targets[${index}].kind`, 'dataset or domain', kind);
  });
}

function checkMetrics(name: string, value: unknown): void {
  const metrics = fieldsOf(`\`${name}\``, value);
  mustBeShare(`${name}.accuracy`, metrics.accuracy);
  mustBeShare(`${name}.macroF1`, metrics.macroF1);
  if (metrics.labels === undefined && metrics.confusion !== undefined) {
    throw new Problem(
      `\`${name}.labels\` is missing: the record is of an earlier version of tfjs-maple. Run the experiment again.`,
    );
  }
  const classes = checkAnswers(name, metrics);
  mustBeList(`${name}.perClass`, metrics.perClass, classes);
  must(
    metrics.pictures === (metrics.labels as unknown[]).length,
    `${name}.pictures`,
    'the number of labels',
    metrics.pictures,
  );
}

function checkGallery(name: string, value: unknown): void {
  const gallery = fieldsOf(`\`${name}\``, value);
  checkAnswers(name, gallery);
  mustBeList(`${name}.features`, gallery.features, (gallery.labels as unknown[]).length);
  const features = gallery.features as unknown[];
  const length = (features[0] as unknown[] | undefined)?.length;
  features.forEach((feature, index) => {
    mustBeList(`${name}.features[${index}]`, feature, length);
    (feature as unknown[]).forEach((number) => mustBeNumber(`${name}.features[${index}]`, number));
  });
  Object.entries(fieldsOf(`\`${name}.thumbnails\``, gallery.thumbnails)).forEach(([label, uri]) =>
    must(
      typeof uri === 'string' && THUMBNAIL.test(uri),
      `${name}.thumbnails.${label}`,
      'a PNG, JPEG or WebP as a data URI',
      uri,
    ),
  );
}

/** Class names, labels and answers; the number of classes. */
function checkAnswers(name: string, { classNames, labels, said }: Fields): number {
  mustBeList(`${name}.classNames`, classNames);
  const names = classNames as unknown[];
  must(
    names.length > 0 && names.every((each) => typeof each === 'string'),
    `${name}.classNames`,
    'a list of names',
    names,
  );
  mustBeList(`${name}.labels`, labels);
  mustBeList(`${name}.said`, said, (labels as unknown[]).length);
  must((labels as unknown[]).length > 0, `${name}.labels`, 'a list with at least one label', labels);
  for (const [field, list] of [
    ['labels', labels],
    ['said', said],
  ] as const) {
    const wrong = (list as number[]).find((label) => !(Number.isInteger(label) && label >= 0 && label < names.length));
    must(wrong === undefined, `${name}.${field}`, `class indices from 0 to ${names.length - 1}`, wrong);
  }
  return names.length;
}

function checkNames(name: string, value: unknown, fields: readonly string[]): void {
  const found = fieldsOf(`\`${name}\``, value);
  fields.forEach((field) => must(typeof found[field] === 'string', `${name}.${field}`, 'text', found[field]));
}
