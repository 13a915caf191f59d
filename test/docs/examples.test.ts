import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import sharp from 'sharp';
import ts from 'typescript';
import { chooseBackend } from '../../src/node/backend.js';
import { saveWhole } from '../helpers/saved_backbone.js';
import { tinyBackbone } from '../helpers/tiny_clip.js';

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Where the examples are written as modules; ignored by git. */
const PROGRAMS = join(PROJECT, 'out', 'docs-examples');

/** The examples of a page, or of one doc comment, that run one after the other as a module. */
interface Program {
  name: string;
  code: string;
  /** Whether the types are checked. */
  typed: boolean;
  /** Not where an example needs a download or a browser. */
  run: boolean;
}

const CHECKS = "import { expect as __expect } from '@jest/globals';\nimport { format as __format } from 'node:util';\n";
/** What the README takes for granted. */
const GIVEN = "declare global {\n  var examples: readonly import('../../src/data/dataset.js').Example[];\n}\n";
/** What the examples of doc comments are given. */
const LAYERS_PRELUDE = `import * as core from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { layers } from 'tfjs-maple/layers';
const tf = { ...core, ...tfl };
const images = tf.zeros([2, 16, 16, 3]);
`;
const ENTRIES: Record<string, string> = {
  '': 'src/index',
  '/layers': 'layers/entry',
  '/node': 'src/node/index',
};

/**
 * The blocks of a page are one program, so that a later one uses what an earlier one made. `program` after the fence
 * begins another; `no-run` stands alone and is checked for its types only.
 */
function programsOf(name: string, text: string): Program[] {
  const programs: Program[] = [];
  let current: Program | undefined;
  for (const [, language, flag, code] of text.matchAll(/^```(ts|js)(?: ([\w-]+))?\n([\s\S]*?)^```$/gm)) {
    const typed = language === 'ts';
    if (flag === 'no-run' || flag === 'program' || current === undefined || current.typed !== typed) {
      const program = { name: `${name}-${programs.length + 1}`, code: '', typed, run: flag !== 'no-run' };
      programs.push(program);
      current = program.run ? program : current;
      program.code += code;
    } else {
      current.code += code;
    }
  }
  return programs;
}

/** Turns `expression; // value` into an assertion, and `console.log(...); // output` into one of what it prints. */
function withChecks(line: string): string {
  const log = /^console\.log\((.*)\); \/\/ (.*)$/.exec(line);
  if (log) {
    return `__expect(__format(${log[1]})).toBe(${JSON.stringify(log[2])});`;
  }
  const match = /^(?!const |let |import |await |return |\/\/)(\S.*); \/\/ (.*)$/.exec(line);
  const value = match?.[2].replace(/^'(.*)'$/, '"$1"');
  return match && isJson(value as string) ? `__expect(${match[1]}).toEqual(${value});` : line;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function write(program: Program): string {
  const path = join(PROGRAMS, `${program.name}.ts`);
  const code = program.code.split('\n').map(withChecks).join('\n');
  const resolved = (program.typed ? code : `// @ts-nocheck\n${code}`).replace(
    /'tfjs-maple(\/\w+)?'/g,
    (_, entry: string | undefined) => `'../../${ENTRIES[entry ?? '']}.js'`,
  );
  writeFileSync(path, `${CHECKS}${program.run ? '' : GIVEN}${resolved}\nexport {};\n`);
  return path;
}

const pages = ['README.md', ...readdirSync(join(PROJECT, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);
const read = (name: string) => readFileSync(join(PROJECT, name), 'utf8');
const ofPages = pages.flatMap((name) => programsOf(name.replace(/\W/g, '_'), read(name)));
const ofLayers = readdirSync(join(PROJECT, 'layers')).flatMap((name) => {
  const comments = read(`layers/${name}`).replace(/^ \* ?/gm, '');
  const programs = programsOf(`layers_${name.replace(/\W/g, '_')}`, comments);
  return programs.map((program) => ({ ...program, code: LAYERS_PRELUDE + program.code }));
});

let work: string;

beforeAll(async () => {
  process.env.MAPLE_BACKEND = 'wasm';
  await chooseBackend();
  rmSync(PROGRAMS, { recursive: true, force: true });
  mkdirSync(PROGRAMS, { recursive: true });
  // The files that the pages speak of: a CLIP, class folders, and pictures without a class.
  work = mkdtempSync(join(tmpdir(), 'maple-docs-'));
  const folder = join(work, 'clip-vit-base-patch16');
  await saveWhole(folder, await tinyBackbone());
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const create = { width: 24, height: 20, channels: 3, noise, background: 'white' } as const;
  for (const below of ['photos/cat', 'photos/dog', 'photos/fox', 'photos-test/cat', 'photos-test/dog', 'inbox']) {
    mkdirSync(join(work, below), { recursive: true });
    for (const name of ['1.png', '2.png', '3.png']) {
      await sharp({ create }).toFile(join(work, below, name));
    }
  }
  process.chdir(work);
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});

afterAll(() => {
  process.chdir(PROJECT);
  rmSync(work, { recursive: true, force: true });
});

test('there are examples to check', () => {
  expect(ofPages.length).toBeGreaterThan(5);
  expect(ofLayers.length).toBeGreaterThan(10);
});

describe('examples run and print what they say', () => {
  test.each([...ofPages, ...ofLayers].filter(({ run }) => run).map((program) => [program.name, program] as const))(
    '%s',
    async (_, program) => {
      await expect(import(write(program))).resolves.toBeDefined();
    },
  );
});

test('the TypeScript examples have the right types', () => {
  const { config } = ts.readConfigFile(join(PROJECT, 'tsconfig.json'), ts.sys.readFile) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, PROJECT);
  const files = ofPages.filter(({ typed }) => typed).map(write);
  const program = ts.createProgram(files, {
    ...options,
    ...{ noEmit: true, noUnusedLocals: false, typeRoots: [join(PROJECT, 'node_modules', '@types')] },
  });
  const found = files.flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)));
  const messages = found.map(
    ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
  );
  expect(messages).toEqual([]);
});

test.each(pages)('the links of %s lead somewhere', (name) => {
  const links = [...read(name).matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, link]) => link);
  expect(links.filter((link) => !existsSync(join(PROJECT, dirname(name), link)))).toEqual([]);
});
