import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PhantomVariant } from '../phantom/types';
import { writePhantomSeries } from '../phantom/writePhantomSeries';

/** The studies on the worklist of a fresh copy of the project. */
const WORKLIST: readonly PhantomVariant[] = [
  'standard',
  'feet-first',
  'scoliosis',
  'no-lumbar-spine',
];

/**
 * Makes the phantom studies of the worklist, once for each version of their generator.
 * @param root the project's folder
 * @param say prints one line about a step that takes a while
 * @returns the folder that holds them
 */
export async function ensurePhantoms(root: string, say: (line: string) => void): Promise<string> {
  const cache = join(root, '.cache', 'phantoms');
  const folder = join(cache, await generatorVersion(join(root, 'src', 'phantom')));
  if (existsSync(folder)) return folder;
  say('Making the phantom CT studies (about a minute, once) ...');
  await mkdir(cache, { recursive: true });
  const incoming = await mkdtemp(join(cache, '.incoming-'));
  try {
    for (const [at, variant] of WORKLIST.entries()) {
      await writePhantomSeries(join(incoming, `${at + 1}-${variant}`), { variant });
    }
    await rename(incoming, folder).catch((failure: unknown) => {
      // Another process may have been faster.
      if (!existsSync(folder)) throw failure;
    });
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
  const older = (await readdir(cache)).filter((name) => !folder.endsWith(name) && name[0] !== '.');
  await Promise.all(older.map((name) => rm(join(cache, name), { recursive: true })));
  return folder;
}

async function generatorVersion(sources: string): Promise<string> {
  const hash = createHash('sha256').update(WORKLIST.join());
  for (const name of (await readdir(sources)).sort()) {
    hash.update(name).update(await readFile(join(sources, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
