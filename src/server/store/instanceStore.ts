import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BodyError } from '../bounded';
import { DicomFileError } from '../dicomweb/dicomHeader';
import { readInstanceAttributes, type DicomIndex, type ReadInstance } from '../dicomweb/dicomIndex';
import { makeFolder, putNew, sameContent } from './durable';
import { moveFormer, type FormerFiles } from './formerStore';
import type { Holder } from '../../lock/holder';
import { StoreLock } from './storeLock';

/** Failure reasons of the store transaction (PS3.18 10.5.3, PS3.4 table B.2-1). */
const PROCESSING_FAILURE = 0x0110;
const OUT_OF_RESOURCES = 0xa700;
const DOES_NOT_MATCH = 0xa900;
const CANNOT_UNDERSTAND = 0xc000;

const UID = /^[0-9]+(\.[0-9]+)*$/;

/** What became of one part of a store request. */
export type StoreOutcome =
  { stored: true; instance: ReadInstance } | ({ stored: false } & StoreRefusal);

interface StoreRefusal {
  failureReason: number;
  /** One sentence, up to 64 characters. */
  why: string;
  instance?: ReadInstance;
}

/** Where a store keeps what, and what of an earlier release it takes over. */
export interface StoreFolders {
  /** Holds `stored` (STUDY/SERIES/INSTANCE.dcm), `incoming` and `lock`. */
  readonly folder: string;
  /** Where 0.3.0 kept its files. */
  readonly former?: string;
}

/**
 * Keeps instances that a client sends, in a folder of its own, and enters them into the index. One process at a
 * time writes there; others show what is there.
 */
export class InstanceStore {
  /** What an earlier release had saved elsewhere and is here now. */
  former: FormerFiles = { moved: 0, left: [] };
  private lock: StoreLock | null = null;
  private last: Promise<unknown> = Promise.resolve();
  private readonly stored: string;
  private readonly incoming: string;

  constructor(
    private readonly folders: StoreFolders,
    private readonly index: DicomIndex,
  ) {
    this.stored = join(folders.folder, 'stored');
    this.incoming = join(folders.folder, 'incoming');
  }

  /**
   * Enters what is there into the index, and begins to write there if no other process does.
   * @returns why nothing can be saved, in words, or null; asked again, it looks again
   */
  async open(): Promise<string | null> {
    return this.inTurn(async () => {
      if (this.lock) return null;
      const obstacle = await this.obstacle();
      if (existsSync(this.stored)) await this.index.addFolder(this.stored);
      return obstacle;
    });
  }

  async close(): Promise<void> {
    await this.inTurn(async () => {
      await this.lock?.release();
      this.lock = null;
    });
  }

  /**
   * Stores instances, each one whole under its final name, or not at all; none where the message breaks off. An
   * instance that is there already is kept: sending the same bytes again succeeds, other bytes under its
   * UID are refused, as is one of a second patient in a study.
   * @param parts DICOM files (PS3.10), as they come
   * @param studyInstanceUID the only study that is accepted; any where left out
   * @throws BodyError or MultipartError where the message is not read to its end
   */
  async store(
    parts: AsyncIterable<AsyncIterable<Buffer>>,
    { parts: most, study }: { readonly parts: number; readonly study?: string },
  ): Promise<StoreOutcome[]> {
    const received: { path: string; refusal: StoreRefusal | null }[] = [];
    try {
      for await (const part of parts) {
        if (received.length === most) throw new BodyError(413, `send up to ${most} files at once`);
        const path = join(this.incoming, randomUUID());
        const file = { path, refusal: null as StoreRefusal | null };
        received.push(file);
        file.refusal = await writeFile(path, part, { flag: 'wx', flush: true }).then(
          () => null,
          refusalOf,
        );
      }
      const outcomes: StoreOutcome[] = [];
      for (const { path, refusal } of received) {
        const outcome = refusal ?? (await this.keep(path, study).catch(refusalOf));
        outcomes.push(
          'failureReason' in outcome
            ? { stored: false, ...outcome }
            : { stored: true, instance: outcome },
        );
      }
      return outcomes;
    } finally {
      for (const { path } of received) await rm(path, { force: true });
    }
  }

