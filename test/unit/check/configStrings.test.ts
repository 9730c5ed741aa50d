import { expect, test } from '@jest/globals';
import { stringsOf } from '../../../src/check/configStrings';

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

test.each(['', '"open', '/* open', 'a: //'])('%j ends', (script) => {
  expect(Array.isArray(stringsOf(script))).toBe(true);
});
