import { readFileSync } from 'node:fs';
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Rooms of a house, ground floor first: what lives there and which rooms it may import. */
const roomsOf = (house) =>
  JSON.parse(readFileSync(new URL(`${house}/rooms.json`, import.meta.url), 'utf8'));
const ROOMS = roomsOf('src');
/** Under names of their own: `training/tools` imports `training/...` and rooms of src. */
const TRAINING_ROOMS = Object.fromEntries(
  Object.entries(roomsOf('training')).map(([room, { imports }]) => [
    `training/${room}`,
    {
      imports: imports.map((name) =>
        name.startsWith('src/') ? name.slice('src/'.length) : `training/${name}`,
      ),
    },
  ]),
);
const folderOf = (room) =>
  room.startsWith('training/') ? room : room === '.' ? 'src' : `src/${room}`;
/** Outer rooms first: of the settings of a file the last that match decide. One room's rule a file keeps lint quick. */
const HOUSES = Object.entries({ ...ROOMS, ...TRAINING_ROOMS }).sort(
  ([one], [other]) => folderOf(one).split('/').length - folderOf(other).split('/').length,
);
/** The first that matches decides: a room inside another one comes before it, src itself last. */
const ELEMENTS = HOUSES.map(([room]) => ({
  type: room,
  pattern: folderOf(room),
  partialMatch: false,
})).reverse();
const EXTENSIONS = ['.ts', '.tsx', '.js', '.mjs'];
const FOREIGN = ['node:*', '@ohif/*', '@cornerstonejs/*', 'react*', 'onnxruntime-web*'];
/** What only a POSIX system understands: the project is to work on Windows and macOS too, where nobody runs it daily. */
const POSIX_ONLY = [
  {
    selector: 'CallExpression[callee.name=/^exec(Sync)?$/]',
    message: 'A line for a shell is not the same on Windows: use execFile or spawn.',
  },
  {
    selector: "Property[key.name='shell'][value.value=true]",
    message:
      'A shell reads arguments otherwise on every system: none, but where Windows needs one.',
  },
  {
    selector:
      'CallExpression[callee.name=/^(execFile|spawn)(Sync)?$/] > Literal.arguments:first-child[value=/^(sh|bash|env|cat|cp|mv|rm|ln|mkdir|touch|chmod|chown|ls|find|which|kill|sed|awk|grep|cut|sort|head|tail|gzip|unzip|curl|wget|uname|nproc)$/]',
    message: 'This program is not there on Windows: Node.js can do it.',
  },
  {
    selector:
      "CallExpression[optional=false][callee.object.name='process'][callee.property.name=/^(get|set)(e?[ug]id|groups)$/]",
    message: 'Windows has none: call it with ?.()',
  },
  {
    selector: 'Literal[value=/^\\/(tmp|dev|bin|usr|etc|home|var)(\\/|$)/]',
    message: 'A path of one system: os.tmpdir(), os.homedir(), or ask the environment.',
  },
  {
    selector:
      "MemberExpression[property.name='pathname'] > NewExpression[callee.name='URL'] > MemberExpression.arguments[object.type='MetaProperty']",
    message: 'On Windows, and with a blank in it, that is no path: fileURLToPath().',
  },
];

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
  ...HOUSES.map(([room, { imports, upwards = [] }]) => ({
    files: [`${folderOf(room)}/${room === '.' ? '*' : '**/*'}.{ts,tsx}`],
    plugins: { boundaries },
    settings: {
      'import/resolver': { node: { extensions: EXTENSIONS } },
      'boundaries/elements': ELEMENTS,
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            {
              from: { element: { type: room } },
              allow: [...imports, ...upwards, room].map((type) => ({ to: { element: { type } } })),
            },
          ],
        },
      ],
    },
  })),
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
  {
    files: Object.entries(ROOMS)
      .filter(([, { upwards }]) => upwards)
      .map(([room]) => `src/${room}/**/*.ts`),
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^(\\.\\./)+(?!state$)\\w+$', message: 'Upwards only the state is read.' },
          ],
        },
      ],
    },
  },
  {
    // Tests install and start what Debian packages.
    files: ['src', 'scripts', 'training', 'deploy', '.webpack'].map(
      (at) => `${at}/**/*.{ts,tsx,js,mjs}`,
    ),
    ignores: ['training/test/**'],
    rules: { 'no-restricted-syntax': ['error', ...POSIX_ONLY] },
  },
  { files: ['src/panel/**/*.tsx'], ...reactHooks.configs.flat['recommended-latest'] },
);
