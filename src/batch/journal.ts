import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SCHEMA } from '../finder/findingJson';
import { BatchError, whyOf } from './batchError';
import type { Shard } from './shard';
import type { JournalLine } from './types';

/** A line and its place in the journal, bytes. */
export interface PlacedLine {
  readonly line: JournalLine;
  readonly offset: number;
  readonly length: number;
}

const NEWLINE = 0x0a;

export const JOURNAL_NAME = /^results(\.(\d+)-of-(\d+))?\.jsonl$/;

export function journalName({ number, count }: Shard): string {
  return count === 1 ? 'results.jsonl' : `results.${number}-of-${count}.jsonl`;
}

/**
 * Reads a journal from its beginning. What follows the last newline was cut off while it was written and
 * is left out, and so is a line that is none.
 *
 * @throws BatchError when the file cannot be read or holds something else than a journal.
 */
export async function* readJournal(path: string): AsyncGenerator<PlacedLine, void, void> {
  let [rest, offset]: [Buffer, number] = [Buffer.alloc(0), 0];
  let [good, bad] = [0, 0];
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
      let from = 0;
      for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE, from)) {
        const line = parsed(rest.toString('utf8', from, end));
        if (line) yield { line, offset: offset + from, length: end - from };
        if (line) good++;
        else bad++;
        from = end + 1;
      }
      rest = rest.subarray(from);
      offset += from;
    }
  } catch (cause) {
    throw new BatchError(`${path} cannot be read (${whyOf(cause)})`, false, { cause });
  }
  const isForeign =
    bad > 0 || (rest.length > 0 && !rest.toString('latin1', 0, 10).startsWith('{"schema"'));
  if (good === 0 && isForeign) {
    throw new BatchError(
      `${path} is no journal of find-l3 batch: name another --out folder, or move it away`,
      true,
    );
  }
}

function parsed(text: string): JournalLine | null {
  try {
    const line = JSON.parse(text) as JournalLine | null;
    return line?.schema === SCHEMA && typeof line.fingerprint === 'string' ? line : null;
  } catch {
    return null;
  }
}

/** The journal of a run, open for more lines; nobody else may write to it meanwhile. */
export class Journal {
  private last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    private length: number,
  ) {}

  /**
   * Opens a journal, or makes an empty one; what was cut off at its end is taken away.
   *
   * @throws BatchError when it cannot be written.
   */
  static async open(path: string): Promise<Journal> {
    try {
      const file = await open(path, 'a+');
      const { size } = await file.stat();
      const length = await endOfLastLine(file, size);
      if (length < size) await file.truncate(length);
      await syncFolder(dirname(path));
      return new Journal(path, file, length);
    } catch (cause) {
      throw new BatchError(`${path} cannot be written (${whyOf(cause)})`, false, { cause });
    }
  }

  /**
   * Adds lines; they are on the disk when the promise is kept, all of them or none.
   *
   * @throws BatchError when they cannot be written.
   */
  append(lines: readonly JournalLine[]): Promise<void> {
    const done = this.last.then(() => this.write(lines));
    this.last = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.last;
    await this.file.close();
  }

  private async write(lines: readonly JournalLine[]): Promise<void> {
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    try {
      await this.file.appendFile(bytes);
      await this.file.datasync();
      this.length += bytes.length;
    } catch (cause) {
      await this.file.truncate(this.length).catch(() => undefined);
      throw new BatchError(
        `${this.path} cannot be written (${whyOf(cause)}). What it holds is safe: make room and run the same command again`,
        false,
        { cause },
      );
    }
  }
}

async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  const block = Buffer.alloc(64 * 1024);
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - block.length);
    const { bytesRead } = await file.read(block, 0, end - from, from);
    const at = block.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at !== -1) return from + at + 1;
    end = from;
  }
  return 0;
}

/** So that a new file's name is on the disk, too, where the system can do that. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
