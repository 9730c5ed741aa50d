import { open, type FileHandle } from 'node:fs/promises';
import {
  DicomFileError,
  EXPLICIT_VR_BIG_ENDIAN,
  readBytes,
  readHeader,
  type DicomHeader,
} from './dicomHeader';

/** A stretch of a file, in bytes. */
interface ByteRange {
  offset: number;
  length: number;
}

const ITEM = 0xe000fffe;
const SEQUENCE_DELIMITER = 0xe0ddfffe;

/**
 * The frames of one DICOM file, read from disk when asked for. Compressed frames come as stored;
 * uncompressed ones in little endian byte order (see `servedTransferSyntax`).
 */
export class FrameReader {
  private constructor(
    private readonly path: string,
    private readonly frames: ByteRange[][],
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
    const bigEndian = header.transferSyntaxUID === EXPLICIT_VR_BIG_ENDIAN;
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

async function locateFrames(path: string, header: DicomHeader): Promise<ByteRange[][]> {
  const { dataSet, pixelData } = header;
  if (!pixelData) return [];
  const count = dataSet.intString('x00280008') ?? 1;
  if (pixelData.length !== undefined) {
    return nativeFrames(header, { ...pixelData, length: pixelData.length }, count);
  }
  const file = await open(path, 'r');
  try {
    return await encapsulatedFrames(file, pixelData.offset, count);
  } finally {
    await file.close();
  }
}

function nativeFrames(
  { dataSet }: DicomHeader,
  pixelData: ByteRange,
  count: number,
): ByteRange[][] {
  const samples = dataSet.uint16('x00280002') ?? 1;
  const pixels = (dataSet.uint16('x00280010') ?? 0) * (dataSet.uint16('x00280011') ?? 0);
  const subsampled = dataSet.string('x00280004') === 'YBR_FULL_422';
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

/** Encapsulated pixel data: a basic offset table, then the fragments (PS3.5 A.4). */
async function encapsulatedFrames(
  file: FileHandle,
  offset: number,
  count: number,
): Promise<ByteRange[][]> {
  const [table, ...fragments] = await readItems(file, offset);
  if (!table || fragments.length === 0) {
    throw new DicomFileError('malformed', 'has no fragments in its pixel data');
  }
  if (count === 1) return [fragments];
  if (fragments.length === count) return fragments.map((fragment) => [fragment]);
  if (table.length !== count * 4) {
    throw new DicomFileError('malformed', 'does not say where its compressed frames begin');
  }
  const offsets = await readBytes(file, table.offset, table.length);
  const firstItem = table.offset + table.length;
  const frames: ByteRange[][] = Array.from({ length: count }, () => []);
  let frame = 0;
  for (const fragment of fragments) {
    const itemOffset = fragment.offset - 8 - firstItem;
    while (frame + 1 < count && itemOffset >= offsets.readUInt32LE((frame + 1) * 4)) frame += 1;
    frames[frame]!.push(fragment);
  }
  return frames;
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
