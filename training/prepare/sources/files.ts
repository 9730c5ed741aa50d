import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** All files (and links to files) below a folder, in the order of their paths. @throws Error when it is no folder. */
export function filesBelow(folder: string): string[] {
  let isFolder = false;
  try {
    isFolder = statSync(folder).isDirectory();
  } catch {
    // said below
  }
  if (!isFolder) throw new Error(`${folder} is not a folder.`);
  return (readdirSync(folder, { recursive: true }) as string[])
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .sort();
}

/** A file's name without `.nii` or `.nii.gz`, or null when it is no NIfTI file. */
export function niftiStem(name: string): string | null {
  const match = /^(.+)\.nii(\.gz)?$/i.exec(name);
  return match ? match[1] : null;
}

/** A case's name without its number: the data set. */
export const setOf = (id: string): string => id.replace(/[-_]?\d+$/, '') || id;
