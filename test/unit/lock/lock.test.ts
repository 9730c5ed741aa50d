import { fork } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type * as FilePromises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lock } from '../../../src/lock/lock';

let folder = '';
const path = () => join(folder, 'lock');
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'find-l3-lock-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const take = () => Lock.take(path(), 'the journal', 'wait for it');

/** Writes the lock of somebody else, made from one of our own. */
async function foreign(changes: object, silentSeconds = 0): Promise<void> {
  rmSync(path(), { force: true });
  const lock = await take();
  const content = JSON.parse(readFileSync(path(), 'utf8')) as object;
  await lock.release();
  writeFileSync(path(), JSON.stringify({ ...content, ...changes }));
  const then = Date.now() / 1000 - silentSeconds;
  utimesSync(path(), then, then);
}

/** The id of a process that is dead. */
async function deadProcess(): Promise<number> {
  const child = fork('-e', [], { execArgv: ['-e', '0'], stdio: 'ignore' });
  await new Promise((done) => child.on('exit', done));
  return child.pid as number;
}

describe('the lock', () => {
  it('is held by one, and free again after its release', async () => {
    const lock = await take();
    await expect(take()).rejects.toThrow(
      new RegExp(`^the journal is in use by process ${process.pid} on .*: wait for it`),
    );
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
    await (await take()).release();
  });

  it('is taken over from a dead process, and from a later one with the same id', async () => {
    await foreign({ pid: await deadProcess() });
    await (await take()).release();
    await foreign({ began: '1' });
    await (await take()).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of another machine holds until it has been silent for two minutes', async () => {
    await foreign({ host: 'elsewhere', pid: 1 }, 60);
    await expect(take()).rejects.toThrow(/process 1 on elsewhere .* is 60 s old.* in 2 minutes/);
    await foreign({ host: 'elsewhere', pid: 1 }, 130);
    await (await take()).release();
  });

  it('that was cut off while it was written holds as long', async () => {
    writeFileSync(path(), '{"tok');
    await expect(take()).rejects.toThrow(/in use by another process/);
    const then = Date.now() / 1000 - 130;
    utimesSync(path(), then, then);
    await (await take()).release();
  });

  it('of a dead process goes to one of those who ask at a time', async () => {
    await foreign({ pid: await deadProcess() });
    const outcomes = await Promise.allSettled([take(), take(), take()]);
    const taken = outcomes.flatMap((o) => (o.status === 'fulfilled' ? o.value : []));
    expect(taken).toHaveLength(1);
    await taken[0].release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a dead process stays with who took it while another one was slow', async () => {
    await foreign({ pid: await deadProcess() });
    const files = jest.requireActual<typeof FilePromises>('node:fs/promises');
    const { open } = files;
    const winners: Lock[] = [];
    const slow = jest.spyOn(files, 'open').mockImplementation(async (...args) => {
      if (args[0] !== path()) {
        slow.mockRestore(); // it has seen the dead holder and is about to take over
        winners.push(await take());
      }
      return open(...args);
    });
    await expect(take()).rejects.toThrow(/in use by process/);
    expect(winners).toHaveLength(1);
    await winners[0].release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over where another one died while it took over', async () => {
    await foreign({ pid: await deadProcess(), token: 'first' });
    const dead = JSON.parse(readFileSync(path(), 'utf8')) as object;
    writeFileSync(`${path()}.first`, JSON.stringify({ ...dead, token: 'second' }));
    await (await take()).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('shows that it lives every ten seconds, and notices when it is lost', async () => {
    const realTimers = setInterval;
    let beat: () => void = () => undefined;
    jest.spyOn(global, 'setInterval').mockImplementationOnce((run, ms) => {
      expect(ms).toBe(10_000);
      beat = run;
      return realTimers(() => undefined, 1e9);
    });
    const lock = await take();
    const lost: string[] = [];
    lock.onLost = ({ message }) => void lost.push(message);
    const content = readFileSync(path(), 'utf8');
    utimesSync(path(), 1, 1);
    beat();
    while (statSync(path()).mtimeMs < 2000) await new Promise((resume) => setTimeout(resume, 5));
    expect(readFileSync(path(), 'utf8')).toBe(content);
    writeFileSync(path(), content.replace(/"token":"[^"]*"/, '"token":"other"'));
    beat();
    while (lost.length === 0) await new Promise((resume) => setTimeout(resume, 5));
    expect(lost[0]).toMatch(/^the journal is in use by process/);
    await lock.release();
    expect(existsSync(path())).toBe(true);
  });

  it('is not taken away by a holder that lost it', async () => {
    const lock = await take();
    rmSync(path());
    const other = await take();
    await lock.release();
    expect(existsSync(path())).toBe(true);
    await other.release();
  });

  it('that cannot be written is no lock of somebody else', async () => {
    await expect(
      Lock.take(join(folder, 'no', 'lock'), 'the journal', 'wait for it'),
    ).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
