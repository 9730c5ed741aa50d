import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import { holderSchema, lifeOf, thisProcess } from './holder';

/** Somebody else holds the lock; the message says who and what to do. */
export class LockError extends Error {
  override readonly name = 'LockError';
}

/** Whose lock it is; the token tells one run's lock from another's. */
const lockSchema = v.object({ ...holderSchema.entries, token: v.string() });
type Holder = v.InferOutput<typeof lockSchema>;

/** How often the holder shows that it lives, ms. */
const BEAT = 10_000;
/** A holder on another machine that showed nothing for so long is dead, ms. */
const SILENCE = 120_000;

/** A file that says that a run is writing; held until `release`, or until its process is dead. */
export class Lock {
  /** Called when another run has taken the lock over, as it may while this process was asleep. */
  onLost: (error: LockError) => void = () => undefined;
  private readonly beat: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    private readonly self: Holder,
    private readonly what: string,
    private readonly orElse: string,
  ) {
    this.beat = setInterval(() => void this.showLife().catch(() => undefined), BEAT);
    this.beat.unref();
  }

  /**
   * Takes the lock, over from a dead process if need be.
   *
   * Only who made the file that is named by the dead holder may put it in the lock's place, and only while
   * the lock is the dead holder's still: of two who take over at once one succeeds.
   *
   * @param what is locked, for the message.
   * @param orElse what to do when a process of this machine holds it, for the message.
   * @throws LockError when another run holds it; the system's error when the file cannot be written.
   */
  static async take(path: string, what: string, orElse: string): Promise<Lock> {
    const self = { ...(await thisProcess()), token: randomUUID() };
    for (;;) {
      if (await create(path, self)) return new Lock(path, self, what, orElse);
      const silent = await silentFor(path);
      if (silent === null) continue;
      const other = await deadHolderOf(path, silent, what, orElse);
      const successor = `${path}.${other?.token ?? 'unreadable'}`;
      if (!(await create(successor, self))) {
        await deadHolderOf(successor, (await silentFor(successor)) ?? Infinity, what, orElse);
        await rm(successor, { force: true });
      } else if ((await holderOf(path))?.token === other?.token) {
        await rename(successor, path);
        return new Lock(path, self, what, orElse);
      } else await rm(successor, { force: true });
    }
  }

  async release(): Promise<void> {
    clearInterval(this.beat);
    if ((await holderOf(this.path))?.token === this.self.token)
      await rm(this.path, { force: true });
  }

  /** Writes the lock again, so that its time is the disk's own. */
  private async showLife(): Promise<void> {
    const now = await holderOf(this.path);
    if (now?.token === this.self.token) {
      await writeFile(this.path, JSON.stringify(this.self), { flag: 'r+' });
    } else if (now !== null) {
      clearInterval(this.beat);
      this.onLost(await inUse(this.what, now, 0, this.orElse));
    }
  }
}

/** @returns whether there was none before. */
async function create(path: string, content: Holder): Promise<boolean> {
  const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return null;
    throw error;
  });
  if (file === null) return false;
  try {
    await writeFile(file, JSON.stringify(content));
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

/** @throws LockError when the holder lives. */
async function deadHolderOf(
  path: string,
  silent: number,
  what: string,
  orElse: string,
): Promise<Holder | null> {
  const other = await holderOf(path);
  if (await mayLive(other, silent)) throw await inUse(what, other, silent, orElse);
  return other;
}

/** The content of a lock, null where it is gone or cut off. */
async function holderOf(path: string): Promise<Holder | null> {
  try {
    return v.parse(lockSchema, JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

/** For how long the holder has not shown that it lives, by the clock of the disk, ms; null without a lock. */
async function silentFor(path: string): Promise<number | null> {
  const probe = `${path}.${randomUUID()}`;
  try {
    await writeFile(probe, '');
    const now = await stat(probe);
    const then = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    return then && now.mtimeMs - then.mtimeMs;
  } finally {
    await rm(probe, { force: true });
  }
}

async function mayLive(other: Holder | null, silentMs: number): Promise<boolean> {
  // One that is being written has no content yet.
  const life = other && (await lifeOf(other));
  if (life === 'alive' || life === 'dead') return life === 'alive';
  return silentMs < SILENCE;
}

async function inUse(
  what: string,
  other: Holder | null,
  silentMs: number,
  orElse: string,
): Promise<LockError> {
  const who = other
    ? `process ${other.pid} on ${other.host} since ${other.since}`
    : 'another process';
  const isHere = other !== null && (await lifeOf(other)) === 'alive';
  const wait = isHere
    ? orElse
    : `its last sign of life is ${Math.max(0, Math.round(silentMs / 1000))} s old; if it is dead, run again in ${SILENCE / 60_000} minutes`;
  return new LockError(`${what} is in use by ${who}: ${wait}`);
}
