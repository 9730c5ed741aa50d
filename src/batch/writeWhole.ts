import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BatchError, whyOf } from './batchError';

/** Characters that are written at a time. */
const BLOCK = 64 * 1024;

/**
 * Writes a file beside its place and moves it there: the former one stays until the new one is whole.
 *
 * @throws BatchError when it cannot be written; nothing is left of it then.
 */
export async function writeWhole(
  path: string,
  parts: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'w');
    try {
      let text = '';
      for await (const part of parts) {
        text += part;
        if (text.length < BLOCK) continue;
        await file.appendFile(text);
        text = '';
      }
      await file.appendFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof BatchError) throw cause;
    throw new BatchError(`${path} cannot be written (${whyOf(cause)})`, false, { cause });
  }
}
