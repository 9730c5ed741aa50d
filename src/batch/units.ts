import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { faultOf } from '../io/causes';
import type { Fault } from '../io/causes';
import { unreadable } from '../io/types';

/** At most so many folders that lie side by side are taken together. */
export const MOST_BESIDE = 32;
/** And so many files; a folder with more stands alone. */
export const MOST_FILES = 10_000;

/**
 * Files that are looked at together: those of one folder, or of the few folders that lie side by side in
 * one. Files of a series are put together within a unit and nowhere else, so that what a unit holds
 * and what a shard takes are known from the names alone, before any file is opened.
 */
export interface Unit {
  /** The same on every machine: relative to the input. */
  readonly name: string;
  readonly folders: readonly string[];
  /** In the order of folders and names. */
  readonly files: readonly string[];
  /** Folders that cannot be listed. */
  readonly faults: readonly Fault[];
}

interface Listing {
  readonly folder: string;
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly fault: Fault | null;
  /** The folder's own path and those above it, with links followed. */
  readonly real: ReadonlySet<string>;
}

/**
 * Lists a folder in depth, by names, one unit after the other; links to folders are followed, but never
 * into a folder above. Hidden files and folders are left out.
 *
 * @param root an absolute path.
 * @param leaveOut an absolute path of a folder that is not entered.
 */
export async function* unitsIn(root: string, leaveOut?: string): AsyncGenerator<Unit, void, void> {
  const listing = await list(root, new Set(), leaveOut);
  yield unitOf(root, root, [listing]);
  yield* below(root, listing, leaveOut);
}

async function* below(
  root: string,
  { folder, folders, real }: Listing,
  leaveOut?: string,
): AsyncGenerator<Unit, void, void> {
  if (folders.length <= MOST_BESIDE) {
    const listings: Listing[] = [];
    for (const path of folders) listings.push(await list(path, real, leaveOut));
    if (listings.reduce((sum, { files }) => sum + files.length, 0) <= MOST_FILES) {
      yield unitOf(root, join(folder, '*'), listings);
      for (const listing of listings) yield* below(root, listing, leaveOut);
      return;
    }
  }
  for (const path of folders) {
    const listing = await list(path, real, leaveOut);
    yield unitOf(root, path, [listing]);
    yield* below(root, listing, leaveOut);
  }
}

function unitOf(root: string, path: string, listings: readonly Listing[]): Unit {
  return {
    name: relative(root, path).split(sep).join('/'),
    folders: listings.map(({ folder }) => folder),
    files: listings.flatMap(({ files }) => files),
    faults: listings.flatMap(({ fault }) => fault ?? []),
  };
}

async function list(
  folder: string,
  above: ReadonlySet<string>,
  leaveOut?: string,
): Promise<Listing> {
  const [files, folders]: [string[], string[]] = [[], []];
  try {
    const real = await realpath(folder);
    if (above.has(real)) return { folder, files, folders, fault: null, real: above };
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
      if (kind?.isFile()) files.push(path);
      else if (kind?.isDirectory() && path !== leaveOut) folders.push(path);
    }
    return {
      folder,
      files: files.sort(),
      folders: folders.sort(),
      fault: null,
      real: new Set([...above, real]),
    };
  } catch (cause) {
    const fault = faultOf(folder, unreadable(folder, cause));
    return { folder, files, folders, fault, real: above };
  }
}

/** The inputs as absolute paths without those that lie in or equal another one. */
export function apart(
  inputs: readonly string[],
): { readonly input: string; readonly path: string }[] {
  const all = inputs.map((input) => ({ input, path: resolve(input) }));
  const holds = (outer: string, inner: string) =>
    inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
  return all.filter(
    ({ path }, i) =>
      !all.some((other, j) => holds(other.path, path) && (other.path !== path || j < i)),
  );
}
