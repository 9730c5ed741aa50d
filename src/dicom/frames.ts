import { within } from '../limits/most';
import type { SlicePixels } from '../series/types';
import { DataSet, PIXEL_DATA, type ByteRange } from './dataSet';
import { damaged, DicomError } from './dicomError';
import type { PixelFormat } from './pixelFormat';
import { EXPLICIT_BIG_ENDIAN } from './transferSyntax';

const EXTENDED_OFFSET_TABLE = 'x7fe00001';
const EXTENDED_OFFSET_TABLE_LENGTHS = 'x7fe00002';

/** Number of Frames, at least 1. */
export function frameCount(dataSet: DataSet): number {
  return Math.max(1, dataSet.integer('x00280008') ?? 1);
}

/** @throws DicomError when a frame has more pixels than any slice, before anything is allocated */
export function checkFrameSize({ rows, columns }: PixelFormat): void {
  if (within('slicePixels', rows * columns)) return;
  throw new DicomError(
    `its image of ${rows} x ${columns} pixels is larger than any slice`,
    'Check its Rows and Columns (0028,0010, 0028,0011); export the file again.',
  );
}

/** What tells the frames of encapsulated pixel data apart. Offsets count from the first fragment's item. */
export interface FrameTables {
  readonly count: number;
  /** Basic Offset Table, empty where it is. */
  readonly basicOffsets: readonly number[];
  /** Extended Offset Table (PS3.3 C.7.6.3.1.8), where there is one. */
  readonly extended: readonly ByteRange[] | null;
}

/** The tables of a data set; the Basic Offset Table is the first item of its pixel data. */
export function frameTables(dataSet: DataSet, basicOffsetTable: Uint8Array): FrameTables {
  const words = (bytes: Uint8Array, size: 4 | 8) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) =>
      size === 4 ? view.getUint32(4 * i, true) : Number(view.getBigUint64(8 * i, true)),
    );
  };
  const valueOf = (tag: string) => {
    const element = dataSet.element(tag);
    return element ? words(dataSet.bytesOf(element), 8) : [];
  };
  const count = frameCount(dataSet);
  const [offsets, lengths] = [
    valueOf(EXTENDED_OFFSET_TABLE),
    valueOf(EXTENDED_OFFSET_TABLE_LENGTHS),
  ];
  const extended = offsets.length === count && lengths.length === count;
  return {
    count,
    basicOffsets: words(basicOffsetTable, 4),
    extended: extended ? offsets.map((offset, i) => ({ offset, length: lengths[i] })) : null,
  };
}

/**
 * The stretches of bytes that make each frame of encapsulated pixel data (PS3.5 A.4).
 *
 * @param fragments the items behind the Basic Offset Table.
 * @param endsImage whether a fragment ends with an end-of-image marker; asked only where no table
 *   tells the frames apart.
 * @throws DicomError when nothing does.
 */
export async function groupFragments(
  fragments: readonly ByteRange[],
  { count, basicOffsets, extended }: FrameTables,
  endsImage: (fragment: ByteRange) => boolean | Promise<boolean>,
): Promise<readonly (readonly ByteRange[])[]> {
  if (fragments.length === 0) throw damaged('its pixel data hold no frame');
  if (count === 1) return [fragments];
  if (fragments.length === count) return fragments.map((fragment) => [fragment]);
  const origin = fragments[0].offset - 8;
  const starts = new Map(fragments.map((fragment, i) => [fragment.offset - 8 - origin, i]));
  const byStarts = (offsets: readonly number[]) => {
    const firsts = offsets.map((offset) => starts.get(offset));
    if (firsts.some((first, i) => first === undefined || (i > 0 && first <= firsts[i - 1]!))) {
      return null;
    }
    return firsts.map((first, i) => fragments.slice(first, firsts[i + 1]));
  };
  const told =
    (extended && byStarts(extended.map(({ offset }) => offset))) ??
    (basicOffsets.length === count ? byStarts(basicOffsets) : null);
  if (told) return told;
  const frames: ByteRange[][] = [[]];
  for (const fragment of fragments) {
    frames.at(-1)!.push(fragment);
    if (await endsImage(fragment)) frames.push([]);
  }
  if (frames.at(-1)!.length === 0) frames.pop();
  if (frames.length === count) return frames;
  throw damaged('it does not say where its compressed frames begin');
}

/** Whether the last bytes of a fragment hold the marker that ends a JPEG image, and padding. */
export function isEndOfImage(lastBytes: Uint8Array): boolean {
  let end = lastBytes.length;
  while (end > 0 && lastBytes[end - 1] === 0) end--;
  return lastBytes[end - 2] === 0xff && lastBytes[end - 1] === 0xd9;
}

