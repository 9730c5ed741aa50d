import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { putNew, sameContent } from './durable';

/** What became of the files that an earlier release had saved elsewhere. */
export interface FormerFiles {
  readonly moved: number;
  /** Those that stay where they are, with the reason. */
  readonly left: readonly { readonly path: string; readonly why: string }[];
}

/**
 * Moves the files that 0.3.0 saved (`STUDY/SERIES/INSTANCE.dcm`) to the same places below another folder. A file
 * leaves its old place only after it lies whole in the new one; cut off at any moment, it goes on the next time.
 * @param incoming a folder beside `to` for copies that are under way
 */
export async function moveFormer(from: string, to: string, incoming: string): Promise<FormerFiles> {
  const entries = await readdir(from, { recursive: true, withFileTypes: true }).catch(
    (failure: NodeJS.ErrnoException) => {
      if (failure.code === 'ENOENT') return [];
      throw failure;
    },
  );
  // What lies there had not been answered for when 0.3.0 ended.
  const unfinished = join(from, '.incoming');
  await rm(unfinished, { recursive: true, force: true });
  const below = entries
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ path }) => !path.startsWith(unfinished));
  const left: { path: string; why: string }[] = [];
  let moved = 0;
  for (const { entry, path } of below.filter(({ entry }) => !entry.isDirectory())) {
    const why = entry.isFile() ? await move(path, join(to, relative(from, path)), incoming) : LINK;
    if (why === null) moved += 1;
    else left.push({ path, why });
  }
  const folders = below.filter(({ entry }) => entry.isDirectory()).map(({ path }) => path);
  for (const folder of [...folders.sort().reverse(), from]) await rmdir(folder).catch(() => {});
  return { moved, left };
}

const LINK = 'it is a link, not a file';

/** @returns why it stays, or null */
async function move(from: string, to: string, incoming: string): Promise<string | null> {
  const copy = join(incoming, randomUUID());
  try {
    await writeFile(copy, createReadStream(from), { flag: 'wx', flush: true });
    await putNew(copy, to).catch(async (failure: NodeJS.ErrnoException) => {
      if (failure.code !== 'EEXIST' || !(await sameContent(from, to))) throw failure;
    });
    await rm(from);
    return null;
  } catch (failure) {
    const { code, message } = failure as NodeJS.ErrnoException;
    return code === 'EEXIST' ? `another file is at ${to}` : message;
  } finally {
    await rm(copy, { force: true });
  }
}
