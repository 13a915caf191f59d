import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const NO_NODE =
  'This folder runs in a browser: what needs Node lives in src/node, src/emoji_world, src/datasets, src/study and src/cli.';

export default defineConfig(
  globalIgnores(['dist/', 'docs/api/', 'coverage/', 'runs/', 'out/']),
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['layers/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*', '../src/*'], message: 'layers/ imports neither Node modules nor src/.' }] },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/node/**', 'src/emoji_world/**', 'src/datasets/**', 'src/cli/**', 'src/report/**', 'src/study/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['node:*', 'sharp', '**/node/*'], message: NO_NODE }] }],
    },
  },
  {
    files: ['bin/**', '**/*.js'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', performance: 'readonly', URL: 'readonly' },
    },
  },
);
