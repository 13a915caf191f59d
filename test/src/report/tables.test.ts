import { describe, expect, test } from '@jest/globals';
import { findingOf } from '../../../src/report/finding.js';
import { escapeHtml, html } from '../../../src/report/html.js';
import { markdownTable } from '../../../src/report/markdown_table.js';
import { summarise } from '../../../src/report/summary.js';
import { resultsTable } from '../../../src/report/terminal_table.js';
import { inventedRecord } from '../../helpers/records.js';

const zeroShot = inventedRecord({ method: 'zeroShot', base: 0.67, new: 0.547 });
const coop = inventedRecord({ method: 'coop', base: 0.703, new: 0.513, trainedParameters: 512, losses: [1] });
const maple = inventedRecord({ method: 'maple', base: 0.715, new: 0.56, trainedParameters: 3555072, losses: [1] });

describe('tables', () => {
  test('for the terminal', () => {
    const lines = resultsTable([zeroShot, coop, maple])
      .split('\n')
      .filter((line) => line.startsWith('│'));
    expect(lines).toEqual([
      '│ Method    │ Base % │ New % │  HM % │ Trained parameters │ Training s │',
      '│ Zero-shot │  67.0  │ 54.7  │ 60.2  │                  0 │        0.0 │',
      '│ CoOp      │  70.3  │ 51.3  │ 59.3  │                512 │       31.3 │',
      '│ MaPLe     │  71.5* │ 56.0* │ 62.8* │          3,555,072 │       31.3 │',
    ]);
  });

  test('as Markdown', () => {
    expect(markdownTable([zeroShot, maple]).split('\n')).toEqual([
      '| Method | Base % | New % | HM % | Trained parameters | Training s |',
      '| --- | ---: | ---: | ---: | ---: | ---: |',
      '| Zero-shot | 67.0 | 54.7 | 60.2 | 0 | 0.0 |',
      '| MaPLe | **71.5** | **56.0** | **62.8** | 3,555,072 | 31.3 |',
    ]);
  });

  test('equal accuracies are not marked', () => {
    expect(markdownTable([zeroShot])).not.toContain('**');
  });

  test('several seeds: means, and the harmonic mean of the means', () => {
    const seeds = [
      inventedRecord({ method: 'maple', base: 0.9, new: 0.1, seed: 1 }),
      inventedRecord({ method: 'maple', base: 0.1, new: 0.9, seed: 2 }),
    ];
    const [summary] = summarise(seeds);
    expect([summary.base, summary.new, summary.harmonicMean]).toEqual([0.5, 0.5, 0.5]);
  });
});

describe('findingOf', () => {
  test('states gains and losses from the records', () => {
    const { headline, details } = findingOf(summarise([zeroShot, coop, maple]));
    expect(headline).toBe(
      'MaPLe is ahead, though within what chance can make: its harmonic mean is 62.8%, 2.6 points above zero-shot.',
    );
    expect(details).toEqual([
      'Against zero-shot, CoOp gains 3.3 points on base classes and loses 3.4 points on new ones.',
      'Against zero-shot, MaPLe gains 4.5 points on base classes and 1.3 points on new ones.',
      'The lead over zero-shot is 2.6 points, within what chance can make of 600 base and 600 new test pictures ' +
        '(95%: 4.0 points).',
    ]);
  });

  test('does not favour MaPLe', () => {
    const worse = inventedRecord({ method: 'maple', base: 0.6, new: 0.547 });
    const { headline, details } = findingOf(summarise([zeroShot, worse]));
    expect(headline).toBe(
      'Zero-shot is ahead, though within what chance can make: its harmonic mean is 60.2%, 3.0 points above MaPLe.',
    );
    expect(details[0]).toBe(
      'Against zero-shot, MaPLe loses 7.0 points on base classes and stays the same on new ones.',
    );
  });

  test('says when tuning does not pay', () => {
    const worse = inventedRecord({ method: 'coop', base: 0.7, new: 0.4, losses: [1] });
    expect(findingOf(summarise([zeroShot, worse])).headline).toBe(
      'Tuning does not pay here: zero-shot stays best, with a harmonic mean of 60.2%, 9.3 points above CoOp.',
    );
  });

  test('tells a tie, and a lead that many pictures bear out', () => {
    const same = inventedRecord({ method: 'coop', base: 0.67, new: 0.547 });
    expect(findingOf(summarise([zeroShot, same])).headline).toBe('Zero-shot and CoOp tie at a harmonic mean of 60.2%.');
    const many = [zeroShot, maple].map((record) => ({
      ...record,
      base: { ...record.base, pictures: 60_000 },
      new: { ...record.new, pictures: 60_000 },
    }));
    const finding = findingOf(summarise(many));
    expect(finding.headline).toMatch(/^MaPLe comes out best, with a harmonic mean of 62\.8%/);
    expect(finding.details[1]).toContain('more than chance makes of 60,000 base');
  });

  test('without zero-shot, compares with the second best', () => {
    const { headline, details } = findingOf(summarise([coop, maple]));
    expect(headline).toContain('3.5 points above CoOp.');
    expect(details).toHaveLength(1);
  });
});

test('html escapes what is not HTML', () => {
  expect(escapeHtml(`<a href="x">'&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;');
  expect(String(html`<p>${'<'}${html`<b>${'&'}</b>`}${['>', 1]}${undefined}</p>`)).toBe('<p>&lt;<b>&amp;</b>&gt;1</p>');
});
