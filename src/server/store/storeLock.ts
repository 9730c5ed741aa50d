import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { makeFolder } from './durable';

const holderSchema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** When the process began, in the system's own words; empty where it does not say. */
  began: v.string(),
  host: v.string(),
  /** Tells boots, and containers of one machine, apart; empty where the system does not say. */
  boot: v.string(),
  container: v.string(),
  /** ISO 8601 */
  since: v.string(),
});

/** The process that writes into a store. */
export type LockHolder = v.InferOutput<typeof holderSchema>;

/**
 * At most one process writes into a store: the one that made the highest number in the lock's folder.
 * A number is made exclusively and, as long as it is the highest, never removed: it is handed on by
 * making the next one, so that of two that take over a dead process's lock at once only one succeeds.
 */
export class StoreLock {
  private constructor(private readonly path: string) {}

  /**
   * @returns the process that holds it, where it lives or lies where that cannot be seen
   * @throws NodeJS.ErrnoException where the folder cannot be written, or knows no hard links
   */
  static async take(folder: string): Promise<StoreLock | LockHolder> {
    await makeFolder(folder);
    const self = JSON.stringify(await thisProcess());
    for (;;) {
      const last = await highest(folder);
      const holder = last === 0 ? null : await holderAt(join(folder, String(last)));
      if (holder !== null && (await mayLive(holder))) return holder;
      const path = join(folder, String(last + 1));
      if (!(await makeNew(path, self))) continue;
      if ((await highest(folder)) > last + 1) {
        // Another has taken and handed on this number while this process slept.
        await rm(path, { force: true });
        continue;
      }
      if (last > 0) await rm(join(folder, String(last)), { force: true });
      return new StoreLock(path);
    }
  }

  /** Lets others have it. */
  async release(): Promise<void> {
    const free = `${this.path}.free`;
    await writeFile(free, 'free\n');
    await rename(free, this.path);
  }
}

async function highest(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  return Math.max(0, ...numbers);
}

/** Null where nobody holds it. */
async function holderAt(path: string): Promise<LockHolder | null> {
  try {
    return v.parse(holderSchema, JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

async function makeNew(path: string, content: string): Promise<boolean> {
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, content, { flag: 'wx', flush: true });
  try {
    await link(beside, path);
    return true;
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw failure;
  } finally {
    await rm(beside, { force: true });
  }
}

async function mayLive({ pid, began, host, boot, container }: LockHolder): Promise<boolean> {
  const self = await thisProcess();
  if (host !== self.host) return true;
  if (boot !== self.boot) return false;
  if (container !== self.container) return true;
  try {
    process.kill(pid, 0);
  } catch (failure) {
    return (failure as NodeJS.ErrnoException).code !== 'ESRCH';
  }
  const now = await beginningOf(pid);
  return began === '' || now === '' || began === now;
}

async function thisProcess(): Promise<LockHolder> {
  const [began, boot, container] = await Promise.all([
    beginningOf(process.pid),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  const since = new Date().toISOString();
  return { pid: process.pid, began, host: hostname(), boot: boot.trim(), container, since };
}

/** Tells a process from a later one of the same number. */
async function beginningOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // The 22nd field; the second, in brackets, may hold anything.
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  }
  if (process.platform === 'win32') return '';
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const asked = promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env });
  return asked.then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
}
