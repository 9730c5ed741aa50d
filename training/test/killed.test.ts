import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeItems } from '../items/itemStore';
import { runTraining } from '../train/run';
import { madeUpItem, TINY_TRAINING } from './madeUp';

const ROOT = join(import.meta.dirname, '..', '..');
const program = ['--import', 'tsx', join(ROOT, 'training', 'cli.ts')];

describe('a run on the command line', () => {
  let folder: string;
  let items: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'runs-'));
    items = join(folder, 'bars.items');
    writeItems(items, [1, 2, 3].map(madeUpItem));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const start = (name: string) => [
    ...['train', '--name', name, '--runs', folder, '--items', items, '--steps', '400'],
    ...['--batch', '1', '--height', '32', '--width', '32'],
  ];
  const resume = (name: string) => ['train', '--name', name, '--runs', folder, '--resume'];
  const run = (args: readonly string[]) =>
    spawnSync(process.execPath, [...program, ...args], { cwd: ROOT, encoding: 'utf8' });
  const file = (name: string, what: string) => join(folder, name, what);
  const steps = (name: string): number[] => {
    const log = file(name, 'log.csv');
    if (!existsSync(log)) return [];
    const lines = readFileSync(log, 'utf8').split('\n').slice(1, -1);
    return lines.map((line) => parseInt(line, 10));
  };

  it('goes on after kill -9 as if nothing had happened, and leaves no half-written file', async () => {
    expect(run([...start('whole'), '--stop-after', '6'])).toMatchObject({ status: 0 });
    expect(run([...start('killed'), '--stop-after', '3']).stdout).toMatch(
      /Go on with: .*--name killed --runs .* --resume/,
    );
    const checkpoint = readFileSync(file('killed', 'checkpoint.bin'));
    const child = spawn(process.execPath, [...program, ...resume('killed')], { cwd: ROOT });
    const ended = new Promise<string | null>((resolve) =>
      child.once('exit', (_, signal) => resolve(signal)),
    );
    while (!steps('killed').includes(5)) await sleep(5);
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    expect(readFileSync(file('killed', 'checkpoint.bin')).equals(checkpoint)).toBe(true);

    expect(run([...resume('killed'), '--stop-after', '6'])).toMatchObject({ status: 0 });
    expect(steps('killed')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(readdirSync(join(folder, 'killed')).sort()).toEqual([
      ...['best.png', 'checkpoint.bin', 'data.json', 'log.csv', 'options.json'],
      ...['report.md', 'training.svg', 'worst.png'],
    ]);
    const [one, other] = ['whole', 'killed'].map((name) =>
      readFileSync(file(name, 'checkpoint.bin')),
    );
    expect(one!.equals(other!)).toBe(true);
  });

  it('has one owner: nobody else goes on with it, and it ends with the process that was started', async () => {
    const wrapper = join(ROOT, 'training', 'find-l3-train.mjs');
    const parent = spawn(
      process.execPath,
      [wrapper, ...start('owned'), '--checkpoint-every', '1'],
      { cwd: ROOT },
    );
    while (!steps('owned').includes(2)) await sleep(20);
    const lock = JSON.parse(readFileSync(file('owned', 'lock'), 'utf8')) as { pid: number };
    expect(lock.pid).not.toBe(parent.pid);
    await expect(
      runTraining({
        ...{ name: 'owned', runs: folder },
        ...{ options: null, checkpointEvery: 1, stopAfter: 9 },
      }),
    ).rejects.toThrow(/"owned" is in use by process \d+ .*choose another --name/);
    parent.kill('SIGKILL');
    while (existsSync(file('owned', 'lock'))) await sleep(20);
    const { length } = steps('owned');
    expect(length).toBeLessThan(400);
    expect(run([...resume('owned'), '--stop-after', String(length + 1)])).toMatchObject({
      status: 0,
    });
    expect(steps('owned')).toEqual(Array.from({ length: length + 1 }, (_, i) => i + 1));
  });

  it('says what is wrong and begins nothing', async () => {
    const options = { ...TINY_TRAINING, items: [join(folder, 'gone.items')] };
    const given = { runs: folder, checkpointEvery: 1, stopAfter: 1 };
    await expect(runTraining({ ...given, name: 'whole', options })).rejects.toThrow(
      /There is a run "whole" already. Go on with it \(--resume\), or choose another --name/,
    );
    await expect(runTraining({ ...given, name: 'never', options: null })).rejects.toThrow(
      /There is no readable checkpoint at .*never/,
    );
    await expect(runTraining({ ...given, name: 'another', options })).rejects.toThrow(
      /The item file .*gone.items does not exist/,
    );
    expect(existsSync(join(folder, 'another'))).toBe(false);
  });

  it('notes the items relative to the project', () => {
    const options = JSON.parse(readFileSync(file('whole', 'options.json'), 'utf8')) as {
      items: string[];
    };
    expect(options.items).toHaveLength(1);
    expect(options.items[0]).toMatch(/^\.\..*\/bars\.items$/);
    expect(join(ROOT, options.items[0]!)).toBe(items);
  });
});
