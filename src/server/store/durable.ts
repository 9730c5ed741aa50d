import { link, mkdir, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

const STRETCH = 1024 ** 2;

/** Makes a folder and those above it, for this user alone; they outlast a loss of power. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = folder; made !== dirname(made); made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first) return;
  }
}

/**
 * Gives a file, whose content is on the disk, its place. Nothing that is there is ever overwritten, by no
 * process, and what is put outlasts a loss of power.
 * @throws NodeJS.ErrnoException `EEXIST` where the place is taken
 */
export async function putNew(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  await link(from, to);
  await syncFolder(dirname(to));
  await rm(from, { force: true });
}

/** Whether two files hold the same bytes; neither is held in memory. */
export async function sameContent(one: string, other: string): Promise<boolean> {
  const [{ size }, { size: otherSize }] = await Promise.all([stat(one), stat(other)]);
  if (size !== otherSize) return false;
  const files: FileHandle[] = [];
  try {
    for (const path of [one, other]) files.push(await open(path, 'r'));
    const [a, b] = [Buffer.alloc(STRETCH), Buffer.alloc(STRETCH)];
    for (let at = 0; at < size; at += STRETCH) {
      const length = Math.min(STRETCH, size - at);
      await readAll(files[0], a.subarray(0, length), at);
      await readAll(files[1], b.subarray(0, length), at);
      if (!a.subarray(0, length).equals(b.subarray(0, length))) return false;
    }
    return true;
  } finally {
    for (const file of files) await file.close();
  }
}

async function readAll(file: FileHandle, into: Buffer, at: number): Promise<void> {
  for (let filled = 0; filled < into.length;) {
    const { bytesRead } = await file.read(into, filled, into.length - filled, at + filled);
    if (bytesRead === 0) throw new Error('the file has become shorter while it was read');
    filled += bytesRead;
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows keeps its folders itself, and opens none.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
