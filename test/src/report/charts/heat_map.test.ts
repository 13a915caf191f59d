import { describe, expect, test } from '@jest/globals';
import { heatMap } from '../../../../src/report/charts/heat_map.js';

function namesShown(names: string[]): string[] {
  const shares = names.map((_, row) => names.map((_, column) => (row === column ? 1 : 0)));
  const svg = String(heatMap({ id: 'a', title: 'A', description: 'A', names, shares }).chart);
  return [...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, text]) => text);
}

describe('a confusion matrix', () => {
  test('has room for the names that people give classes', () => {
    const names = ['HerbaceousVegetation', 'PermanentCrop', 'sea', 'Highway'];
    expect(namesShown(names)).toEqual(names);
  });

  test('cuts a name that would leave no room for the matrix', () => {
    expect(namesShown(['a photograph of something with a very long name', 'b'])[0]).toMatch(
      /^a photograph.*…$|\.\.\.$/,
    );
  });
});
