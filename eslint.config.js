import { readFileSync } from 'node:fs';
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Rooms of src, ground floor first: what lives there and which rooms it may import. */
const ROOMS = JSON.parse(readFileSync(new URL('src/rooms.json', import.meta.url), 'utf8'));
const EXTENSIONS = ['.ts', '.tsx', '.js', '.mjs'];
const FOREIGN = ['node:*', '@ohif/*', '@cornerstonejs/*', 'react*', 'onnxruntime-web*'];

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'dist/',
      '.cache/',
      'test-output/',
      'training/node_modules/',
      'training/work/',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400 }],
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { node: { extensions: EXTENSIONS } },
      // The first that matches decides: a room inside another one comes before it, src itself last.
      'boundaries/elements': Object.keys(ROOMS)
        .sort(
          (one, other) => other.split('/').length - one.split('/').length || (one === '.' ? 1 : -1),
        )
        .map((room) => ({
          type: room,
          pattern: room === '.' ? 'src' : `src/${room}`,
          partialMatch: false,
        })),
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: Object.entries(ROOMS).map(([room, { imports, upwards = [] }]) => ({
            from: { element: { type: room } },
            allow: [...imports, ...upwards, room].map((type) => ({ to: { element: { type } } })),
          })),
        },
      ],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}', 'training/**/*.ts'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': EXTENSIONS,
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.tsx'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: EXTENSIONS })],
    },
    rules: { 'import-x/no-cycle': ['error', { ignoreExternal: true }] },
  },
  {
    files: Object.keys(ROOMS)
      .filter((room) => ROOMS[room].pure)
      .map((room) => `src/${room}/**/*.ts`),
    languageOptions: { globals: {} },
    rules: {
      'no-restricted-imports': ['error', { patterns: FOREIGN }],
      'no-restricted-globals': [
        'error',
        'window',
        'document',
        'navigator',
        'process',
        'Buffer',
        'fetch',
        'self',
      ],
    },
  },
  { files: ['src/panel/**/*.tsx'], ...reactHooks.configs.flat['recommended-latest'] },
);
