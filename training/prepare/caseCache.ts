import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { TrainingItem } from '../items/item';
import { decodeItems, encodeItems } from '../items/itemStore';
import type { SourceCase } from './sources/source';

/** Rises whenever the same scan would give other items: projection, grid, windows, views. */
export const RECIPE = 'find-l3-prepare/2';

/** What became of a case. */
export interface CaseRecord {
  readonly recipe: string;
  readonly fingerprint: string;
  readonly source: string;
  readonly id: string;
  readonly set: string;
  readonly person: string;
  readonly inputs: readonly string[];
  /** Which items file it belongs into; null when it was rejected. */
  readonly group: string | null;
  readonly items: number;
  /** Levels that are labelled, head to foot. */
  readonly levels: readonly string[];
  /** Why it was rejected. */
  readonly reasons: readonly string[];
}

/** Identifies a case with its input as it is now: what it says, and sizes and times of its files. */
export function fingerprintOf(source: string, entry: SourceCase, extra: unknown): string {
  const files = entry.inputs.map((path) => [path, stateOf(path)]);
  return createHash('sha256')
    .update(JSON.stringify([RECIPE, source, entry, files, extra]))
    .digest('hex')
    .slice(0, 32);
}

function stateOf(path: string): unknown {
  if (!existsSync(path)) return null;
  const state = statSync(path);
  if (!state.isDirectory()) return [state.size, Math.round(state.mtimeMs)];
  const entries = readdirSync(path, { recursive: true }) as string[];
  return entries.sort().map((name) => {
    const { size, mtimeMs } = statSync(join(path, name));
    return [name, size, Math.round(mtimeMs)];
  });
}

/** Items and records of the cases that are done, a file each; whole or not there. */
export class CaseCache {
  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** The record of a case, if it was done with this very input. */
  find(fingerprint: string): CaseRecord | null {
    try {
      const record = JSON.parse(readFileSync(this.file(fingerprint, 'json'), 'utf8')) as CaseRecord;
      const isComplete = record.group === null || existsSync(this.file(fingerprint, 'items.gz'));
      return record.fingerprint === fingerprint && isComplete ? record : null;
    } catch {
      return null;
    }
  }

  /** The record is written last: a case that is interrupted is done again. */
  put(record: CaseRecord, items: readonly TrainingItem[]): void {
    if (record.group !== null) {
      this.write(
        this.file(record.fingerprint, 'items.gz'),
        gzipSync(encodeItems(items), { level: 4 }),
      );
    }
    this.write(this.file(record.fingerprint, 'json'), `${JSON.stringify(record)}\n`);
  }

  itemsOf({ fingerprint, items }: CaseRecord): TrainingItem[] {
    if (items === 0) return [];
    const file = this.file(fingerprint, 'items.gz');
    return decodeItems(gunzipSync(readFileSync(file)), file);
  }

  /** Removes what belongs to none of these cases. */
  keepOnly(fingerprints: ReadonlySet<string>): void {
    for (const name of readdirSync(this.folder)) {
      if (!fingerprints.has(name.split('.')[0])) rmSync(join(this.folder, name), { force: true });
    }
  }

  private file(fingerprint: string, extension: string): string {
    return join(this.folder, `${fingerprint}.${extension}`);
  }

  private write(file: string, content: string | Uint8Array): void {
    const temporary = `${file}.${process.pid}.part`;
    try {
      writeFileSync(temporary, content);
      renameSync(temporary, file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }
}
