import { afterEach, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { silenceNotes } from '../../../src/node/notes.js';
import { baseToNewCells } from '../../../src/study/cells.js';
import { paperRecipeOf } from '../../../src/study/paper_recipes.js';
import { StudyProgress } from '../../../src/study/study_progress.js';
import { inventedRecord } from '../../helpers/records.js';

afterEach(() => silenceNotes(false));

/** What is said of a study of two cells, one of which fails. */
function told(): string[] {
  const data = { datasets: ['a', 'b'], source: 'a', domains: [] };
  const cells = baseToNewCells({ data, methods: ['coop'], seeds: [1], recipeOf: paperRecipeOf });
  const stream = new PassThrough();
  const { onStart, onCell, onFailure } = new StudyProgress(cells, stream);
  onStart(new Map());
  onCell(cells[0], inventedRecord({ method: 'coop', base: 0.5, new: 0.5, dataset: 'a' }), false);
  onFailure(cells[1], new Error('The loss is no number.'));
  return String(stream.read()).trimEnd().split('\n');
}

test('a line a cell, and one for what failed', () => {
  expect(told()).toEqual([
    '2 cells: 0 have a record, 2 to run',
    expect.stringMatching(/^\[1\/2\] {2}base-to-new-a-coop-seed1 {2}50\.0 \/ 50\.0 \/ 50\.0 {2}/),
    '[2/2]  base-to-new-b-coop-seed1  failed: The loss is no number.',
  ]);
});

test('--quiet leaves out all but what failed', () => {
  silenceNotes();
  expect(told()).toEqual(['[2/2]  base-to-new-b-coop-seed1  failed: The loss is no number.']);
});
