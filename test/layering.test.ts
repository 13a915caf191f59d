import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

/**
 * What may import what. `layers/` and the folders of {@link BROWSER} run in a browser, so that no import of theirs, of
 * types neither, may lead to a Node module or to a folder that needs one.
 */
const BROWSER = [
  'backbone',
  'wasm',
  'clip',
  'tokenizers',
  'published',
  'sentences',
  'prompting',
  'weights',
  'data',
  'training',
  'evaluation',
  'heads',
].map((name) => `src/${name}/`);
/** Families of models; CLIP is the name of the form that all of them have. */
const MODELS = /siglip|openai|laion|metaclip|datacomp|\bdfn\b|universal.?sentence/gi;
const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Paths of all sources from the project's folder, with what each imports: paths likewise, or names of packages. */
const imports = new Map(
  ['layers', 'src']
    .flatMap((folder) =>
      readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    )
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .map((name): [string, string[]] => [name, importsOf(name)]),
);

function importsOf(name: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(PROJECT, name), 'utf8'), true, true);
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith('.') ? join(dirname(name), fileName).replaceAll('\\', '/').replace(/\.js$/, '.ts') : fileName,
  );
}

const isOf = (folders: readonly string[]) => (name: string) => folders.some((folder) => name.startsWith(folder));
/** Files right in src/ that browsers load: the entry, randomness, the version. */
const isSharedRoot = (name: string): boolean => /^src\/[^/]+\.ts$/.test(name);

/** What a file says as code: names and texts, comments and imports left out. */
function codeOf(name: string): string {
  const text = readFileSync(join(PROJECT, name), 'utf8');
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
  const printer = ts.createPrinter({ removeComments: true });
  const statements = source.statements.filter((statement) => !ts.isImportDeclaration(statement));
  return statements.map((statement) => printer.printNode(ts.EmitHint.Unspecified, statement, source)).join('\n');
}

/** `importer -> imported` of all imports of files that `from` takes and that `refused` names. */
function found(from: (name: string) => boolean, refused: (name: string) => boolean): string[] {
  return [...imports]
    .filter(([name]) => from(name))
    .flatMap(([name, imported]) => imported.filter(refused).map((other) => `${name} -> ${other}`));
}

describe('what imports what', () => {
  test('there are sources, and every relative import leads to one', () => {
    expect(imports.size).toBeGreaterThan(200);
    const isPath = isOf(['layers/', 'src/', '.']);
    expect(
      found(
        () => true,
        (name) => isPath(name) && name.endsWith('.ts') && !imports.has(name),
      ),
    ).toEqual([]);
  });

  test('layers import nothing of src, and of packages tfjs alone', () => {
    const allowed = isOf(['layers/', '@tensorflow/tfjs-core', '@tensorflow/tfjs-layers']);
    expect(found(isOf(['layers/']), (name) => !allowed(name))).toEqual([]);
  });

  test('what runs in a browser imports neither Node modules nor folders that need Node', () => {
    const inBrowser = (name: string): boolean => isOf(BROWSER)(name) || isSharedRoot(name);
    const allowed = (name: string): boolean => inBrowser(name) || isOf(['layers/'])(name);
    expect(found(inBrowser, (name) => isBuiltin(name) || name === 'sharp')).toEqual([]);
    expect(found(inBrowser, (name) => isOf(['src/', 'layers/'])(name) && !allowed(name))).toEqual([]);
  });

  test('the command line is imported by nothing but itself', () => {
    expect(found((name) => !name.startsWith('src/cli/'), isOf(['src/cli/']))).toEqual([]);
  });

  test('no layer and no tower names a model: what they compute is data', () => {
    const towers = [...imports.keys()].filter((name) => /^src\/clip\/\w*(tower|graph)\w*\.ts$/.test(name));
    expect(towers).toEqual(expect.arrayContaining(['src/clip/text_tower.ts', 'src/clip/vision_tower.ts']));
    const files = [...imports.keys()].filter(isOf(['layers/', 'src/backbone/'])).concat(towers);
    const named = (name: string): string[] => codeOf(name).match(MODELS) ?? [];
    expect(files.flatMap((name) => named(name).map((model) => `${name}: ${model}`))).toEqual([]);
    // Where a model is named, it is found.
    expect(named('src/clip/siglip_form.ts')).toEqual(['SIGLIP']);
    expect(codeOf('layers/attention_pool.ts')).toMatch(/class AttentionPool/);
  });

  test('no file imports itself by way of others', () => {
    expect(cycle()).toEqual([]);
  });
});

/** The files of the first ring of imports there is. */
function cycle(): string[] {
  const done = new Set<string>();
  const follow = (name: string, path: readonly string[]): string[] => {
    if (path.includes(name)) {
      return [...path.slice(path.indexOf(name)), name];
    }
    if (done.has(name)) {
      return [];
    }
    for (const imported of imports.get(name) ?? []) {
      const ring = follow(imported, [...path, name]);
      if (ring.length > 0) {
        return ring;
      }
    }
    done.add(name);
    return [];
  };
  for (const name of imports.keys()) {
    const ring = follow(name, []);
    if (ring.length > 0) {
      return ring;
    }
  }
  return [];
}
