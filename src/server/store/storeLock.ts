import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { holderSchema, lifeOf, thisProcess, type Holder } from '../../lock/holder';
import { makeFolder } from './durable';

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
  static async take(folder: string): Promise<StoreLock | Holder> {
    await makeFolder(folder);
    const self = JSON.stringify(await thisProcess());
    for (;;) {
      const last = await highest(folder);
      const holder = last === 0 ? null : await holderAt(join(folder, String(last)));
      const life = holder && (await lifeOf(holder));
      if (life === 'alive' || life === 'elsewhere') return holder!;
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
async function holderAt(path: string): Promise<Holder | null> {
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
