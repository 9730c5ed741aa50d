import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import * as v from 'valibot';

/** What a lock says of the process that holds it. */
export const holderSchema = v.object({
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** When the process began, in the system's own words; empty where it does not say. */
  began: v.string(),
  host: v.string(),
  /** Tells boots apart, and machines of one name; empty where the system does not say. */
  boot: v.string(),
  /** Tells containers of one machine apart; empty where the system does not say. */
  container: v.string(),
  /** ISO 8601 */
  since: v.string(),
});

/** A process that holds a lock. */
export type Holder = v.InferOutput<typeof holderSchema>;

/** Where a holder is that cannot be seen from here, or whether it lives. */
export type Life = 'alive' | 'dead' | 'elsewhere' | 'another boot';

/** This process, as others are to know it. */
export async function thisProcess(): Promise<Holder> {
  const [began, boot, container] = await Promise.all([
    beginningOf(process.pid),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  const since = new Date().toISOString();
  return { pid: process.pid, began, host: hostname(), boot: boot.trim(), container, since };
}

/**
 * Whether a holder lives: known of processes of this machine, this boot and this container alone.
 * Another boot of a machine of this name is this machine's past, unless two have the same name.
 */
export async function lifeOf({ pid, began, host, boot, container }: Holder): Promise<Life> {
  const self = await thisProcess();
  if (host !== self.host) return 'elsewhere';
  if (boot !== self.boot) return 'another boot';
  if (container !== self.container) return 'elsewhere';
  try {
    process.kill(pid, 0);
  } catch (failure) {
    return (failure as NodeJS.ErrnoException).code === 'ESRCH' ? 'dead' : 'alive';
  }
  const now = await beginningOf(pid);
  return began === '' || now === '' || began === now ? 'alive' : 'dead';
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
