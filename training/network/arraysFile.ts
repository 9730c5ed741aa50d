import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Weights } from './weights';

/**
 * A file of named arrays: one line of JSON (what the caller notes, and names and lengths), then the
 * arrays as float32.
 */
export interface ArraysFile<Notes extends object> {
  readonly notes: Notes;
  readonly sections: Readonly<Record<string, Weights>>;
}

interface Directory {
  readonly arrays: readonly { section: string; name: string; length: number }[];
}

/**
 * Writes the file whole or not at all.
 *
 * @throws Error naming the file when it cannot be written; an earlier one stays
 */
export function writeArrays<Notes extends object>(
  file: string,
  { notes, sections }: ArraysFile<Notes>,
): void {
  const arrays = Object.entries(sections).flatMap(([section, weights]) =>
    [...weights].map(([name, values]) => ({ section, name, values })),
  );
  const directory: Directory = {
    arrays: arrays.map(({ section, name, values }) => ({ section, name, length: values.length })),
  };
  const parts = [
    Buffer.from(`${JSON.stringify({ ...notes, ...directory })}\n`),
    ...arrays.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  ];
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.part`;
  try {
    writeFileSync(temporary, Buffer.concat(parts), { flush: true });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Error(
      `The checkpoint could not be written to ${file} (${(error as Error).message}); an earlier one there is unharmed.`,
      { cause: error },
    );
  }
}

/**
 * @param isOurs whether the notes are of the kind that is expected
 * @throws Error naming the file when it is missing, of another kind, or cut short
 */
export function readArrays<Notes extends object>(
  file: string,
  isOurs: (notes: Notes) => boolean,
): ArraysFile<Notes> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new Error(`There is no readable checkpoint at ${file}.`, { cause: error });
  }
  const end = bytes.indexOf(10);
  let header: Notes & Directory;
  try {
    header = JSON.parse(bytes.toString('utf8', 0, end)) as Notes & Directory;
    if (!isOurs(header)) throw new Error('another format');
  } catch (error) {
    throw new Error(
      `${file} is not a checkpoint of this version of the project, or of another kind of run.`,
      { cause: error },
    );
  }
  const sections: Record<string, Weights> = {};
  let at = end + 1;
  for (const { section, name, length } of header.arrays) {
    if (at + 4 * length > bytes.length) throw new Error(`${file} is cut short.`);
    const values = new Float32Array(length);
    bytes.copy(Buffer.from(values.buffer), 0, at, at + 4 * length);
    (sections[section] ??= new Map()).set(name, values);
    at += 4 * length;
  }
  return { notes: header, sections };
}
