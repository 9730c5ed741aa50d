import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BatchError, whyOf } from './batchError';
import { JOURNAL_NAME, journalName } from './journal';
import type { Shard } from './shard';

/** Names that a batch makes in its folder. */
export const NAMES = {
  pictures: 'pictures',
  table: 'results.csv',
  summary: 'summary.json',
  contactSheet: 'contact-sheet.html',
} as const;

const LOCK_NAME = /^results(\.\d+-of-\d+)?\.jsonl\.lock/;

/**
 * Makes the folder of a batch, or takes the one that an earlier run made.
 *
 * @throws BatchError when it cannot be made or holds something else.
 */
export async function openOutFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    if (await isForeign(path)) {
      throw new BatchError(
        `${path} holds files but no results of find-l3 batch: name a new or empty folder with --out`,
        true,
      );
    }
  } catch (cause) {
    if (cause instanceof BatchError) throw cause;
    throw new BatchError(
      `${path}: the folder for the results cannot be made (${whyOf(cause)})`,
      false,
      {
        cause,
      },
    );
  }
}

/**
 * Makes the folder for pictures, without what a killed run with this mark left unfinished.
 *
 * @throws BatchError when it cannot be made.
 */
export async function openPictures(out: string, mark: string): Promise<string> {
  const path = join(out, NAMES.pictures);
  try {
    await mkdir(path, { recursive: true });
    const left = (await readdir(path)).filter((name) => name.startsWith(`.${mark}.`));
    await Promise.all(left.map((name) => rm(join(path, name), { force: true })));
    return path;
  } catch (cause) {
    throw new BatchError(
      `${path}: the folder for the pictures cannot be made (${whyOf(cause)})`,
      false,
      {
        cause,
      },
    );
  }
}

/** Where the files of series from a PACS lie while they are searched, absolute. */
export function incomingFolder(out: string, shard: Shard): string {
  return join(resolve(out), `.${journalName(shard).replace('.jsonl', '')}.incoming`);
}

/** Names of the journals in a folder, in the order of their numbers. */
export async function journalsIn(path: string): Promise<string[]> {
  const names = (await readdir(path)).filter((name) => JOURNAL_NAME.test(name));
  return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

async function isForeign(path: string): Promise<boolean> {
  const names = (await readdir(path)).filter((name) => !name.startsWith('.'));
  return names.length > 0 && !names.some((name) => JOURNAL_NAME.test(name) || LOCK_NAME.test(name));
}
