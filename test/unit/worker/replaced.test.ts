import { afterEach, expect, jest, test } from '@jest/globals';
import { isReplaced } from '../../../src/worker/replaced';

afterEach(() => void jest.restoreAllMocks());

const script = { 'Content-Type': 'text/javascript' };
const page = { 'Content-Type': 'text/html; charset=utf-8' };

test.each([
  ['still there', new Response(null, { status: 200, headers: script }), false],
  ['the viewer’s page', new Response(null, { status: 200, headers: page }), true],
  ['404', new Response(null, { status: 404, headers: page }), true],
  ['410', new Response(null, { status: 410 }), true],
  ['a refusal', new Response(null, { status: 401, headers: page }), false],
  ['a broken server', new Response(null, { status: 502, headers: page }), false],
  ['a login page', { ok: true, redirected: true, headers: new Headers(page) } as Response, false],
  ['no answer', new TypeError('fetch failed'), false],
])('a script that is answered with %s', async (_, answer, expected) => {
  const asked = jest.spyOn(globalThis, 'fetch').mockImplementation(async () => {
    if (answer instanceof Error) throw answer;
    return answer;
  });
  expect(await isReplaced('https://pacs.example/find-l3/worker.js')).toBe(expected);
  expect(asked).toHaveBeenCalledTimes(1);
});
