import { open, type FileHandle } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import dicomParser, { type DataSet } from 'dicom-parser';
import { vrOf } from './dataDictionary';

export const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const EXPLICIT_VR_BIG_ENDIAN = '1.2.840.10008.1.2.2';
export const IMPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2';
const DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1.99';

const FIRST_READ = 64 * 1024;
const SECOND_READ = 2 * 1024 * 1024;
const LONGEST_FILE = 4 * 1024 ** 3 - 1;
const LONGEST_INFLATED = 2 * 1024 ** 3;
const PIXEL_DATA = 'x7fe00010';

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
  const uncompressed = [
    IMPLICIT_VR_LITTLE_ENDIAN,
    DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
    EXPLICIT_VR_BIG_ENDIAN,
  ];
  return uncompressed.includes(stored) ? EXPLICIT_VR_LITTLE_ENDIAN : stored;
}

/**
 * Reads the header of a DICOM file (PS3.10), the beginning of the file only where that suffices.
 * @throws DicomFileError where the file is not DICOM, is malformed, or ends before it should
 */
export async function readHeader(path: string): Promise<DicomHeader> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > LONGEST_FILE) throw new DicomFileError('malformed', 'is larger than 4 GiB');
    for (const wanted of [FIRST_READ, SECOND_READ, size]) {
      const bytes = await readBytes(file, 0, Math.min(wanted, size));
      if (bytes.length < 132 || bytes.toString('latin1', 128, 132) !== 'DICM') {
        throw new DicomFileError('not-dicom', 'does not begin as a DICOM file does');
      }
      const header = parse(bytes, bytes.length === size);
      if (header !== 'incomplete') {
        const { offset = 0, length = 0 } = header.pixelData ?? {};
        if (offset + length <= (header.inflated?.length ?? size)) return header;
        throw new DicomFileError('malformed', 'ends before its pixel data does');
      }
    }
    throw new DicomFileError('malformed', 'changed while it was read');
  } finally {
    await file.close();
  }
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

function parse(bytes: Buffer, whole: boolean): DicomHeader | 'incomplete' {
  let inflated: Uint8Array | null = null;
  const inflater = (deflated: Uint8Array, position: number) => {
    if (!whole) throw new Error('incomplete');
    const options = { maxOutputLength: LONGEST_INFLATED };
    inflated = inflateRawSync(deflated.subarray(position), options);
    return inflated;
  };
  const vrCallback = (tag: string) => vrOf(tag.slice(1).toUpperCase());
  let meta: DataSet;
  let dataSet: DataSet;
  try {
    meta = dicomParser.readPart10Header(bytes);
    dataSet = dicomParser.parseDicom(bytes, { untilTag: PIXEL_DATA, inflater, vrCallback });
  } catch (failure) {
    if (!whole) return 'incomplete';
    const reason = reasonOf(failure);
    const short = /overrun|past end/.test(reason);
    throw new DicomFileError(
      'malformed',
      short ? 'ends in the middle of an attribute' : `cannot be parsed: ${reason}`,
    );
  }
  const element = dataSet.elements[PIXEL_DATA];
  if (element === undefined && !whole) return 'incomplete';
  const transferSyntaxUID = meta.string('x00020010') ?? '';
  const sopClassUID = meta.string('x00020002');
  // They lie in the file, which an inflated data set is not a part of.
  if (inflated) for (const key of Object.keys(meta.elements)) delete dataSet.elements[key];
  return {
    dataSet,
    transferSyntaxUID,
    sopClassUID,
    inflated,
    pixelData:
      element === undefined
        ? null
        : {
            offset: element.dataOffset,
            length: element.hadUndefinedLength ? undefined : element.length,
          },
  };
}

/** dicom-parser throws strings, Errors and `{exception}` objects alike. */
function reasonOf(failure: unknown): string {
  if (failure instanceof Error) return failure.message;
  if (typeof failure === 'object' && failure !== null && 'exception' in failure) {
    return reasonOf(failure.exception);
  }
  return String(failure).replace(/^dicomParser\.?\w*: */, '');
}
