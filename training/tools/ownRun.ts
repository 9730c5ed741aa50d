import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { Lock } from '../../src/lock/lock';

/**
 * Does a run's work as its only owner: a lock in its folder names the process (with the time of its start) until
 * the work is done or the process dead. A folder in which nothing was written goes again.
 *
 * @param folder of the run; made where it is missing
 * @throws LockError when another process is at this run
 */
export async function asOwner<T>(folder: string, name: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const orElse = 'wait for it or stop it, then go on with --resume; or choose another --name';
  const lock = await Lock.take(join(folder, 'lock'), `The run "${name}"`, orElse);
  try {
    return await work();
  } finally {
    await lock.release();
    if (readdirSync(folder).length === 0) rmdirSync(folder);
  }
}
