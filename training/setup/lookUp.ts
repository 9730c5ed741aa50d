import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine';
import type { Wheel } from './variants';

const PYPI = 'https://pypi.org/simple';
/** The JSON form of an index (PEP 691), and the older one. */
const SIMPLE = 'application/vnd.pypi.simple.v1+json, text/html;q=0.5';

/** A wheel with what an index says of it. */
export interface LookedUp {
  readonly wheel: Wheel;
  /** `here`: fetched before; `listed`: the index has the file; `other`: under its name another; `not-listed`; `unknown`: no index answers. */
  readonly state: 'here' | 'listed' | 'other' | 'not-listed' | 'unknown';
  /** Null where it is not said. */
  readonly bytes: number | null;
}

/**
 * Asks the index that pip uses for wheels by their files' names, without fetching any.
 *
 * @param folder where wheels lie that were fetched before
 */
export async function lookUp(
  machine: Machine,
  wheels: readonly Wheel[],
  python: string,
  folder: string,
): Promise<{ readonly index: string; readonly wheels: readonly LookedUp[] }> {
  const index = indexOf(machine, python);
  const found: LookedUp[] = [];
  for (const wheel of wheels) {
    const state = existsSync(join(folder, wheel.file))
      ? ({ wheel, state: 'here', bytes: null } as const)
      : await inIndex(machine, index, wheel);
    found.push(state);
  }
  return { index, wheels: found };
}

/** Says what would be fetched, a line a wheel. */
export function tell(machine: Machine, index: string, wheels: readonly LookedUp[]): void {
  const due = wheels.filter(({ state }) => state !== 'here');
  const known = due.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const size = known > 0 ? `, ${(known / 1e9).toFixed(2)} GB as far as it is known` : '';
  machine.say(`${due.length} wheels to fetch from ${index}${size}:`);
  for (const { wheel, state, bytes } of wheels) {
    const what = {
      here: 'here already',
      listed: bytes === null ? 'listed' : `${(bytes / 1e6).toFixed(0)} MB`,
      other: 'listed with another SHA-256 than it was checked with',
      'not-listed': 'NOT LISTED there: pip looks elsewhere if it is told to (find-links)',
      unknown: 'the index does not answer',
    }[state];
    machine.say(`  ${wheel.file}: ${what}`);
  }
}

/** Without a user or password that it may hold. */
function indexOf(machine: Machine, python: string): string {
  const args = ['-m', 'pip', 'config', 'get', 'global.index-url'];
  const { status, stdout } = machine.run(python, args, { quiet: true });
  const configured = process.env.PIP_INDEX_URL || (status === 0 ? stdout.trim() : '');
  if (!URL.canParse(configured)) return PYPI;
  const url = new URL(configured);
  [url.username, url.password] = ['', ''];
  return url.href.replace(/\/+$/, '');
}

async function inIndex(machine: Machine, index: string, wheel: Wheel): Promise<LookedUp> {
  const project = wheel.requirement.split('==')[0]!;
  const page = await machine.read(`${index}/${project}/`, SIMPLE);
  if (page === null) return { wheel, state: 'unknown', bytes: null };
  const at = page.indexOf(wheel.file);
  if (at < 0) return { wheel, state: 'not-listed', bytes: null };
  // Of no other file on the page.
  if (!page.includes(wheel.sha256)) return { wheel, state: 'other', bytes: null };
  return { wheel, state: 'listed', bytes: sizeOf(page, wheel) };
}

function sizeOf(page: string, { file }: Wheel): number | null {
  try {
    const { files } = JSON.parse(page) as { files: { filename: string; size?: number }[] };
    return files.find(({ filename }) => filename === file)?.size ?? null;
  } catch {
    return null;
  }
}
