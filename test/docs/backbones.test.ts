import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { ClipConfig, ImageStatistics, TowerConfig } from '../../src/clip/config.js';
import { ARCHITECTURES, PARAMETERS, type PublishedArchitecture } from '../../src/published/published_architectures.js';
import { publishedBackbones, type PublishedBackbone } from '../../src/published/published_backbones.js';

/**
 * The tables of docs/backbones.md are made from the data:
 * `MAPLE_WRITE_DOCS=1 npm test -- test/docs/backbones.test.ts` writes them anew.
 */
const PAGE = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'backbones.md');
const [BEGIN, END] = ['<!-- backbones: begin -->', '<!-- backbones: end -->'];
const ACTIVATIONS = { quickGelu: 'QuickGELU', gelu: 'GELU', geluTanh: 'GELU by tanh' } as const;

function tables(): string {
  const entries = Object.entries(publishedBackbones);
  const families = [...new Set(entries.map(([, { family }]) => family))];
  return [
    ...families.flatMap((family) => {
      const members = entries.filter(([, backbone]) => backbone.family === family);
      return [`### ${family}`, `Licence: ${members[0][1].licence}.`, familyTable(members)];
    }),
    '## Architectures',
    'Keys of `clipConfigs` and `siglipConfigs`. Of a tower: width, blocks, heads, MLP.',
    architectureTable(),
  ].join('\n\n');
}

function familyTable(members: [string, PublishedBackbone][]): string {
  const rows = members.map(([name, { architecture, config, parameters, imageStatistics, openClip = '' }]) => [
    `\`${name}\``,
    `\`${architecture}\``,
    parameters.toLocaleString('en'),
    activations(config),
    pictures(config, imageStatistics),
    openClip,
  ]);
  return table(['name', 'architecture', 'parameters', 'activation', 'pictures', 'open_clip'], rows);
}

function architectureTable(): string {
  const rows = Object.keys(ARCHITECTURES).map((name) => {
    const { vision, text, embedDim } = ARCHITECTURES[name as PublishedArchitecture] as ClipConfig;
    return [
      `\`${name}\``,
      PARAMETERS[name as PublishedArchitecture].toLocaleString('en'),
      tower(vision),
      tower(text),
      `${embedDim}`,
      `${vision.imageSize}, ${vision.patchSize}`,
      `${text.contextLength}, ${text.vocabularySize.toLocaleString('en')}`,
    ];
  });
  const head = [
    'key',
    'parameters',
    'image tower',
    'text tower',
    'joint width',
    'picture, patch',
    'context, vocabulary',
  ];
  return table(head, rows);
}

function activations({ vision, text }: ClipConfig): string {
  const [image, words] = [ACTIVATIONS[vision.activation], ACTIVATIONS[text.activation]];
  return image === words ? image : `${image}; of the text ${words}`;
}

function pictures({ vision }: ClipConfig, { mean, fit = 'crop', filter = 'bicubic' }: ImageStatistics): string {
  return `${vision.imageSize}, ${fit}, ${filter}, ${mean[0] === 0.5 ? 'halves' : 'CLIP’s'}`;
}

function tower({ width, layers, heads, mlpWidth }: TowerConfig): string {
  return [width, layers, heads, mlpWidth].join(', ');
}

function table(head: string[], rows: string[][]): string {
  const rule = head.map((name) => (name === 'parameters' ? '---:' : '---'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

describe('docs/backbones.md', () => {
  test('lists every published backbone and architecture as the data have them', () => {
    const page = readFileSync(PAGE, 'utf8');
    const before = page.split(BEGIN)[0];
    const after = page.split(END)[1];
    const expected = `${before}${BEGIN}\n\n<!-- prettier-ignore-start -->\n${tables()}\n<!-- prettier-ignore-end -->\n\n${END}${after}`;
    if (process.env.MAPLE_WRITE_DOCS === '1') {
      writeFileSync(PAGE, expected);
    }
    expect(readFileSync(PAGE, 'utf8')).toBe(expected);
  });

  test('speaks of no published name that the data lack', () => {
    const known = new Set(Object.keys(publishedBackbones));
    const page = readFileSync(PAGE, 'utf8').split(BEGIN)[0];
    const loaded = [...page.matchAll(/loadBackbone\('([^']+)'\)|publishedBackbones\['([^']+)'\]/g)];
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.map(([, one, other]) => one ?? other).filter((name) => !known.has(name))).toEqual([]);
  });
});
