import { mkdtemp, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSource } from '../nifti/byteSource';
import type { Spill } from '../nifti/inflated';
import { InputError, unreadable } from './types';

/** The bytes of a file, which is open only while some are read. */
export class FileSource implements ByteSource {
  private constructor(
    private readonly path: string,
    readonly size: number,
  ) {}

  /** @throws InputError when there is no such file, or it may not be read. */
  static async of(path: string): Promise<FileSource> {
    const file = await stat(path).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    return new FileSource(path, file.size);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    let file: FileHandle | null = null;
    try {
      file = await open(this.path, 'r');
      let total = 0;
      while (total < bytes.length) {
        const { bytesRead } = await file.read(bytes, total, bytes.length - total, offset + total);
        if (bytesRead === 0) break;
        total += bytesRead;
      }
      return bytes.subarray(0, total);
    } catch (cause) {
      throw unreadable(this.path, cause);
    } finally {
      await file?.close();
    }
  }
}

/** Folders of what was decompressed onto the disk, until this process ends. */
const folders = new Set<string>();
process.on('exit', () =>
  folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })),
);

/**
 * Takes what is decompressed of a file that is too large to be held, in a temporary file.
 *
 * @param path of the compressed file, for errors.
 */
export async function openSpill(path: string): Promise<Spill> {
  const noRoom = (cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new InputError(
      path,
      `cannot be decompressed onto the disk (${why})`,
      `Make room in ${tmpdir()}, or set TMPDIR to a folder with room.`,
      { cause },
    );
  };
  const folder = await mkdtemp(join(tmpdir(), 'find-l3-')).catch((cause: unknown) => {
    throw noRoom(cause);
  });
  folders.add(folder);
  const name = join(folder, 'voxels');
  const file = await open(name, 'wx', 0o600);
  return {
    async write(bytes) {
      try {
        await file.writeFile(bytes);
      } catch (cause) {
        await file.close();
        await rm(folder, { recursive: true, force: true });
        folders.delete(folder);
        throw noRoom(cause);
      }
    },
    async source() {
      await file.close();
      return FileSource.of(name);
    },
  };
}
