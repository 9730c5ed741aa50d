import { open, readFile } from 'node:fs/promises';
import { inflateRawSync } from 'node:zlib';
import dicomParser from 'dicom-parser';
import type { DataSet } from 'dicom-parser';
import { InputError, unreadable } from '../types';

/** Transfer syntaxes that say how the data set itself is encoded (PS3.5 Annex A). */
export const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const DEFLATED = '1.2.840.10008.1.2.1.99';
export const EXPLICIT_BIG_ENDIAN = '1.2.840.10008.1.2.2';

export const PIXEL_DATA = 'x7fe00010';
const UNDEFINED_LENGTH = 0xffffffff;
/** Enough for nearly every header; longer ones are read whole. */
const FIRST_READ_BYTES = 128 * 1024;

export interface DicomData {
  readonly transferSyntaxUID: string;
  readonly dataSet: DataSet;
}

/**
 * Reads all attributes of a DICOM file up to its Pixel Data, of which only the place is read.
 *
 * @returns null when the file is not DICOM.
 * @throws InputError when it is DICOM but damaged, cut off within its pixel data included.
 */
export async function readDicomHeader(
  path: string,
  signal?: AbortSignal,
): Promise<DicomData | null> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const { size } = await file.stat();
    const first = Buffer.alloc(Math.min(size, FIRST_READ_BYTES));
    const { bytesRead } = await file.read(first, 0, first.length, 0).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    const start = splitMeta(first.subarray(0, bytesRead));
    if (start === null) return null;
    const whole = () => readWhole(path, signal);
    const attempt = size > bytesRead ? parse(start, { stopAtPixels: true }) : null;
    if (attempt === null || !(PIXEL_DATA in attempt.elements)) {
      return parseWhole(path, await whole(), true);
    }
    const end = await endOfPixelData(file, start, attempt, size);
    if (end === null) return parseWhole(path, await whole(), true);
    if (end > size) throw endsEarly(path, `its pixel data needs ${end} bytes, it has ${size}`);
    return { transferSyntaxUID: start.transferSyntaxUID, dataSet: attempt };
  } finally {
    await file.close();
  }
}

/**
 * Reads a DICOM file with its pixel data.
 *
 * @throws InputError when it cannot be read or is damaged.
 */
export async function readDicomData(path: string, signal?: AbortSignal): Promise<DicomData> {
  return parseWhole(path, await readWhole(path, signal), false);
}

interface SplitFile {
  readonly transferSyntaxUID: string;
  /** Everything after the File Meta Information. */
  readonly body: Buffer;
  readonly bodyOffset: number;
}

/**
 * Finds the data set behind the preamble and the File Meta Information (PS3.10 section 7.1), or in
 * a file without them (as some old archives wrote). Null when it is none of these.
 */
function splitMeta(bytes: Buffer): SplitFile | null {
  const hasPreamble = bytes.length >= 132 && bytes.toString('latin1', 128, 132) === 'DICM';
  let at = hasPreamble ? 132 : 0;
  let transferSyntaxUID: string | null = null;
  while (at + 8 <= bytes.length && bytes.readUInt16LE(at) === 0x0002) {
    const element = bytes.readUInt16LE(at + 2);
    const long = /^(OB|UN|UT)$/.test(bytes.toString('latin1', at + 4, at + 6));
    if (long && at + 12 > bytes.length) return null;
    const length = long ? bytes.readUInt32LE(at + 8) : bytes.readUInt16LE(at + 6);
    at += long ? 12 : 8;
    if (element === 0x0010) {
      transferSyntaxUID = bytes.toString('latin1', at, at + length).replace(/[\0 ]+$/, '');
    }
    at += length;
  }
  if (transferSyntaxUID === null) {
    if (!hasPreamble && !looksLikeDataSet(bytes)) return null;
    const vr = bytes.toString('latin1', at + 4, at + 6);
    transferSyntaxUID = /^[A-Z]{2}$/.test(vr) ? EXPLICIT_LITTLE_ENDIAN : IMPLICIT_LITTLE_ENDIAN;
  }
  return { transferSyntaxUID, body: bytes.subarray(at), bodyOffset: at };
}