/** Reads a stretch of the bytes that a data set refers to. */
export type ReadBytes = (range: ByteRange) => Uint8Array | Promise<Uint8Array>;

/** The stretches of bytes that make each compressed frame of a data set. @throws as `groupFragments` */
export async function encodedFrames(
  dataSet: DataSet,
  read: ReadBytes,
): Promise<readonly (readonly ByteRange[])[]> {
  const [table, ...fragments] = dataSet.element(PIXEL_DATA)?.fragments ?? [];
  if (!table) throw damaged('its pixel data hold no frame');
  const tables = frameTables(dataSet, await read(table));
  const frames = await groupFragments(fragments, tables, async ({ offset, length }) => {
    const last = Math.min(3, length);
    return isEndOfImage(await read({ offset: offset + length - last, length: last }));
  });
  const { extended } = tables;
  if (extended === null) return frames;
  return frames.map((parts, i) =>
    parts.length === 1
      ? [{ ...parts[0], length: Math.min(parts[0].length, extended[i].length) }]
      : parts,
  );
}

/** A compressed stream of its parts, in memory of its own. */
export async function encodedFrame(
  parts: readonly ByteRange[],
  read: ReadBytes,
): Promise<Uint8Array> {
  const stream = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  // Millions of empty fragments are lawful.
  for (const part of parts.filter(({ length }) => length > 0)) {
    const bytes = read(part);
    stream.set(bytes instanceof Uint8Array ? bytes : await bytes, at);
    at += part.length;
  }
  return stream;
}

/** Pixel Data that begin with one native frame, whatever follows it. */
export function frameAlone(bytes: Uint8Array, vr: string | null = 'OW'): DataSet {
  const value = { vr, dataOffset: 0, length: bytes.length, items: null, fragments: null };
  const element = { tag: PIXEL_DATA, encapsulated: false, ...value };
  return new DataSet(bytes, true, { [PIXEL_DATA]: element });
}

/** Bytes of a native frame. */
export function frameBytes({ rows, columns, bitsAllocated }: PixelFormat): number {
  return (rows * columns * bitsAllocated) / 8;
}

/**
 * The numbers of one native frame, with all the bits that are allocated to each.
 *
 * @param frameIndex 0-based place of the frame in the pixel data.
 * @throws DicomError when the pixel data end before it does.
 */
export function nativeFrame(
  dataSet: DataSet,
  format: PixelFormat,
  transferSyntaxUID: string,
  frameIndex: number,
): SlicePixels {
  const element = dataSet.elements[PIXEL_DATA];
  const bytesPerPixel = format.bitsAllocated / 8;
  const length = frameBytes(format);
  const start = frameIndex * length;
  if (start + length > element.length) {
    throw damaged(`its pixel data end before frame ${frameIndex + 1} does`);
  }
  const value = dataSet.bytesOf(element);
  if (transferSyntaxUID !== EXPLICIT_BIG_ENDIAN) {
    return frameNumbers(value.subarray(start, start + length), format);
  }
  // Two 8-bit pixels share a big-endian word (PS3.5 section 7.3).
  const wordBytes = bytesPerPixel === 1 ? (element.vr === 'OW' ? 2 : 1) : bytesPerPixel;
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = value[(start + at) ^ (wordBytes - 1)];
  return frameNumbers(bytes, format);
}

/** Little-endian bytes of one frame as numbers of `bitsAllocated` bits; copied. */
export function frameNumbers(
  bytes: Uint8Array,
  format: Pick<PixelFormat, 'rows' | 'columns' | 'signed'>,
): SlicePixels {
  return ownFrameNumbers(new Uint8Array(bytes).buffer, format);
}

/** Memory that holds one frame, little endian, as numbers of `bitsAllocated` bits; the same memory. */
export function ownFrameNumbers(
  frame: ArrayBuffer,
  { rows, columns, signed }: Pick<PixelFormat, 'rows' | 'columns' | 'signed'>,
): SlicePixels {
  const bytesPerPixel = frame.byteLength / (rows * columns);
  if (bytesPerPixel === 1) return signed ? new Int8Array(frame) : new Uint8Array(frame);
  if (bytesPerPixel === 2) return signed ? new Int16Array(frame) : new Uint16Array(frame);
  if (bytesPerPixel === 4) return signed ? new Int32Array(frame) : new Uint32Array(frame);
  throw damaged(`a frame of ${rows} x ${columns} pixels has ${frame.byteLength} bytes`);
}
