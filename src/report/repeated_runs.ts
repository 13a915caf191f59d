import type { ExperimentRecord } from '../evaluation/record.js';
import { completeDesign } from '../prompting/design.js';
import { completeRecipe } from '../training/recipe.js';

/**
 * Runs without those that are there already: the same but for time, place and who kept it. Two trainings on the same pictures
 * both measure zero-shot, and folders are copied.
 */
export function withoutRepeats<R extends ExperimentRecord>(records: readonly R[]): R[] {
  const seen = new Map<string, R>();
  for (const record of records) {
    const key = contentOf(record);
    const first = seen.get(key);
    // Of the two, the one that a training took says more.
    if (first === undefined || (record.chosen && !first.chosen)) {
      seen.set(key, record);
    }
  }
  return [...seen.values()];
}

function contentOf(record: ExperimentRecord): string {
  // Where test pictures are known by their digest, a run that trains nothing depends on no seed.
  const { recipe, head, testPictures } = record;
  const seeded = recipe !== undefined || head !== undefined || testPictures === undefined;
  const content: Record<string, unknown> = {
    ...record,
    design: completeDesign(record.design),
    recipe: recipe && completeRecipe(recipe),
    backbone: record.backbone.identity,
    history: record.history.map(({ loss, accuracy }) => [loss, accuracy]),
    ...(seeded ? {} : { seed: undefined, validation: undefined }),
    ...{
      environment: undefined,
      trainSeconds: undefined,
      testSeconds: undefined,
      finished: undefined,
      chosen: undefined,
    },
  };
  return JSON.stringify(
    Object.keys(content)
      .sort()
      .map((field) => [field, content[field]]),
  );
}
