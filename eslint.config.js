import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Which room may import which; arrows only go down (docs/architecture.md). */
const ROOMS = {
  reasons: [],
  text: ['reasons'],
  series: ['reasons'],
  projection: ['series', 'reasons'],
  levels: ['reasons'],
  corrections: ['levels', 'projection', 'series'],
  model: ['levels', 'projection', 'series', 'reasons'],
  finder: ['model', 'levels', 'projection', 'series', 'reasons'],
  sr: ['model', 'levels', 'series', 'reasons'],
  worker: ['finder', 'model', 'levels', 'projection', 'series', 'reasons'],
  panel: [
    'viewer',
    'text',
    'corrections',
    'finder',
    'model',
    'levels',
    'projection',
    'series',
    'reasons',
  ],
  viewer: [
    'text',
    'nifti',
    'sr',
    'worker',
    'corrections',
    'finder',
    'model',
    'levels',
    'projection',
    'series',
    'reasons',
  ],
  nifti: ['series', 'reasons'],
  io: ['nifti', 'series', 'reasons'],
  phantom: ['series'],
  picture: ['finder', 'levels', 'projection', 'series', 'reasons'],
  cli: ['picture', 'io', 'finder', 'model', 'levels', 'projection', 'series', 'reasons'],
  server: ['io', 'phantom', 'series'],
  extension: [
    'text',
    'viewer',
    'panel',
    'worker',
    'corrections',
    'finder',
    'model',
    'levels',
    'projection',
    'series',
    'reasons',
  ],
};
const PURE = ['reasons', 'series', 'projection', 'levels', 'corrections', 'nifti'];

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
      'import/resolver': { node: { extensions: ['.ts', '.tsx', '.js', '.mjs'] } },
      'boundaries/elements': [
        ...Object.keys(ROOMS)
          .filter((room) => room !== 'extension')
          .map((room) => ({ type: room, pattern: `src/${room}` })),
        { type: 'extension', pattern: 'src/*.{ts,tsx}', partialMatch: false },
      ],
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: Object.entries(ROOMS).map(([room, allowed]) => ({
            from: { element: { type: room } },
            allow: [...allowed, room].map((type) => ({ to: { element: { type } } })),
          })),
        },
      ],
    },
  },
  {
    files: PURE.map((room) => `src/${room}/**/*.ts`),
    languageOptions: { globals: {} },
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: ['node:*', '@ohif/*', '@cornerstonejs/*', 'react*', 'onnxruntime-web*'] },
      ],
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
