import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { LEVEL_NAMES } from '../../src/levels/types';
import type { TrainingItem } from './item';

/**
 * One file of training items (`*.items`), one set a file. First line: `{"format":"find-l3-items/2"}`.
 * Then, item after item: one line of JSON (the item without its planes, plus `bytes`, the length of
 * what follows), then the planes `max`, `mean` and, where there is one, `lateral` as raw bytes.
 * Last line: `{"end":N}`, so that a file cut short is noticed.
 */
const FORMAT = 'find-l3-items/2';
const NEWLINE = 10;

type ItemHeader = Omit<TrainingItem, 'max' | 'mean' | 'lateral'> & { readonly bytes: number };

/** Why an item cannot be stored or used, or null. */
function fault(item: TrainingItem): string | null {
  const size = item.height * item.width;
  if (!Number.isInteger(item.height) || !Number.isInteger(item.width) || size <= 0) {
    return `its size is ${item.height} x ${item.width}`;
  }
  if (item.max.length !== size || item.mean.length !== size) {
    return `its planes have ${item.max.length} and ${item.mean.length} values instead of ${size}`;
  }
  if (item.lateral && item.lateral.length !== size) {
    return `its lateral band has ${item.lateral.length} values instead of ${size}`;
  }
  for (const level of item.levels) {
    if (!LEVEL_NAMES.includes(level.name)) return `level ${String(level.name)} is not known`;
    if (!Number.isFinite(level.row) || !Number.isFinite(level.column)) {
      return `level ${level.name} is at (${level.row}, ${level.column})`;
    }
  }
  return null;
}

/**
 * Writes items to one file; the file appears complete or not at all.
 *
 * @param file path, by custom `training/work/items/<set>.items`
 * @param provenance further fields of the first line, for people to read
 * @returns how many items were written
 * @throws Error naming the item when one is malformed; nothing is left behind then
 */
export function writeItems(
  file: string,
  items: Iterable<TrainingItem>,
  provenance: Readonly<Record<string, unknown>> = {},
): number {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.part`;
  const handle = openSync(temporary, 'w');
  try {
    let count = -2;
    for (const part of encoded(items, file, provenance)) {
      for (const bytes of part) writeAll(handle, bytes);
      count++;
    }
    closeSync(handle);
    renameSync(temporary, file);
    return count;
  } catch (error) {
    try {
      closeSync(handle);
    } catch {
      // already closed
    }
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The bytes of an items file. @throws Error naming the item when one is malformed */
export function encodeItems(items: Iterable<TrainingItem>): Buffer {
  return Buffer.concat([...encoded(items, 'memory', {})].flat());
}

/** First line, an item each, last line. */
function* encoded(
  items: Iterable<TrainingItem>,
  where: string,
  provenance: Readonly<Record<string, unknown>>,
): Generator<Uint8Array[]> {
  const line = (value: unknown) => Buffer.from(`${JSON.stringify(value)}\n`);
  yield [line({ format: FORMAT, ...provenance })];
  let count = 0;
  for (const item of items) {
    const wrong = fault(item);
    if (wrong) throw new Error(`Item ${item.id} cannot be stored in ${where}: ${wrong}.`);
    const { max, mean, lateral, ...header } = item;
    const planes = lateral ? [max, mean, lateral] : [max, mean];
    yield [line({ ...header, bytes: planes.length * max.length } satisfies ItemHeader), ...planes];
    count++;
  }
  yield [line({ end: count })];
}

/**
 * Reads every item of a file. The planes are views of one buffer: read them, do not write to them.
 *
 * @throws Error naming the file when it is of another kind or cut short
 */
export function readItems(file: string): TrainingItem[] {
  return decodeItems(readWhole(file), file);
}

/** Items from the bytes of an items file. @param file its name, for errors */
export function decodeItems(bytes: Buffer, file: string): TrainingItem[] {
  const items: TrainingItem[] = [];
  let at = 0;
  const damaged = (what: string) =>
    new Error(`${file} ${what}. Make it again with "prepare" or "synthesize".`);
  const nextLine = (): Record<string, unknown> => {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) throw damaged('is cut short');
    const text = bytes.toString('utf8', at, end);
    at = end + 1;
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch {
      throw damaged('is not a file of training items, or is damaged');
    }
  };
  if (nextLine().format !== FORMAT) throw damaged(`is not of the format ${FORMAT}`);
  for (;;) {
    const line = nextLine();
    if ('end' in line) {
      if (line.end !== items.length)
        throw damaged(`holds ${items.length} items of ${String(line.end)}`);
      return items;
    }
    const { bytes: length, ...header } = line as unknown as ItemHeader;
    const size = header.height * header.width;
    const planes = length / size;
    if ((planes !== 2 && planes !== 3) || at + length > bytes.length) throw damaged('is cut short');
    items.push({
      ...header,
      max: bytes.subarray(at, at + size),
      mean: bytes.subarray(at + size, at + 2 * size),
      lateral: planes === 3 ? bytes.subarray(at + 2 * size, at + 3 * size) : null,
    });
    at += length;
    const wrong = fault(items[items.length - 1]!);
    if (wrong) throw damaged(`holds the item ${header.id}, and ${wrong}`);
  }
}

function writeAll(handle: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done);
}

function readWhole(file: string): Buffer {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.allocUnsafe(fstatSync(handle).size);
    for (let done = 0; done < bytes.length;) {
      const read = readSync(handle, bytes, done, Math.min(bytes.length - done, 1 << 30), done);
      if (read === 0) throw new Error(`${file} became shorter while it was read.`);
      done += read;
    }
    return bytes;
  } finally {
    closeSync(handle);
  }
}
