import { open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileStart, readBody } from '../dicom/part10';
import type { DicomwebClient } from './dicomwebClient';
import { DicomwebError } from './dicomwebError';
import type { PacsSeries } from './search';

/** Holds the UIDs of an image, which stand at the beginning of its header. */
const BEGINNING = 256 * 1024;
const UNFINISHED = '.part';
/** How often an image is asked for whose answer breaks off. */
const ATTEMPTS = 3;

/**
 * Brings the images of a series into a folder, as files named by their SOP Instance UIDs. The series is asked
 * for as a whole; images that are missing then, one by one. Every file goes to the disk as it comes.
 *
 * @param images SOP Instance UIDs; other images that the PACS gives are left out.
 * @returns the paths, in the order of `images`.
 * @throws DicomwebError where an image cannot be had; the signal's reason; what the disk throws.
 */
export async function retrieveSeries(
  client: DicomwebClient,
  {
    studyInstanceUID,
    seriesInstanceUID,
  }: Pick<PacsSeries, 'studyInstanceUID' | 'seriesInstanceUID'>,
  images: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<string[]> {
  const path = `studies/${studyInstanceUID}/series/${seriesInstanceUID}`;
  const pathOf = (uid: string) => join(folder, `${uid}.dcm`);
  const missing = new Set(images);
  const temporary = join(folder, UNFINISHED);
  const whole = client.files(path, signal, async (file) => {
    await writeFile(temporary, file, { signal });
    const uid = await sopInstanceUIDOf(temporary);
    if (uid !== null && missing.delete(uid)) await rename(temporary, pathOf(uid));
  });
  await whole.catch((error: unknown) => {
    if (!(error instanceof DicomwebError) || error.kind !== 'refused') throw error;
  });
  for (const uid of missing) {
    for (let attempt = 1; missing.has(uid); attempt++) {
      let files = 0;
      const isWhole = await client.files(`${path}/instances/${uid}`, signal, async (file) => {
        if (files++ === 0) await writeFile(temporary, file, { signal });
      });
      if (isWhole && files > 0) {
        await rename(temporary, pathOf(uid));
        missing.delete(uid);
      } else if (attempt === ATTEMPTS) {
        throw new DicomwebError(
          isWhole ? 'refused' : 'unreached',
          `${client.root}/${path}: the PACS lists ${images.length} images and does not give ${missing.size} of them`,
          'Look at the series in the PACS, and run again.',
        );
      }
    }
  }
  await rm(temporary, { force: true });
  return images.map(pathOf);
}

/** The SOP Instance UID of a DICOM file, damaged or not; null where its header says none. */
async function sopInstanceUIDOf(path: string): Promise<string | null> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(BEGINNING);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    const beginning = bytes.subarray(0, bytesRead);
    const start = fileStart(beginning);
    if (start === null) return null;
    return readBody(beginning, start.bodyOffset, start, { stopAtPixels: true }).dataSet.text(
      'x00080018',
    );
  } catch {
    return null;
  } finally {
    await file.close();
  }
}
