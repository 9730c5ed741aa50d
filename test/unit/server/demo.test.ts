import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, jest, test } from '@jest/globals';
import { main } from '../../../src/server/demo/main';

afterEach(() => void jest.restoreAllMocks());

const never = () => Promise.reject(new Error('nothing is fetched before the folder is known'));
const project = { root: '/nowhere', ensureViewer: never, ensurePlugin: never };

async function said(...args: string[]) {
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const status = await main(['node', 'demo.mjs', ...args], project);
  return { status, text: String(stderr.mock.calls[0]?.[0]) };
}

test.each([[[]], [['--help']], [['one', 'two']]])('%j says how it is used', async (args) => {
  expect(await said(...args)).toEqual({
    status: 2,
    text: expect.stringContaining('usage: npm run demo -- FOLDER'),
  });
});

test('a folder that holds something is left alone, before anything is fetched', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'find-l3-demo-'));
  try {
    await writeFile(join(folder, 'mine'), '');
    expect(await said(folder)).toEqual({
      status: 2,
      text: expect.stringContaining('is not empty'),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
