import { expect, test } from '@jest/globals';
import { Writable } from 'node:stream';
import { main } from '../../../src/cli/main';
import type { CliHost } from '../../../src/cli/host';

async function run(...args: string[]) {
  const said = { stdout: '', stderr: '' };
  const into = (name: keyof typeof said) =>
    new Writable({
      write: (chunk, _, done) => {
        said[name] += String(chunk);
        done();
      },
    });
  const host = {
    ...{ stdout: into('stdout'), stderr: into('stderr'), env: {} },
    signal: new AbortController().signal,
  } as unknown as CliHost;
  const status = await main(['check', ...args], host);
  return { status, ...said };
}

test('a viewer that is not there: one line, exit status 1', async () => {
  const { status, stdout } = await run('http://127.0.0.1:9');
  expect(status).toBe(1);
  expect(stdout.trim().split('\n')).toHaveLength(1);
  expect(stdout).toMatch(/^FAILED {3}viewer +http:\/\/127\.0\.0\.1:9\/: /);
});

test('as JSON', async () => {
  const { status, stdout } = await run('http://127.0.0.1:9', '--json');
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    software: { name: 'find-l3' },
    checks: [{ id: 'viewer', status: 'failed' }],
  });
});

test.each([[['viewer.example']], [['ftp://viewer.example']], [[]], [['http://a', '--nothing']]])(
  '%j is wrong usage',
  async (args) => {
    const { status, stderr } = await run(...args);
    expect(status).toBe(2);
    expect(stderr).not.toBe('');
  },
);

test('credentials that cannot be read: said before anything is asked, and wrong usage', async () => {
  const { status, stdout, stderr } = await run('http://127.0.0.1:9', '--credentials', '/no/such');
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(
    /^find-l3 check: \/no\/such: the credentials cannot be read.*Bearer TOKEN/,
  );
});
