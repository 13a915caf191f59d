import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { builtPackage, BUILD_TIMEOUT, packedPackage, runNode } from '../helpers/built_package.js';

interface Manifest {
  name: string;
  type: string;
  exports: Record<string, string | { types: string; default: string }>;
  bin: Record<string, string>;
  engines: { node: string };
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
}

const ENTRIES = ['.', './layers', './node'] as const;
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
let folder: string;

beforeAll(async () => {
  folder = await builtPackage();
}, BUILD_TIMEOUT);

function entry(name: string): { types: string; default: string } {
  return manifest.exports[name] as { types: string; default: string };
}

describe('entries', () => {
  test('are the three and package.json', () => {
    expect(Object.keys(manifest.exports)).toEqual([...ENTRIES, './package.json']);
    expect(manifest.type).toBe('module');
  });

  test.each(ENTRIES)('%s points at files that the build makes', (name) => {
    expect(existsSync(join(folder, entry(name).default))).toBe(true);
    expect(existsSync(join(folder, entry(name).types))).toBe(true);
    expect(entry(name).types).toBe(entry(name).default.replace(/\.js$/, '.d.ts'));
  });

  test.each([
    [
      'tfjs-maple/layers',
      ['layers', 'deepTextPrompt', 'deepVisionPrompt', 'promptCoupler', 'transformerBlock', 'cosineLogits'],
    ],
    [
      'tfjs-maple',
      [
        'layers',
        'buildClip',
        'promptDesign',
        'classNamesOf',
        'swapClassNames',
        'promptSgd',
        'promptFiles',
        'loadPromptFiles',
        'applyPromptFiles',
      ],
    ],
    [
      'tfjs-maple/node',
      [
        'buildClip',
        'chooseBackend',
        'fileHandler',
        'registerFileHandler',
        'loadBackbone',
        'saveBackbone',
        'savePrompts',
        'loadPrompts',
        'applyPrompts',
      ],
    ],
  ])('%s is imported by its name and exports what it is for', async (name, expected) => {
    const program = `console.log(JSON.stringify(Object.keys(await import('${name}'))))`;
    const found = JSON.parse(await runNode(['--input-type=module', '--eval', program], folder)) as string[];
    expect(found).toEqual(expect.arrayContaining(expected));
  });

  test('source maps hold their sources, which are not shipped', () => {
    const maps = ENTRIES.map((name) => join(folder, `${entry(name).default}.map`));
    for (const file of maps) {
      const { sources, sourcesContent } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>;
      expect(sourcesContent).toHaveLength(sources.length);
    }
  });

  test('the command is there', () => {
    expect(Object.keys(manifest.bin)).toEqual(['tfjs-maple']);
    expect(readFileSync(join(folder, manifest.bin['tfjs-maple']), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

describe('dependencies', () => {
  test('tfjs and WASM come along; native is an optional peer, the sentence encoder one that npm does not look at', () => {
    const ours = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-wasm'];
    // The range that a project's own 4.22 fits, so that package managers make one of both.
    expect(ours.map((name) => manifest.dependencies[name])).toEqual(ours.map(() => '^4.22.0'));
    const native = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];
    expect(manifest.peerDependencies).toEqual(Object.fromEntries(native.map((name) => [name, '^4.22.0'])));
    // npm resolves a peer's own peers, optional or not, and those of the encoder ask for tfjs 3.
    const optional = ['@tensorflow-models/universal-sentence-encoder', ...native];
    expect(manifest.peerDependenciesMeta).toEqual(
      Object.fromEntries(optional.map((name) => [name, { optional: true }])),
    );
  });

  test('every package that the build imports is a dependency or a peer', async () => {
    const { metafile } = await build({
      entryPoints: ENTRIES.map((name) => join(folder, entry(name).default)),
      absWorkingDir: folder,
      outdir: 'unused',
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'silent',
    });
    const external = Object.values(metafile.inputs)
      .flatMap(({ imports }) => imports)
      .filter((found) => found.external)
      .map(({ path }) => path.replace(/^((?:@[^/]+\/)?[^/]+).*$/, '$1'));
    const packages = [...new Set(external)].filter((name) => !isBuiltin(name));
    expect(packages).toContain('@tensorflow/tfjs-core');
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependenciesMeta });
    expect(packages.filter((name) => !declared.includes(name))).toEqual([]);
  });
});

describe('npm pack', () => {
  let files: string[];

  beforeAll(async () => {
    // What was packed, not what would be: a pack without scripts once had no dist/.
    const { stdout } = await promisify(execFile)('tar', ['tzf', await packedPackage()], { maxBuffer: 2 ** 26 });
    files = stdout
      .trimEnd()
      .split('\n')
      .map((path) => path.replace(/^package\//, ''));
  });

  test('ships the build, the assets, the licences and the pages', () => {
    const expected = ['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE', manifest.bin['tfjs-maple']];
    const assets = ['assets/clip-tokenizer/merges.txt.gz', 'assets/clip-tokenizer/LICENSE'];
    const entries = ENTRIES.flatMap((name) => [entry(name).default, entry(name).types]);
    const paths = [...expected, ...assets, ...entries].map((path) => path.replace(/^\.\//, ''));
    expect(files).toEqual(expect.arrayContaining(paths));
  });

  test('ships the pages that its own pages, and its messages, refer to', () => {
    const pages = files.filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md');
    expect(pages).toContain('docs/getting_started.md');
    const linked = pages.flatMap((page) => {
      const text = readFileSync(join(folder, page), 'utf8');
      const links = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, link]) => link);
      return links.map((link) => join(dirname(page), link).replaceAll('\\', '/'));
    });
    expect(linked.length).toBeGreaterThan(50);
    expect(linked.filter((path) => !files.includes(path))).toEqual([]);
    const built = files.filter((path) => /^dist\/.*\.js$/.test(path));
    const said = built.flatMap((path) => readFileSync(join(folder, path), 'utf8').match(/\bdocs\/\w+\.md/g) ?? []);
    expect(said).toContain('docs/reproducing.md');
    expect(said.filter((path) => !files.includes(path))).toEqual([]);
  });

  test('ships no test, fixture, source or setting of the project', () => {
    expect(existsSync(join(folder, 'test', 'package'))).toBe(true);
    const tops = new Set(files.map((path) => path.split('/')[0]));
    expect([...tops].sort()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'assets', 'bin', 'dist', 'docs', 'package.json'].sort(),
    );
    expect(files.filter((path) => path.startsWith('docs/') && !/\.(md|html|jsonl|jpg|png|svg)$/.test(path))).toEqual(
      [],
    );
    expect(files.filter((path) => /test|fixture|\.tsbuildinfo$/.test(path))).toEqual([]);
    expect(files.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
  });
});

function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name);
}
