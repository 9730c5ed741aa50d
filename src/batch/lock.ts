import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchError, whyOf } from './batchError';

/** Whose lock it is. */
interface Holder {
  readonly token: string;
  readonly pid: number;
  /** Name of the machine, with its process namespace where it has one. */
  readonly host: string;
  /** What tells a process from a later one with the same id; null where the system does not say. */
  readonly began: string | null;
  readonly since: string;
}

/** How often the holder shows that it lives, ms. */
const BEAT = 10_000;
/** A holder on another machine that showed nothing for so long is dead, ms. */
const SILENCE = 120_000;
/** How long who takes over waits to see that nobody else did the same, ms. */
const SETTLE = 300;

/** A file that says that a run is writing; held until `release`, or until its process is dead. */
export class Lock {
  private readonly beat: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    private readonly token: string,
  ) {
    this.beat = setInterval(() => {
      const now = new Date();
      utimes(path, now, now).catch(() => undefined);
    }, BEAT);
    this.beat.unref();
  }

  /**
   * Takes the lock, over from a dead process if need be.
   *
   * @param what is locked, for the message.
   * @throws BatchError when another run holds it, or the file cannot be written.
   */
  static async take(path: string, what: string): Promise<Lock> {
    const self = holder();
    const text = JSON.stringify(self);
    try {
      await create(path, text);
      return new Lock(path, self.token);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(what, error);
    }
    const other = await holderOf(path);
    const silent = await silentFor(path);
    if (silent !== null && lives(other, silent)) throw inUse(what, other, silent);
    const temporary = `${path}.${self.token}`;
    try {
      await create(temporary, text);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw unwritable(what, error);
    }
    await sleep(SETTLE);
    const winner = await holderOf(path);
    if (winner?.token !== self.token) throw inUse(what, winner, 0);
    return new Lock(path, self.token);
  }

  async release(): Promise<void> {
    clearInterval(this.beat);
    if ((await holderOf(this.path))?.token === this.token) await rm(this.path, { force: true });
  }
}

async function create(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await writeFile(file, text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function holder(): Holder {
  return {
    token: randomUUID(),
    pid: process.pid,
    host: hostId(),
    began: beganOf(process.pid),
    since: new Date().toISOString(),
  };
}

/** The content of a lock, null where it is gone or cut off. */
async function holderOf(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** For how long the holder has not shown that it lives, by the clock of the disk, ms; null without a lock. */
async function silentFor(path: string): Promise<number | null> {
  const probe = `${path}.${randomUUID()}`;
  try {
    await writeFile(probe, '');
    const [now, then] = [await stat(probe), await stat(path)];
    return now.mtimeMs - then.mtimeMs;
  } catch {
    return null;
  } finally {
    await rm(probe, { force: true });
  }
}

function lives(other: Holder | null, silentMs: number): boolean {
  // One that is being written has no content yet.
  if (other === null || other.host !== hostId()) return silentMs < SILENCE;
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return other.began === null || other.began === beganOf(other.pid);
}

function hostId(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** When a process began, in ticks since the machine did (Linux: field 22 of its stat). */
function beganOf(pid: number): string | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function inUse(what: string, other: Holder | null, silentMs: number): BatchError {
  const who = other
    ? `process ${other.pid} on ${other.host.split(' ')[0]} since ${other.since}`
    : 'another process';
  const isHere = other?.host === hostId();
  const wait = isHere
    ? 'wait for it, or name another --out folder'
    : `its last sign of life is ${Math.max(0, Math.round(silentMs / 1000))} s old; if it is dead, run again in ${SILENCE / 60_000} minutes`;
  return new BatchError(`${what} is in use by ${who}: ${wait}`, false);
}

function unwritable(what: string, error: unknown): BatchError {
  return new BatchError(`${what} cannot be written (${whyOf(error)})`, false, { cause: error });
}
