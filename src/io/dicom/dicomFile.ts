import { open, readFile, type FileHandle } from 'node:fs/promises';
import { DataSet, PIXEL_DATA, type ByteRange } from '../../dicom/dataSet';
import { damaged, DicomError } from '../../dicom/dicomError';
import {
  fileStart,
  isDeflated,
  pixelsAreComplete,
  readBody,
  type DicomData,
  type FileStart,
  type ReadBody,
} from '../../dicom/part10';
import { within } from '../../limits/most';
import { InputError, unreadable } from '../types';
import { isGzip } from '../../nifti/niftiFile';
import { gunzip, gunzipBeginning, inflate } from './inflate';

/** Enough for nearly every header; that of many frames takes another read, or the whole file. */
const FIRST_READS = [16 * 1024, 128 * 1024, 2 * 1024 ** 2, 16 * 1024 ** 2];

/** A DICOM file as far as it was read. Offsets in its data set count from the start of the file. */
export interface DicomFile extends DicomData {
  readonly start: FileStart;
  /** The data set after inflation, which its offsets then refer to, for deflated files only. */
  readonly inflated: Uint8Array | null;
  /** Whether it lies in a gzip; offsets then refer to what that decompresses to. */
  readonly isGzip: boolean;
  readonly fileSize: number;
}

/**
 * Reads all attributes of a DICOM file up to its Pixel Data, of which only the place is read, and that
 * of its fragments.
 *
 * @returns null when the file is not DICOM.
 * @throws InputError when it cannot be read, or is DICOM but damaged, cut off within its pixel data
 *   included.
 */
export async function readDicomHeader(
  path: string,
  signal?: AbortSignal,
): Promise<DicomFile | null> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const { size } = await file.stat();
    for (const wanted of FIRST_READS) {
      const read = await beginning(file, Math.min(wanted, size)).catch((cause: unknown) => {
        throw unreadable(path, cause);
      });
      const inGzip = isGzip(read);
      const bytes = inGzip ? await gunzipBeginning(read, wanted) : read;
      const start = fileStart(bytes);
      if (start === null) return null;
      if (isDeflated(bytes, start) || (!inGzip && bytes.length === size)) break;
      const header = readBody(bytes, start.bodyOffset, start, { stopAtPixels: true });
      if (header.end !== 'pixels') continue;
      // Whether a gzip is whole is known when it is read.
      if (inGzip) return { ...header, start, inflated: null, isGzip: true, fileSize: size };
      const dataSet = await withPixelData(file, header, size);
      if (dataSet === null) break;
      const { dataOffset, length } = dataSet.elements[PIXEL_DATA];
      const end = dataOffset + length;
      if (end > size) throw damaged(`its pixel data needs ${end} bytes, it has ${size}`);
      return { ...header, dataSet, start, inflated: null, isGzip: false, fileSize: size };
    }
    return await readWhole(path, signal);
  } catch (error) {
    throw named(path, error);
  } finally {
    await file.close();
  }
}

/**
 * Reads a DICOM file with its pixel data.
 *
 * @throws InputError when it cannot be read, is not DICOM or is damaged.
 */
export async function readDicomData(path: string, signal?: AbortSignal): Promise<DicomFile> {
  try {
    const file = await readWhole(path, signal);
    if (file) return file;
    throw new DicomError('is not a DICOM file', 'Give a DICOM or NIfTI file, or a folder.');
  } catch (error) {
    throw named(path, error);
  }
}

async function readWhole(path: string, signal?: AbortSignal): Promise<DicomFile | null> {
  const file = await readFile(path, { signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw unreadable(path, cause);
  });
  const inGzip = isGzip(file);
  const bytes = inGzip ? await gunzip(file) : file;
  const start = fileStart(bytes);
  if (start === null) return null;
  const inflated = isDeflated(bytes, start)
    ? await inflate(bytes.subarray(start.bodyOffset))
    : null;
  const read = readBody(inflated ?? bytes, inflated ? 0 : start.bodyOffset, start);
  // Rubbish behind complete pixel data does no harm; a header without elements is one that is cut.
  const isWhole = read.end === 'complete' && Object.keys(read.dataSet.elements).length > 0;
  const usable = isWhole || read.dataSet.has(PIXEL_DATA);
  if (usable && pixelsAreComplete(read.dataSet))
    return { ...read, start, inflated, isGzip: inGzip, fileSize: file.length };
  const pixels = readBody(inflated ?? bytes, inflated ? 0 : start.bodyOffset, start, {
    stopAtPixels: true,
  });
  throw damaged(
    pixels.end === 'pixels'
      ? 'its pixel data are incomplete'
      : 'its header cannot be followed to the end',
  );
}

/** The first `length` bytes of a file. */
async function beginning(file: FileHandle, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(bytes, 0, length, 0);
  return bytes.subarray(0, bytesRead);
}

/**
 * The data set of a header with the length and the fragments of its pixel data, read from the lengths
 * alone; null when that takes more than following the fragments of an encapsulated image.
 */
async function withPixelData(
  file: FileHandle,
  { dataSet }: ReadBody,
  size: number,
): Promise<DataSet | null> {
  const pixels = dataSet.elements[PIXEL_DATA];
  const { dataOffset, encapsulated } = pixels;
  if (!encapsulated) return dataSet;
  const fragments: ByteRange[] = [];
  const header = Buffer.alloc(8);
  let at = dataOffset;
  for (let reads = 1; at + 8 <= size; reads++) {
    if (!within('fragmentReads', reads)) return null;
    await file.read(header, 0, 8, at);
    const [group, element] = [header.readUInt16LE(0), header.readUInt16LE(2)];
    if (group !== 0xfffe) return null;
    at += 8;
    if (element === 0xe0dd) break;
    const length = header.readUInt32LE(4);
    fragments.push({ offset: at, length });
    at += length;
  }
  const known = { ...pixels, length: at - dataOffset, fragments };
  const elements = { ...dataSet.elements, [PIXEL_DATA]: known };
  return new DataSet(dataSet.bytes, dataSet.littleEndian, elements);
}

function named(path: string, error: unknown): unknown {
  return error instanceof DicomError
    ? new InputError(path, error.message, error.advice, { cause: error })
    : error;
}
