import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { withScratch } from '../../../training/prepare/scratch';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'scratch-'));
  folder = join(root, '.series');
  mkdirSync(folder);
  writeFileSync(join(folder, 'left by a killed run'), '');
});
afterEach(() => rmSync(root, { recursive: true }));

const fill = () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'image'), '');
};

it('is empty at the beginning, and gone at the end and after an error', async () => {
  await expect(
    withScratch(folder, async () => {
      const was = existsSync(folder);
      fill();
      return was;
    }),
  ).resolves.toBe(false);
  expect(existsSync(folder)).toBe(false);
  const failing = withScratch(folder, async () => {
    fill();
    throw new Error('as it happens');
  });
  await expect(failing).rejects.toThrow('as it happens');
  expect(existsSync(folder)).toBe(false);
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('is gone when %s ends the program', async (signal, status) => {
  const module = JSON.stringify(resolve('training/prepare/scratch.ts'));
  const script = `
    const { withScratch } = await import(${module});
    const { mkdirSync, writeFileSync } = await import('node:fs');
    await withScratch(${JSON.stringify(folder)}, async () => {
      mkdirSync(${JSON.stringify(folder)});
      writeFileSync(${JSON.stringify(join(folder, 'image'))}, '');
      process.stdout.write('ready');
      await new Promise((done) => setTimeout(done, 600_000));
    });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  await new Promise((ready) => child.stdout.once('data', ready));
  expect(existsSync(join(folder, 'image'))).toBe(true);
  child.kill(signal);
  expect(await new Promise((done) => child.once('exit', done))).toBe(status);
  expect(existsSync(folder)).toBe(false);
});
