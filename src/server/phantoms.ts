import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePhantomStudies } from '../phantom/writePhantomStudies';

/**
 * Makes the phantom studies of the worklist, once for each version of their generator.
 * @param root the project's folder
 * @param begin called before the first slice, when there is something to make
 * @param onProgress called after each slice with the slices done and the number of all
 * @returns the folder that holds them
 */
export async function ensurePhantoms(
  root: string,
  begin: () => void,
  onProgress: (done: number, of: number) => void,
): Promise<string> {
  const cache = join(root, '.cache', 'phantoms');
  const version = await generatorVersion(join(root, 'src', 'phantom'));
  const folder = join(cache, version);
  if (existsSync(folder)) return folder;
  begin();
  await writePhantomStudies(folder, { onProgress }).catch((failure: unknown) => {
    // Another process may have been faster.
    if (!existsSync(folder)) throw failure;
  });
  const older = (await readdir(cache)).filter((name) => !name.startsWith(version));
  await Promise.all(older.map((name) => rm(join(cache, name), { recursive: true, force: true })));
  return folder;
}

async function generatorVersion(sources: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(sources)).sort()) {
    hash.update(name).update(await readFile(join(sources, name)));
  }
  return hash.digest('hex').slice(0, 16);
}