/** A data set without meta information starts with group 0008, a low element and a short value. */
function looksLikeDataSet(bytes: Buffer): boolean {
  if (bytes.length < 16 || bytes.readUInt16LE(0) !== 0x0008) return false;
  const element = bytes.readUInt16LE(2);
  const explicit = /^(UL|CS|UI|DA|TM)$/.test(bytes.toString('latin1', 4, 6));
  const length = explicit ? bytes.readUInt16LE(6) : bytes.readUInt32LE(4);
  return element <= 0x0018 && length <= 256;
}

function parseWhole(path: string, bytes: Buffer, stopAtPixels: boolean): DicomData {
  const split = splitMeta(bytes);
  if (split === null) {
    throw new InputError(path, 'is not a DICOM file', 'Give a DICOM or NIfTI file, or a folder.');
  }
  const dataSet = parse(split, { stopAtPixels });
  if (dataSet === null) throw endsEarly(path, 'its header cannot be followed to the end');
  const pixels = dataSet.elements[PIXEL_DATA];
  // Stopped at the pixels, their end was not looked at yet.
  if (stopAtPixels && pixels && parse(split, { stopAtPixels: false }) === null) {
    throw endsEarly(path, 'its pixel data are incomplete');
  }
  return { transferSyntaxUID: split.transferSyntaxUID, dataSet };
}

/** The data set, or null when the bytes end or make no sense before its pixel data do. */
function parse(split: SplitFile, { stopAtPixels }: { stopAtPixels: boolean }): DataSet | null {
  let dataSet: DataSet | undefined;
  try {
    const deflated = split.transferSyntaxUID === DEFLATED;
    dataSet = dicomParser.parseDicom(deflated ? inflateRawSync(split.body) : split.body, {
      TransferSyntaxUID: deflated ? EXPLICIT_LITTLE_ENDIAN : split.transferSyntaxUID,
      ...(stopAtPixels ? { untilTag: PIXEL_DATA } : {}),
    });
    return stopAtPixels || pixelsAreComplete(dataSet) ? dataSet : null;
  } catch (error) {
    // Rubbish behind complete pixel data does no harm; the parser hands over what it had.
    dataSet = (error as { dataSet?: DataSet } | null)?.dataSet;
    const usable = dataSet && PIXEL_DATA in dataSet.elements && pixelsAreComplete(dataSet);
    return usable ? (dataSet ?? null) : null;
  }
}

function pixelsAreComplete(dataSet: DataSet): boolean {
  const pixels = dataSet.elements[PIXEL_DATA];
  if (!pixels) return true;
  const last = pixels.fragments?.at(-1);
  const end = last ? last.position + last.length : pixels.dataOffset + pixels.length;
  return end <= dataSet.byteArray.length;
}

/**
 * Offset in the file behind the pixel data, read from the lengths alone; null when that takes more
 * than following the fragments of an encapsulated image.
 */
async function endOfPixelData(
  file: { read: (b: Buffer, o: number, n: number, at: number) => Promise<{ bytesRead: number }> },
  split: SplitFile,
  dataSet: DataSet,
  size: number,
): Promise<number | null> {
  if (split.transferSyntaxUID === DEFLATED) return null;
  const { dataOffset, length } = dataSet.elements[PIXEL_DATA];
  let at = split.bodyOffset + dataOffset;
  if (length !== UNDEFINED_LENGTH) return at + length;
  const header = Buffer.alloc(8);
  while (at + 8 <= size) {
    await file.read(header, 0, 8, at);
    const [group, element] = [header.readUInt16LE(0), header.readUInt16LE(2)];
    if (group !== 0xfffe) return null;
    at += 8;
    if (element === 0xe0dd) return at;
    at += header.readUInt32LE(4);
  }
  return at;
}

async function readWhole(path: string, signal?: AbortSignal): Promise<Buffer> {
  try {
    return await readFile(path, { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreadable(path, cause);
  }
}

function endsEarly(path: string, what: string): InputError {
  return new InputError(
    path,
    `the DICOM file is damaged or cut off: ${what}`,
    'Export or copy the file again.',
  );
}
