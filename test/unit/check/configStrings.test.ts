import { expect, test } from '@jest/globals';
import { hasKey, stringsOf } from '../../../src/check/configStrings';

test('strings with their keys, of JSON and of JavaScript, comments left out', () => {
  const script = `
    // 'not this'
    window.config = { /* nor "this" */
      "qidoRoot": "/a", wadoRoot: \`/b\`, list: ['https://c.example/d', 'it\\'s'],
      handler: (error) => log('e'), // : 'nor this'
      last: 'f',
    };`;
  expect(stringsOf(script)).toEqual([
    { key: 'qidoRoot', value: '/a' },
    { key: 'wadoRoot', value: '/b' },
    { key: '', value: 'https://c.example/d' },
    { key: '', value: "it's" },
    { key: '', value: 'e' },
    { key: 'last', value: 'f' },
  ]);
});

test.each([
  ['{ extensions: [] }', true],
  ['{ "extensions": [] }', true],
  ["window.config.extensions = ['x'];", true],
  ['{ noExtensions: [], myextensions: [] }', false],
  ["{ a: '//', /* extensions: [] */ b: 1 } // extensions: []", false],
  ["{ a: 'http://x', extensions: [] }", true],
])('%s has the key extensions: %p', (script, has) => {
  expect(hasKey(script, 'extensions')).toBe(has);
});

test.each(['', '"open', '/* open', 'a: //'])('%j ends', (script) => {
  expect(Array.isArray(stringsOf(script))).toBe(true);
});
