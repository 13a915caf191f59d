import { describe, expect, test } from '@jest/globals';
import type { BaseToNewRecord } from '../../../src/evaluation/record.js';
import { resample } from '../../../src/report/bootstrap.js';
import { findingOf } from '../../../src/report/finding.js';
import { escapeHtml, html } from '../../../src/report/html.js';
import { summarise } from '../../../src/report/summary.js';
import { inventedRecord } from '../../helpers/records.js';

const zeroShot = inventedRecord({ method: 'zeroShot', base: 0.67, new: 0.547 });
const coop = inventedRecord({ method: 'coop', base: 0.703, new: 0.513, trainedParameters: 512, losses: [1] });
const maple = inventedRecord({ method: 'maple', base: 0.715, new: 0.56, trainedParameters: 3555072, losses: [1] });

/** Accuracy 0.5 on both halves; `shift` moves which pictures are right, so that two methods need not agree on them. */
function half(method: 'zeroShot' | 'maple', pictures: number, right: number, shift = 0): BaseToNewRecord {
  const record = inventedRecord({ method, base: right / pictures, new: right / pictures, pictures });
  for (const split of [record.base, record.new]) {
    split.said = split.labels.map((label, index) => ((index + shift) % pictures < right ? label : 1 - label));
  }
  return record;
}

describe('resample', () => {
  test('the interval of methods that agree on all pictures but a few is narrow, else wide', () => {
    const [nested, apart] = [0, 200].map((shift) => {
      const [one, other] = summarise([half('zeroShot', 400, 200), half('maple', 400, 220, shift)]);
      return resample([one, other]).difference(other, one);
    });
    expect(nested.difference).toBeCloseTo(0.05, 10);
    expect(nested).toMatchObject({ withinChance: false });
    expect(nested.low).toBeGreaterThan(0);
    expect(apart).toMatchObject({ withinChance: true });
    expect(apart.high - apart.low).toBeGreaterThan(2 * (nested.high - nested.low));
  });

  test('the interval is that of the normal distribution: 1.96 standard errors to both sides', () => {
    // Answers differ on 220 + 200 of 400 pictures with signs: the difference of a picture has a variance of 420/400 - 0.05^2.
    const [one, other] = summarise([half('zeroShot', 400, 180), half('maple', 400, 220, 220)]);
    const { low, high } = resample([one, other]).difference(other, one);
    const perPicture = 400 / 400 - 0.1 ** 2;
    const expected = 2 * 1.96 * Math.sqrt(perPicture / 400 / 2);
    expect((high - low) / expected).toBeGreaterThan(0.88);
    expect((high - low) / expected).toBeLessThan(1.12);
  });

  test('is the same for the same records', () => {
    const summaries = summarise([zeroShot, maple]);
    const [one, other] = [resample(summaries), resample(summaries)].map((resampled) =>
      resampled.difference(summaries[1], summaries[0]),
    );
    expect(other).toEqual(one);
  });
});

describe('findingOf', () => {
  test('states gains and losses from the records, with their intervals', () => {
    const { headline, details } = findingOf(summarise([zeroShot, coop, maple]));
    expect(headline).toBe('MaPLe comes out best, with a harmonic mean of 62.8%, 2.6 points above zero-shot.');
    const interval = String.raw`\(95%: [+−]?\d+\.\d to [+−]?\d+\.\d\)`;
    expect(details).toEqual([
      expect.stringMatching(
        `^Against zero-shot, MaPLe gains 4.5 points on base classes and 1.3 points on new ones; its harmonic mean is 2.6 points higher ${interval}.$`,
      ),
      expect.stringMatching(
        `^Against zero-shot, CoOp gains 3.3 points on base classes and loses 3.4 points on new ones; its harmonic mean is 0.9 points lower, within chance ${interval}.$`,
      ),
      expect.stringMatching(`^Against CoOp, MaPLe’s harmonic mean is 3.5 points higher ${interval}.$`),
      expect.stringMatching(
        `^The lead over zero-shot is 2.6 points, more than chance makes of 600 base and 600 new test pictures and one seed ${interval}.$`,
      ),
    ]);
  });

  test('says when a lead is within what chance can make', () => {
    const { headline, details } = findingOf(summarise([half('zeroShot', 400, 200), half('maple', 400, 208, 200)]));
    expect(headline).toBe(
      'MaPLe is ahead, though within what chance can make: its harmonic mean is 52.0%, 2.0 points above zero-shot.',
    );
    expect(details[1]).toContain('2.0 points, within what chance can make of 400 base');
  });

  test('does not favour MaPLe', () => {
    const worse = inventedRecord({ method: 'maple', base: 0.6, new: 0.547 });
    const { headline, details } = findingOf(summarise([zeroShot, worse]));
    expect(headline).toBe(
      'Tuning does not pay here: zero-shot stays best, with a harmonic mean of 60.2%, 3.0 points above MaPLe.',
    );
    expect(details[0]).toMatch(
      /^Against zero-shot, MaPLe loses 7\.0 points on base classes and stays the same on new ones; its harmonic mean is 3\.0 points lower/,
    );
  });

  test('tells a tie', () => {
    const same = inventedRecord({ method: 'coop', base: 0.67, new: 0.547 });
    expect(findingOf(summarise([zeroShot, same])).headline).toBe('Zero-shot and CoOp tie at a harmonic mean of 60.2%.');
  });

  test('without zero-shot, compares with the second best', () => {
    const { headline, details } = findingOf(summarise([coop, maple]));
    expect(headline).toContain('3.5 points above CoOp.');
    // Said once, though MaPLe against CoOp is the paper's claim too.
    expect(details).toEqual([expect.stringMatching('^The lead over CoOp is 3.5 points')]);
  });
});

test('html escapes what is not HTML', () => {
  expect(escapeHtml(`<a href="x">'&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;');
  expect(String(html`<p>${'<'}${html`<b>${'&'}</b>`}${['>', 1]}${undefined}</p>`)).toBe('<p>&lt;<b>&amp;</b>&gt;1</p>');
});
