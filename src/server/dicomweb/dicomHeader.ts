import type { FileHandle } from 'node:fs/promises';
import { PIXEL_DATA, type DataSet } from '../../dicom/dataSet';
import {
  DEFLATED,
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from '../../dicom/transferSyntax';
import { readDicomHeader } from '../../io/dicom/dicomFile';
import { InputError } from '../../io/types';

/** Why a file cannot be used. `message` says what is wrong, without the file's name. */
export class DicomFileError extends Error {
  constructor(
    /** `not-dicom`: some other kind of file; `malformed`: DICOM, but broken or incomplete. */
    readonly kind: 'not-dicom' | 'malformed',
    message: string,
  ) {
    super(message);
    this.name = 'DicomFileError';
  }
}

/** Where the value of Pixel Data lies, in bytes from the start of the file, or of `inflated`. */
export interface PixelDataLocation {
  offset: number;
  /** Bytes; undefined for encapsulated pixel data, which ends at its delimiter. */
  length: number | undefined;
}

/** All attributes of a DICOM file up to its pixel data. */
export interface DicomHeader {
  dataSet: DataSet;
  /** The transfer syntax the file is stored in. */
  transferSyntaxUID: string;
  /** What the file says it holds (Media Storage SOP Class UID). */
  sopClassUID: string | undefined;
  /** Null where the instance carries no Pixel Data. */
  pixelData: PixelDataLocation | null;
  /** The data set after inflation, for the deflated transfer syntax only. */
  inflated: Uint8Array | null;
}

/** The transfer syntax in which uncompressed frames leave the server, or the stored one. */
export function servedTransferSyntax(stored: string): string {
  const uncompressed = [IMPLICIT_LITTLE_ENDIAN, DEFLATED, EXPLICIT_BIG_ENDIAN];
  return uncompressed.includes(stored) ? EXPLICIT_LITTLE_ENDIAN : stored;
}

/**
 * Reads the header of a DICOM file (PS3.10), the beginning of the file only where that suffices.
 * @throws DicomFileError where the file is not DICOM, is malformed, or ends before it should
 */
export async function readHeader(path: string): Promise<DicomHeader> {
  const file = await readDicomHeader(path).catch((failure: unknown) => {
    if (!(failure instanceof InputError)) throw failure;
    throw new DicomFileError('malformed', failure.what);
  });
  // The server hands out files as they are.
  if (file === null || file.isGzip) throw new DicomFileError('not-dicom', 'no DICOM file');
  const { dataSet, inflated, transferSyntaxUID, mediaStorageSOPClassUID } = file;
  const pixels = dataSet.element(PIXEL_DATA);
  return {
    dataSet,
    transferSyntaxUID,
    sopClassUID: mediaStorageSOPClassUID ?? undefined,
    inflated,
    pixelData: pixels
      ? { offset: pixels.dataOffset, length: pixels.encapsulated ? undefined : pixels.length }
      : null,
  };
}

/** Reads `length` bytes at `offset`; fewer where the file ends before. */
export async function readBytes(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
