import { MapleError } from '../../layers/errors.js';
import type { Backbone } from './backbone.js';

type Parts = Record<string, unknown>;

/**
 * Says what of a backbone is missing, for those who make one themselves and have no type checker.
 * @throws MapleError naming the field, what it must be and what it is
 */
export function checkBackbone(backbone: Backbone): void {
  const { name, identity, config, weights, imageStatistics, towers } = partsOf(backbone);
  must('name', name, isText(name), 'a text, for people');
  must('identity', identity, isText(identity), 'a text, as a rule the SHA-256 of the weight file');
  const { vision, text } = partsOf(config);
  must('config.vision', vision, isObject(vision), 'a description of the image tower (TowersConfig)');
  must('config.text', text, isObject(text), 'a description of the text tower (TowersConfig)');
  const { names, shape, read } = partsOf(weights);
  must('weights', weights, Array.isArray(names) && areFunctions(shape, read), '{ names, shape(name), read(name) }');
  const { mean, deviation } = partsOf(imageStatistics);
  must(
    'imageStatistics',
    imageStatistics,
    areColours(mean) && areColours(deviation),
    '{ mean, deviation }, three numbers each',
  );
  const { image, text: textTower } = partsOf(towers);
  must('towers', towers, towers === undefined || areFunctions(image, textTower), '{ image, text }, two functions');
  const built = towers !== undefined || (partsOf(vision).patchSize !== undefined && partsOf(text).heads !== undefined);
  must(
    'towers',
    towers,
    built,
    'two functions, { image, text }, unless the configuration is that of two transformers (ClipConfig)',
  );
  checkReader(partsOf(backbone));
}

/** A backbone reads texts by one of two. */
function checkReader(backbone: Parts): void {
  if ('encoder' in backbone) {
    return; // Checked where it is asked, together with what it gives.
  }
  const { tokenizer } = backbone;
  must(
    'tokenizer',
    tokenizer,
    areFunctions(partsOf(tokenizer).encode),
    '{ encode(text) }, which gives ids, the end token last',
  );
}

function must(field: string, value: unknown, holds: boolean, expected: string): void {
  if (!holds) {
    throw new MapleError(`\`${field}\` of the backbone must be ${expected}. Received: ${described(value)}.`);
  }
}

function described(value: unknown): string {
  return isObject(value) ? `an object with ${Object.keys(value).join(', ') || 'nothing'}` : String(value);
}

function partsOf(value: unknown): Parts {
  return isObject(value) ? (value as Parts) : {};
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function areFunctions(...values: unknown[]): boolean {
  return values.every((value) => typeof value === 'function');
}

function areColours(value: unknown): boolean {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);
}
