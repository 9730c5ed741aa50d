import { PIXEL_DATA, type ByteRange } from '../../dicom/dataSet';
import { damaged } from '../../dicom/dicomError';
import {
  encodedFrame,
  encodedFrames,
  frameAlone,
  frameBytes,
  nativeFrame,
  ownFrameNumbers,
  type ReadBytes,
} from '../../dicom/frames';
import { pixelsAreComplete, type DicomData } from '../../dicom/part10';
import { EXPLICIT_BIG_ENDIAN } from '../../dicom/transferSyntax';
import type { SlicePixels } from '../../series/types';
import { FileSource } from '../fileSource';
import { readDicomData, readDicomHeader } from './dicomFile';
import type { InstanceFile } from './dicomInstance';

/** The frames of one DICOM file; which are there is known, and no more of them held than is asked for. */
export interface StoredFrames {
  readonly transferSyntaxUID: string;
  /** The numbers of a native frame. @throws DicomError */
  native(frameIndex: number): Promise<SlicePixels>;
  /** The stream of a compressed frame. @throws DicomError */
  encoded(frameIndex: number): Promise<Uint8Array>;
}

/**
 * Opens the frames of a file: one that holds a single frame is read, of others each frame when it is
 * asked for.
 *
 * @throws InputError when it cannot be read or is damaged.
 */
export async function openFrames(
  instance: InstanceFile,
  signal?: AbortSignal,
): Promise<StoredFrames> {
  const { path, format } = instance;
  if (instance.frames.length === 1) {
    return (await nativeInPlace(instance)) ?? held(await readDicomData(path, signal), instance);
  }
  const header = await readDicomHeader(path, signal);
  if (header === null || header.isGzip) return held(await readDicomData(path, signal), instance);
  if (pixelsAreComplete(header.dataSet)) return held(header, instance);
  const { dataSet, transferSyntaxUID } = header;
  const length = frameBytes(format);
  // Two 8-bit pixels share a big-endian word, which then lies in two frames.
  if (transferSyntaxUID === EXPLICIT_BIG_ENDIAN && length % 2 === 1) {
    return held(await readDicomData(path, signal), instance);
  }
  const file = await FileSource.of(path);
  const read = async (range: ByteRange) => {
    const bytes = await file.read(range.offset, range.length);
    if (bytes.length < range.length) throw damaged('it has become shorter');
    return bytes;
  };
  let compressed: ReturnType<typeof encodedFrames> | null = null;
  const { dataOffset, vr } = dataSet.elements[PIXEL_DATA];
  return {
    transferSyntaxUID,
    async native(frameIndex) {
      const bytes = await read({ offset: dataOffset + frameIndex * length, length });
      return nativeFrame(frameAlone(bytes, vr), format, transferSyntaxUID, 0);
    },
    async encoded(frameIndex) {
      compressed ??= encodedFrames(dataSet, read);
      return encodedFrame((await compressed)[frameIndex], read);
    },
  };
}

/** The one native frame of a file whose header is known; null where it changed since, or needs more than reading. */
async function nativeInPlace(instance: InstanceFile): Promise<StoredFrames | null> {
  const { path, format, nativePixels, transferSyntaxUID } = instance;
  if (!nativePixels || transferSyntaxUID === EXPLICIT_BIG_ENDIAN) return null;
  const file = await FileSource.of(path);
  if (file.size !== nativePixels.fileSize) return null;
  return {
    transferSyntaxUID,
    async native() {
      const length = frameBytes(format);
      const bytes = await file.read(nativePixels.offset, length);
      if (bytes.length < length) throw damaged('it has become shorter');
      return ownFrameNumbers(bytes.buffer as ArrayBuffer, format);
    },
    encoded: () => Promise.reject(damaged('its pixel data hold no frame')),
  };
}

/** The frames of a file that is in memory. */
function held({ dataSet, transferSyntaxUID }: DicomData, { format }: InstanceFile): StoredFrames {
  const read: ReadBytes = ({ offset, length }) => dataSet.bytes.subarray(offset, offset + length);
  let compressed: ReturnType<typeof encodedFrames> | null = null;
  return {
    transferSyntaxUID,
    native: async (frameIndex) => nativeFrame(dataSet, format, transferSyntaxUID, frameIndex),
    async encoded(frameIndex) {
      compressed ??= encodedFrames(dataSet, read);
      return encodedFrame((await compressed)[frameIndex], read);
    },
  };
}
