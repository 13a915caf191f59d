import { describe, expect, test } from '@jest/globals';
import { RUN_METHODS } from '../../../src/evaluation/run_methods.js';
import { PAGE_STYLE } from '../../../src/report/page_style.js';
import { renderReport } from '../../../src/report/report.js';
import type { Scene } from '../../../src/report/scene_strip.js';
import {
  inventedFewShot,
  inventedGallery,
  inventedRecord,
  inventedTransfer,
  THUMBNAIL,
} from '../../helpers/records.js';

const records = [
  inventedRecord({ method: 'zeroShot', base: 0.67, new: 0.547 }),
  inventedRecord({ method: 'coop', base: 0.7, new: 0.51, trainedParameters: 512, losses: [1.9, 1.4] }),
  inventedRecord({ method: 'maple', base: 0.715, new: 0.56, trainedParameters: 99072, losses: [2, 1.5, 1.25] }),
];

const picture = { width: 2, height: 1, data: Uint8Array.from([255, 0, 0, 0, 0, 255]) };
const scene: Scene = {
  picture,
  truth: 'rock & roll',
  split: 'new',
  said: [
    ['Zero-shot', '<script>alert(1)</script>'],
    ['MaPLe', 'rock & roll'],
  ],
};

describe('renderReport', () => {
  test('is one page that fetches nothing and fits a phone, light and dark', async () => {
    const page = await renderReport(records, { title: 'A title', scenes: [scene] });
    expect(page).toMatch(/^<!doctype html>/);
    const withoutNames = page
      .replaceAll('http://www.w3.org/2000/svg', '')
      .replaceAll('http://www.w3.org/1999/xlink', '');
    expect(withoutNames).not.toMatch(/https?:|<script|<link|@import|url\((?!#)/);
    expect(page).toContain('content="default-src &#39;none&#39;; img-src data:');
    expect(page).toContain('content="width=device-width, initial-scale=1"');
    expect(page).toContain('prefers-color-scheme: dark');
  });

  test('has the finding, the table, a chart a measure and a trained method, and the configuration', async () => {
    const page = await renderReport(records, { title: 'A title' });
    expect(page).toMatch(/<h1>MaPLe comes out best, with a harmonic mean of 62\.8%, 2\.6 points above zero-shot/);
    expect(page).toMatch(/99,072/);
    const labels = [...page.matchAll(/<svg role="img" aria-label="([^"]*)"/g)].map(([, label]) => label);
    expect(labels).toEqual([
      'Base classes: Zero-shot 67.0%, CoOp 70.0%, MaPLe 71.5%',
      'New classes: Zero-shot 54.7%, CoOp 51.0%, MaPLe 56.0%',
      'Harmonic mean: Zero-shot 60.2%, CoOp 59.0%, MaPLe 62.8%',
      'Training loss of CoOp over 2 epochs; at the end 1.40',
      'Training loss of MaPLe over 3 epochs; at the end 1.25',
      'Confusion matrix of Zero-shot, base classes: 67.0% on the diagonal',
      'Confusion matrix of MaPLe, base classes: 71.5% on the diagonal',
      'Confusion matrix of Zero-shot, new classes: 54.7% on the diagonal',
      'Confusion matrix of MaPLe, new classes: 56.0% on the diagonal',
    ]);
    expect(page).toContain('Tuned on 16 pictures of each base class. Tested on 600 pictures of base classes');
    expect(page).toMatch(/<dt>learningRate<\/dt>\s*<dd>0\.0035<\/dd>/);
    expect(page).not.toContain('Test pictures</h2>');
  });

  test('bars start at 0 and are as long as their accuracy', async () => {
    const page = await renderReport(records, { title: 'A title' });
    const chart = page.slice(page.indexOf('aria-label="Base classes'), page.indexOf('aria-label="New classes'));
    expect(chart.match(/>(\d+%)<\/text>/g)?.map((text) => text.slice(1, -7))).toEqual([
      '0%',
      '25%',
      '50%',
      '75%',
      '100%',
    ]);
    const lengths = (['zeroShot', 'coop', 'maple'] as const).map((method) => {
      const outline = new RegExp(`<path d="M([\\d.]+) [^"]*?A3 3 0 0 1 ([\\d.]+) [^"]*" fill="var\\(--${method}\\)"`);
      const [, left, right] = (outline.exec(chart) as RegExpExecArray).map(Number);
      return right - left;
    });
    // 164 pixels are 100%.
    expect(lengths.map((length) => Math.round((1000 * length) / 164) / 1000)).toEqual([0.67, 0.7, 0.715]);
  });

  test('shows scenes with right and wrong by sign, every text escaped', async () => {
    const page = await renderReport(records, { title: '<b>bold</b>', scenes: [scene] });
    expect(page).not.toContain('<b>bold</b>');
    expect(page).toContain('&lt;b&gt;bold&lt;/b&gt;');
    expect(page).not.toContain('alert(1)</script>');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('alt="Test picture of rock &amp; roll"');
    expect(page).toMatch(/aria-label="wrong">✗<\/span>\s*<span\s*><b>Zero-shot/);
    expect(page).toMatch(/aria-label="right">✓<\/span>\s*<span\s*><b>MaPLe/);
    expect(page).toMatch(/src="data:image\/png;base64,iVBORw0KGgo/);
    expect(page).toContain('New classes (never trained on)');
    expect(page).not.toContain('Base classes (trained on)');
  });

  test('escapes names in charts too', async () => {
    const odd = records.map((record) => ({
      ...record,
      dataset: '"><img src=x>',
      backbone: { name: '<i>', identity: '&' },
    }));
    const page = await renderReport(odd, { title: 'A title' });
    expect(page).not.toContain('<img src=x>');
    expect(page).not.toContain('<i>');
  });

  test('is the same page for the same records, however many were drawn before', async () => {
    const [one, other] = [await renderReport(records, { title: 'A' }), await renderReport(records, { title: 'A' })];
    expect(other).toBe(one);
  });

  test('takes zero-shot alone, without a chart of losses', async () => {
    const page = await renderReport([records[0]], { title: 'A' });
    expect(page).toContain('Zero-shot reaches a harmonic mean of 60.2%');
    expect(page).not.toContain('Training loss</h2>');
  });

  test('refuses records that cannot be compared', async () => {
    await expect(renderReport([], { title: 'A' })).rejects.toThrow('at least one record. Received: none');
    const seeds = [records[1], inventedRecord({ method: 'maple', base: 0.7, new: 0.5, seed: 2 })];
    await expect(renderReport(seeds, { title: 'A' })).rejects.toThrow(
      'Received: CoOp on noto food (seed 1); MaPLe on noto food (seed 2).',
    );
  });
});

describe('renderReport of a whole study', () => {
  const markup = '"><img src=x onerror=alert(1)>';
  const seeing = { visionDepth: 3, visionLength: 2, textDepth: 3 };
  const ofDataset = (dataset: string) => [
    inventedRecord({ method: 'zeroShot', dataset, base: 0.6, new: 0.7, pictures: 100 }),
    ...[1, 2].flatMap((seed) => [
      inventedRecord({ method: 'maple', dataset, seed, base: 0.8, new: 0.7, losses: [2, 1], pictures: 100 }),
      inventedRecord({ method: 'maple', dataset, seed, base: 0.7, new: 0.6, setting: 'depth=2', design: seeing }),
      inventedRecord({ method: 'maple', dataset, seed, base: 0.6, new: 0.5, setting: 'depth=1', design: seeing }),
    ]),
    ...[0, 1, 16].map((shots) =>
      inventedFewShot({ method: shots === 0 ? 'zeroShot' : 'maple', dataset, shots, accuracy: 0.5 + shots / 100 }),
    ),
  ];
  const study = [
    ...ofDataset('mammals'),
    ...ofDataset(markup),
    inventedTransfer({
      method: 'zeroShot',
      source: 0.5,
      datasets: { mammals: 0.4, tools: 0.5 },
      domains: { old: 0.2 },
    }),
    inventedTransfer({ method: 'maple', source: 0.6, datasets: { mammals: 0.5, tools: 0.6 }, domains: { old: 0.3 } }),
    inventedGallery({ method: 'zeroShot', gap: 0.2 }),
    inventedGallery({ method: 'maple', gap: 1, share: 0.9, design: seeing }),
  ];
  const wholePage = renderReport(study, { title: 'A study' });
  const headings = (page: string) => [...page.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, heading]) => heading);

  test('has a section for each protocol, and no other', async () => {
    const page = await wholePage;
    expect(headings(page)).toEqual([
      'Base to new',
      'Base to new by data set',
      'Transfer',
      'Few-shot classification',
      'Ablations',
      'Training loss',
      'Confusions',
      'Test pictures: noto food',
      'Image features before and after tuning',
    ]);
    const part = async (protocol: string) =>
      headings(
        await renderReport(
          study.filter((record) => record.protocol === protocol),
          { title: 'A' },
        ),
      );
    expect(await part('transfer')).toEqual(['Transfer']);
    expect(await part('few-shot')).toEqual(['Few-shot classification']);
    expect(await part('gallery')).toEqual(['Test pictures: noto food', 'Image features before and after tuning']);
  });

  test('charts say what they show', async () => {
    const page = await wholePage;
    const labels = [...page.matchAll(/<svg role="img" aria-label="([^"]*)"/g)].map(([, label]) => label);
    expect(labels).toContain(
      'Base classes, MaPLe over zero-shot: mammals +20.0, &quot;&gt;&lt;img src=x onerror=alert(1)&gt; +20.0',
    );
    expect(labels).toContain(
      'Average over data sets, accuracy by training pictures a class: Zero-shot 50.0%; MaPLe 51.0% at 1, 66.0% at 16',
    );
    expect(labels).toContain('Prompt depth: 1: HM 54.5%, 2: HM 64.6%');
    expect(labels.filter((label) => label.startsWith('MaPLe (two directions hold'))).toHaveLength(2);
  });

  test('takes no name for markup and fetches nothing', async () => {
    const page = await wholePage;
    expect(page).not.toContain('<img src=x');
    expect(page.replace(/="[^"]*"/g, '')).not.toMatch(/<[^>]* onerror=[^>]*>/);
    const plain = page.replaceAll('http://www.w3.org/2000/svg', '').replaceAll('http://www.w3.org/1999/xlink', '');
    expect(plain).not.toMatch(/https?:|<script|<link|@import|url\((?!#)/);
    const sources = [...page.matchAll(/src="([^"]*)"/g)].map(([, source]) => source);
    expect(new Set(sources)).toEqual(new Set([THUMBNAIL]));
  });

  test('classes part more after tuning, and the page says how much', async () => {
    const page = await wholePage;
    const [, before, after] =
      /Between classes: ([\d.]+)% of the variance before, ([\d.]+)% with MaPLe/.exec(page) ?? [];
    expect(Number(before)).toBeLessThan(60);
    expect(Number(after)).toBeGreaterThan(85);
  });

  test('says that runs on validation pictures are not shown beside those on test pictures', async () => {
    const validation = { ...records[1], split: 'validation' as const };
    const page = await renderReport([...records, validation], { title: 'A' });
    expect(page).toContain('one run on validation pictures not shown.');
    expect(await renderReport([validation], { title: 'A' })).toContain('validation pictures</dd>');
  });
});

test('every method has a colour for light and for dark', () => {
  for (const method of RUN_METHODS) {
    expect(PAGE_STYLE.split(`--${method}: #`)).toHaveLength(3);
  }
});
