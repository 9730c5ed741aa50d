import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DicomFileError } from './dicomHeader';
import { readInstanceAttributes, type DicomIndex, type ReadInstance } from './dicomIndex';
import type { DicomJsonDataset } from './dicomJson';

/** Failure reasons of the store transaction (PS3.18 10.5.3, PS3.4 table B.2-1). */
const PROCESSING_FAILURE = 0x0110;
const OUT_OF_RESOURCES = 0xa700;
const DOES_NOT_MATCH = 0xa900;
const CANNOT_UNDERSTAND = 0xc000;

const UID = /^[0-9]+(\.[0-9]+)*$/;

/** What became of one part of a store request. */
export type StoreOutcome =
  | { stored: true; instance: ReadInstance }
  | { stored: false; failureReason: number; why: string; instance?: ReadInstance };

/** Keeps instances that a client sends, in a folder of its own, and enters them into the index. */
export class InstanceStore {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly index: DicomIndex,
  ) {}

  /**
   * Stores one instance: all of it under its final name, or nothing. An instance that is there
   * already is kept; sending the same bytes again succeeds, other bytes under its UID are refused.
   * @param bytes a DICOM file (PS3.10)
   * @param studyInstanceUID the only study that is accepted; any where left out
   */
  async store(bytes: Uint8Array, studyInstanceUID?: string): Promise<StoreOutcome> {
    const incoming = join(this.folder, '.incoming');
    const path = join(incoming, randomUUID());
    try {
      await mkdir(incoming, { recursive: true });
      await writeFile(path, bytes, { flag: 'wx' });
      const instance = await readInstanceAttributes(path);
      const { sopInstanceUID, sopClassUID, seriesInstanceUID } = instance;
      const uids = [instance.studyInstanceUID, seriesInstanceUID, sopInstanceUID, sopClassUID];
      if (uids.some((uid) => uid.length > 64 || !UID.test(uid))) {
        return refuse(CANNOT_UNDERSTAND, 'has a UID that is none');
      }
      if (studyInstanceUID !== undefined && instance.studyInstanceUID !== studyInstanceUID) {
        return refuse(DOES_NOT_MATCH, 'belongs to another study', instance);
      }
      // One after the other: two copies of one instance may come at the same time.
      const kept = this.last.then(() => this.keep(instance));
      this.last = kept.catch(() => undefined);
      return await kept;
    } catch (failure) {
      if (failure instanceof DicomFileError) return refuse(CANNOT_UNDERSTAND, failure.message);
      const { code, message } = failure as NodeJS.ErrnoException;
      const full = code === 'ENOSPC' || code === 'EDQUOT';
      return refuse(full ? OUT_OF_RESOURCES : PROCESSING_FAILURE, message);
    } finally {
      await rm(path, { force: true });
    }
  }

  private async keep(instance: ReadInstance): Promise<StoreOutcome> {
    const { studyInstanceUID, seriesInstanceUID, sopInstanceUID, path } = instance;
    const present = this.index.instance(studyInstanceUID, seriesInstanceUID, sopInstanceUID);
    if (present) {
      const same = (await readFile(present.path)).equals(await readFile(path));
      if (same) return { stored: true, instance };
      return refuse(PROCESSING_FAILURE, 'is here already with other content', instance);
    }
    const folder = join(this.folder, studyInstanceUID, seriesInstanceUID);
    const final = join(folder, `${sopInstanceUID}.dcm`);
    await mkdir(folder, { recursive: true });
    await rename(path, final);
    this.index.add({ ...instance, path: final });
    return { stored: true, instance };
  }
}

function refuse(failureReason: number, why: string, instance?: ReadInstance): StoreOutcome {
  return { stored: false, failureReason, why, instance };
}

/** The answer to a store request: its HTTP status and the Store Instances Response Module. */
export interface StoreAnswer {
  status: 200 | 202 | 409;
  dataset: DicomJsonDataset;
}

/** @param urlOf absolute address of a path below the service's root */
export function storeAnswer(
  outcomes: StoreOutcome[],
  urlOf: (path: string) => string,
): StoreAnswer {
  const stored = outcomes.filter((outcome) => outcome.stored);
  const failed = outcomes.filter((outcome) => !outcome.stored);
  const referenced = stored.map(({ instance }): DicomJsonDataset => {
    const { studyInstanceUID, seriesInstanceUID, sopInstanceUID } = instance;
    const series = `studies/${studyInstanceUID}/series/${seriesInstanceUID}`;
    const url = urlOf(`${series}/instances/${sopInstanceUID}`);
    return { ...reference(instance), '00081190': { vr: 'UR', Value: [url] } };
  });
  const refused = failed.map(({ instance, failureReason }): DicomJsonDataset => ({
    ...(instance ? reference(instance) : {}),
    '00081197': { vr: 'US', Value: [failureReason] },
  }));
  const dataset: DicomJsonDataset = {
    ...(refused.length > 0 ? { '00081198': { vr: 'SQ', Value: refused } } : {}),
    ...(referenced.length > 0 ? { '00081199': { vr: 'SQ', Value: referenced } } : {}),
  };
  const studies = new Set(stored.map(({ instance }) => instance.studyInstanceUID));
  if (studies.size === 1) {
    dataset['00081190'] = { vr: 'UR', Value: [urlOf(`studies/${[...studies][0]}`)] };
  }
  return { status: failed.length === 0 ? 200 : stored.length > 0 ? 202 : 409, dataset };
}

function reference({ sopClassUID, sopInstanceUID }: ReadInstance): DicomJsonDataset {
  return {
    '00081150': { vr: 'UI', Value: [sopClassUID] },
    '00081155': { vr: 'UI', Value: [sopInstanceUID] },
  };
}
