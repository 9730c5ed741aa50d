import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { nginxMap } from '../../../deploy/csp.mjs';
import viewer from '../../../scripts/viewer.json';

const INLINE = 'console.time("a"),window.PUBLIC_URL="/"';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-l3-csp-'));
  const page = `<script>${INLINE}</script><script defer src="/app.js"></script>`;
  await writeFile(join(folder, 'index.html'), page);
});
afterAll(() => rm(folder, { recursive: true }));

const csp = (...args: string[]) =>
  execFileSync(process.execPath, ['deploy/csp.mjs', ...args], { encoding: 'utf8' });

test('the policy holds the inline scripts of the viewer at hand, and no others', () => {
  const hash = createHash('sha256').update(INLINE).digest('base64');
  const plain = csp(folder, '--plain');
  expect(plain).toContain(`script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}';`);
  expect(plain.match(/sha256-/g)).toHaveLength(1);
});

test('another origin is asked only where it is named', () => {
  expect(csp(folder)).not.toContain('pacs.example');
  const [page, worker] = csp(folder, '--plain', '--connect', 'https://pacs.example').split('\n');
  for (const policy of [page, worker]) {
    expect(policy).toMatch(/connect-src 'self' https:\/\/pacs\.example(;|$)/);
  }
});

test.each([
  [['/nowhere'], /there is no index\.html in \/nowhere/],
  [[], /there is no index\.html in the folder that was not named/],
  [['.', '--connect', "https://a.b'; x"], /is no origin/],
])('%j is refused in words', (args, expected) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['deploy/csp.mjs', ...args], {
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(expected);
});

const page = join('.cache', 'ohif', viewer.version, 'dist', 'index.html');
const ifFetched = existsSync(page) ? test : test.skip;
ifFetched('the file for nginx is that of the viewer that npm start fetches', async () => {
  expect(await readFile('deploy/nginx/find-l3-csp.conf', 'utf8')).toBe(
    nginxMap(readFileSync(page, 'utf8')),
  );
});
