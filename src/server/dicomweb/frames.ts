import { open, type FileHandle } from 'node:fs/promises';
import type { ByteRange, DataSet } from '../../dicom/dataSet';
import { DicomError } from '../../dicom/dicomError';
import { frameCount, frameTables, groupFragments, isEndOfImage } from '../../dicom/frames';
import { EXPLICIT_BIG_ENDIAN } from '../../dicom/transferSyntax';
import { DicomFileError, readBytes, readHeader, type DicomHeader } from './dicomHeader';

const ITEM = 0xe000fffe;
const SEQUENCE_DELIMITER = 0xe0ddfffe;

/**
 * The frames of one DICOM file, read from disk when asked for. Compressed frames come as stored;
 * uncompressed ones in little endian byte order (see `servedTransferSyntax`).
 */
export class FrameReader {
  private constructor(
    private readonly path: string,
    private readonly frames: readonly (readonly ByteRange[])[],
    private readonly inflated: Uint8Array | null,
    private readonly swapBytes: boolean,
  ) {}

  /**
   * Finds where the frames of a file lie.
   * @throws DicomFileError where they cannot be told apart or do not fit the file
   */
  static async open(path: string): Promise<FrameReader> {
    const header = await readHeader(path);
    const frames = await locateFrames(path, header);
    const bigEndian = header.transferSyntaxUID === EXPLICIT_BIG_ENDIAN;
    const words = header.dataSet.uint16('x00280100') === 16;
    return new FrameReader(path, frames, header.inflated, bigEndian && words);
  }

  get count(): number {
    return this.frames.length;
  }

  /** The bytes of one frame. @param number counts from 1, at most `count` */
  async read(number: number): Promise<Buffer> {
    const ranges = this.frames[number - 1];
    if (!ranges) throw new RangeError(`frame ${number} of ${this.count}`);
    const bytes = this.inflated
      ? Buffer.concat(
          ranges.map(({ offset, length }) => this.inflated!.subarray(offset, offset + length)),
        )
      : await readRanges(this.path, ranges);
    return this.swapBytes ? bytes.swap16() : bytes;
  }
}

/** Reads `length` bytes at `offset` of a file, or of its inflated form. */
export async function readStretch(
  path: string,
  { inflated }: DicomHeader,
  offset: number,
  length: number,
): Promise<Buffer> {
  if (inflated) return Buffer.from(inflated.subarray(offset, offset + length));
  return readRanges(path, [{ offset, length }]);
}

async function readRanges(path: string, ranges: readonly ByteRange[]): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const parts: Buffer[] = [];
    for (const { offset, length } of ranges) {
      const part = await readBytes(file, offset, length);
      if (part.length < length) throw new DicomFileError('malformed', 'has become shorter');
      parts.push(part);
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  } finally {
    await file.close();
  }
}

async function locateFrames(
  path: string,
  header: DicomHeader,
): Promise<readonly (readonly ByteRange[])[]> {
  const { dataSet, pixelData } = header;
  if (!pixelData) return [];
  if (pixelData.length !== undefined) {
    const { offset, length } = pixelData;
    return nativeFrames(dataSet, { offset, length }, frameCount(dataSet));
  }
  const file = await open(path, 'r');
  try {
    const [table, ...fragments] = await readItems(file, pixelData.offset);
    if (!table) throw new DicomFileError('malformed', 'has no fragments in its pixel data');
    const tables = frameTables(dataSet, await readBytes(file, table.offset, table.length));
    return await groupFragments(fragments, tables, async ({ offset, length }) =>
      isEndOfImage(await readBytes(file, offset + Math.max(0, length - 3), Math.min(3, length))),
    );
  } catch (failure) {
    if (!(failure instanceof DicomError)) throw failure;
    throw new DicomFileError('malformed', failure.message);
  } finally {
    await file.close();
  }
}

function nativeFrames(dataSet: DataSet, pixelData: ByteRange, count: number): ByteRange[][] {
  const samples = dataSet.uint16('x00280002') ?? 1;
  const pixels = (dataSet.uint16('x00280010') ?? 0) * (dataSet.uint16('x00280011') ?? 0);
  const subsampled = dataSet.text('x00280004') === 'YBR_FULL_422';
  const bitsAllocated = dataSet.uint16('x00280100') ?? 0;
  const bits = pixels * (subsampled ? 2 : samples) * bitsAllocated;
  if (bits % 8 !== 0 && count > 1) {
    throw new DicomFileError('malformed', 'has frames that do not begin on a byte');
  }
  const length = Math.ceil(bits / 8);
  if (length === 0 || length * count > pixelData.length) {
    throw new DicomFileError('malformed', 'has less pixel data than its size says');
  }
  return Array.from({ length: count }, (_, index) => [
    { offset: pixelData.offset + index * length, length },
  ]);
}

async function readItems(file: FileHandle, offset: number): Promise<ByteRange[]> {
  const { size } = await file.stat();
  const items: ByteRange[] = [];
  for (let position = offset; ;) {
    const head = await readBytes(file, position, 8);
    const tag = head.length === 8 ? head.readUInt32LE(0) : undefined;
    if (tag === SEQUENCE_DELIMITER) return items;
    const item = { offset: position + 8, length: tag === ITEM ? head.readUInt32LE(4) : Infinity };
    if (item.offset + item.length > size) {
      throw new DicomFileError('malformed', 'ends before its pixel data does');
    }
    items.push(item);
    position = item.offset + item.length;
  }
}