  private async obstacle(): Promise<string | null> {
    const { folder, former } = this.folders;
    let lock: StoreLock | Holder | null = null;
    try {
      lock = await StoreLock.take(join(folder, 'lock'));
      if (!(lock instanceof StoreLock)) return heldBy(lock, folder);
      await rm(this.incoming, { recursive: true, force: true });
      await makeFolder(this.incoming);
      if (former !== undefined) {
        this.former = await moveFormer(former, this.stored, this.incoming);
      }
      this.lock = lock;
      return null;
    } catch (failure) {
      if (lock instanceof StoreLock) await lock.release().catch(() => undefined);
      const { code, message } = failure as NodeJS.ErrnoException;
      return `${folder} cannot be written (${code ?? message}): give another folder with --data`;
    }
  }

  private async keep(path: string, study?: string): Promise<ReadInstance | StoreRefusal> {
    const instance = await readInstanceAttributes(path);
    const { studyInstanceUID, seriesInstanceUID, sopInstanceUID, sopClassUID } = instance;
    const uids = [studyInstanceUID, seriesInstanceUID, sopInstanceUID, sopClassUID];
    if (uids.some((uid) => uid.length > 64 || !UID.test(uid))) {
      return { failureReason: CANNOT_UNDERSTAND, why: 'One of its UIDs is none' };
    }
    if (study !== undefined && studyInstanceUID !== study) {
      const why = 'It belongs to another study than the one addressed';
      return { failureReason: DOES_NOT_MATCH, why, instance };
    }
    // One after the other: two copies of one instance may come at the same time.
    return this.inTurn(() => this.put(instance));
  }

  private async put(instance: ReadInstance): Promise<ReadInstance | StoreRefusal> {
    const { studyInstanceUID, seriesInstanceUID, sopInstanceUID, path } = instance;
    const refused = (why: string) => ({ failureReason: PROCESSING_FAILURE, why, instance });
    if (!this.lock) return refused('This server has ended');
    const known = this.index.instance(studyInstanceUID, seriesInstanceUID, sopInstanceUID);
    if (known && (await sameContent(known.path, path))) return instance;
    const elsewhere = this.index.withSopInstanceUID(sopInstanceUID);
    if (known) return refused('Its SOP Instance UID is here already with other content');
    if (elsewhere.length > 0) {
      const isStudy = elsewhere.some((one) => one.studyInstanceUID === studyInstanceUID);
      const where = isStudy ? 'series' : 'study';
      return refused(`Its SOP Instance UID is here already in another ${where}`);
    }
    if (this.index.isOfAnotherPatient(instance)) {
      return refused('Its study is here already, of another patient');
    }
    const final = join(this.stored, studyInstanceUID, seriesInstanceUID, `${sopInstanceUID}.dcm`);
    try {
      await putNew(path, final);
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') throw failure;
      if (!(await sameContent(final, path))) return refused('Its place is taken by another file');
    }
    this.index.add({ ...instance, path: final });
    return instance;
  }

  private inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.last.then(act);
    this.last = done.catch(() => undefined);
    return done;
  }
}

/** @throws what has nothing to do with the file */
function refusalOf(failure: unknown): StoreRefusal {
  if (failure instanceof DicomFileError) {
    return { failureReason: CANNOT_UNDERSTAND, why: failure.message };
  }
  const { code, syscall } = failure as NodeJS.ErrnoException;
  if (failure instanceof BodyError || syscall === undefined) throw failure;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return {
    failureReason: isFull ? OUT_OF_RESOURCES : PROCESSING_FAILURE,
    why: isFull ? 'The disk is full' : `It cannot be written (${code})`,
  };
}

function heldBy({ pid, host, since }: Holder, folder: string): string {
  const who = `process ${pid} on ${host}, since ${since.slice(0, 16).replace('T', ' ')} UTC`;
  return (
    `another Find L3 (${who}) saves into ${folder}: stop it, or start this one with --data and a folder of its own; ` +
    `if it no longer runs, delete ${join(folder, 'lock')}`
  );
}
