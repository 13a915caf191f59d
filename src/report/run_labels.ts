import type { FewShotRecord } from '../evaluation/record.js';
import { completeDesign } from '../prompting/design.js';
import { completeRecipe } from '../training/recipe.js';
import { recordTitle } from './methods.js';

/** What settings are called where their own name says little to people; others keep theirs. */
const NAMES: Record<string, string> = {
  learningRate: 'rate',
  warmupLearningRate: 'warm-up rate',
  weightDecay: 'weight decay',
  batchSize: 'batch',
  textDepth: 'depth',
  textLength: 'length',
  visionDepth: 'image depth',
  visionLength: 'image length',
  classPosition: 'class position',
  scale: 'crops',
  ratio: 'crop ratio',
  chosenOn: 'chosen on',
};

/**
 * What tells each run from the others: its method and, where several are of one method, of its settings those in which they
 * differ; at last where and when they ran, or a number. No two labels are the same.
 */
export function runLabels(runs: readonly FewShotRecord[]): string[] {
  const titles = runs.map(recordTitle);
  const settings = runs.map(settingsOf);
  const places = runs.map(placeOf);
  return runs.map((_, index) => {
    const alike = titles.flatMap((title, other) => (title === titles[index] ? [other] : []));
    const bySettings = differing(alike, settings);
    const labelled = (other: number, names: readonly string[], of: Settings[]): string =>
      names.map((name) => `${name} ${of[other].get(name) ?? 'none'}`).join(', ');
    const own = labelled(index, bySettings, settings);
    const same = alike.filter((other) => labelled(other, bySettings, settings) === own);
    const byPlace = same.length > 1 ? labelled(index, differing(same, places), places) : '';
    const still = same.filter((other) => labelled(other, differing(same, places), places) === byPlace);
    const number = still.length > 1 ? `run ${still.indexOf(index) + 1}` : '';
    const told = [own, byPlace, number].filter((part) => part !== '').join(', ');
    return told === '' ? titles[index] : `${titles[index]} (${told})`;
  });
}

type Settings = ReadonlyMap<string, string>;

function differing(runs: readonly number[], settings: readonly Settings[]): string[] {
  const names = [...new Set(runs.flatMap((run) => [...settings[run].keys()]))];
  return names.filter((name) => new Set(runs.map((run) => settings[run].get(name))).size > 1);
}

/** All that the user decides about a run, in the order in which it is told. */
function settingsOf({ setting, backbone, shots, seed, recipe, design, head, templates }: FewShotRecord): Settings {
  const { visionDepth, visionLength, ...text } = completeDesign(design);
  // Coupled towers have one depth and one length.
  const image = { visionDepth, visionLength };
  return new Map([
    ...entries({ setting, backbone: backbone.name, weights: backbone.identity.slice(0, 8), shots, seed }),
    ...entries(recipe ? completeRecipe(recipe) : {}, ['depth', 'length', 'shots']),
    ...entries(design.coupling === 'none' ? { ...text, ...image } : text),
    ...entries(head ?? {}, ['kind', 'shots', 'trainedParameters']).map(([name, value]): [string, string] => [
      `head ${name}`,
      value,
    ]),
    ...entries({ texts: templates?.join(' | ') }),
  ]);
}

function placeOf({ environment: { backend, version }, finished }: FewShotRecord): Settings {
  return new Map(entries({ backend, version, finished }));
}

/** @param except - fields that are told elsewhere, or follow from others */
function entries(values: object, except: readonly string[] = []): [string, string][] {
  return Object.entries(values).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || except.includes(name)) {
      return [];
    }
    if (Array.isArray(value)) {
      return [[NAMES[name] ?? name, value.map(written).join(' to ')]];
    }
    return typeof value === 'object' && value !== null
      ? entries(value as object)
      : [[NAMES[name] ?? name, written(value)]];
  });
}

function written(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(3))) : String(value);
}
