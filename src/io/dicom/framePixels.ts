import dcmjsCodecs from 'dcmjs-codecs';
import type { Context } from 'dcmjs-codecs';
import dicomParser from 'dicom-parser';
import type { DataSet, Element } from 'dicom-parser';
import type { SlicePixels } from '../../series/types';
import { InputError } from '../types';
import {
  DEFLATED,
  EXPLICIT_BIG_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
  PIXEL_DATA,
} from './dicomFile';
import type { DicomData } from './dicomFile';
import type { DicomInstance, PixelFormat } from './dicomInstance';

type Decoder = 'decodeJpeg' | 'decodeJpegLs' | 'decodeJpeg2000' | 'decodeHtJpeg2000' | 'decodeRle';

const NATIVE = [IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, DEFLATED, EXPLICIT_BIG_ENDIAN];
const DECODERS: Readonly<Record<string, Decoder>> = {
  '1.2.840.10008.1.2.4.50': 'decodeJpeg', // baseline, 8 bits
  '1.2.840.10008.1.2.4.51': 'decodeJpeg', // extended, 12 bits
  '1.2.840.10008.1.2.4.53': 'decodeJpeg', // spectral selection (retired)
  '1.2.840.10008.1.2.4.55': 'decodeJpeg', // full progression (retired)
  '1.2.840.10008.1.2.4.57': 'decodeJpeg', // lossless
  '1.2.840.10008.1.2.4.70': 'decodeJpeg', // lossless, first-order prediction
  '1.2.840.10008.1.2.4.80': 'decodeJpegLs',
  '1.2.840.10008.1.2.4.81': 'decodeJpegLs',
  '1.2.840.10008.1.2.4.90': 'decodeJpeg2000',
  '1.2.840.10008.1.2.4.91': 'decodeJpeg2000',
  '1.2.840.10008.1.2.4.201': 'decodeHtJpeg2000',
  '1.2.840.10008.1.2.4.202': 'decodeHtJpeg2000',
  '1.2.840.10008.1.2.4.203': 'decodeHtJpeg2000',
  '1.2.840.10008.1.2.5': 'decodeRle',
};

export function isReadableTransferSyntax(uid: string): boolean {
  return NATIVE.includes(uid) || uid in DECODERS;
}

/**
 * Decodes one frame into stored values (before Rescale Slope and Intercept), sign-extended and
 * freed of bits above Bits Stored.
 *
 * @param frameIndex 0-based place of the frame in the pixel data.
 * @throws InputError naming the file when the frame is missing or cannot be decoded.
 */
export async function readFrame(
  instance: DicomInstance,
  { dataSet, transferSyntaxUID }: DicomData,
  frameIndex: number,
): Promise<SlicePixels> {
  const { path, format } = instance;
  const element = dataSet.elements[PIXEL_DATA];
  if (!element) throw damaged(path, 'it holds no Pixel Data (7FE0,0010)');
  const decoder = DECODERS[transferSyntaxUID];
  if (decoder === undefined) {
    const values = nativeFrame(path, dataSet, element, format, transferSyntaxUID, frameIndex);
    return keepStoredBits(values, format, format.highBit + 1 - format.bitsStored);
  }
  try {
    const values = await decode(decoder, format, encodedFrame(dataSet, element, frameIndex));
    return keepStoredBits(values, format, 0);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw damaged(path, `frame ${frameIndex + 1} cannot be decoded (${why})`, cause);
  }
}

function nativeFrame(
  path: string,
  dataSet: DataSet,
  element: Element,
  format: PixelFormat,
  transferSyntaxUID: string,
  frameIndex: number,
): SlicePixels {
  const count = format.rows * format.columns;
  const bytesPerPixel = format.bitsAllocated / 8;
  const start = element.dataOffset + frameIndex * count * bytesPerPixel;
  const end = start + count * bytesPerPixel;
  if (end > element.dataOffset + element.length) {
    throw damaged(path, `its pixel data end before frame ${frameIndex + 1} does`);
  }
  const bytes = Buffer.alloc(end - start);
  if (transferSyntaxUID !== EXPLICIT_BIG_ENDIAN) {
    bytes.set(dataSet.byteArray.subarray(start, end));
  } else if (bytesPerPixel === 1 && element.vr === 'OW') {
    // Two 8-bit pixels share a big-endian word (PS3.5 section 7.3).
    for (let at = 0; at < bytes.length; at++) {
      bytes[at] = dataSet.byteArray[element.dataOffset + ((start - element.dataOffset + at) ^ 1)];
    }
  } else {
    bytes.set(dataSet.byteArray.subarray(start, end));
    if (bytesPerPixel === 2) bytes.swap16();
    if (bytesPerPixel === 4) bytes.swap32();
  }
  return viewOf(bytes, bytesPerPixel, format.signed);
}

/** The compressed stream of one frame (PS3.5 Annex A.4). */
function encodedFrame(dataSet: DataSet, element: Element, frameIndex: number): Uint8Array {
  const fragments = element.fragments ?? [];
  const frames = Math.max(1, dataSet.intString('x00280008') ?? 1);
  if (frames === 1) {
    return dicomParser.readEncapsulatedPixelDataFromFragments(
      dataSet,
      element,
      0,
      fragments.length,
    );
  }
  if (element.basicOffsetTable?.length) {
    return dicomParser.readEncapsulatedImageFrame(dataSet, element, frameIndex);
  }
  if (fragments.length === frames) {
    return dicomParser.readEncapsulatedPixelDataFromFragments(dataSet, element, frameIndex, 1);
  }
  const offsets = dicomParser.createJPEGBasicOffsetTable(dataSet, element);
  return dicomParser.readEncapsulatedImageFrame(dataSet, element, frameIndex, offsets);
}

let ready: Promise<void> | null = null;

async function decode(
  decoder: Decoder,
  format: PixelFormat,
  encoded: Uint8Array,
): Promise<SlicePixels> {
  const { Context, NativeCodecs } = dcmjsCodecs;
  ready ??= NativeCodecs.initializeAsync();
  await ready;
  const decoded: Context = NativeCodecs[decoder](
    new Context({
      width: format.columns,
      height: format.rows,
      bitsAllocated: format.bitsAllocated,
      bitsStored: format.bitsStored,
      samplesPerPixel: 1,
      pixelRepresentation: format.signed ? 1 : 0,
      planarConfiguration: 0,
      photometricInterpretation: 'MONOCHROME2',
      encodedBuffer: new Uint8Array(encoded),
    }),
  );
  const bytes = decoded.getDecodedBuffer() ?? new Uint8Array();
  const bytesPerPixel = bytes.length / (format.rows * format.columns);
  if (![1, 2, 4].includes(bytesPerPixel)) {
    throw new Error(`${bytes.length} bytes for ${format.rows} x ${format.columns} pixels`);
  }
  return viewOf(Buffer.from(bytes), bytesPerPixel, format.signed);
}

function viewOf(bytes: Buffer, bytesPerPixel: number, signed: boolean): SlicePixels {
  const aligned = new Uint8Array(bytes).buffer;
  if (bytesPerPixel === 1) return signed ? new Int8Array(aligned) : new Uint8Array(aligned);
  if (bytesPerPixel === 2) return signed ? new Int16Array(aligned) : new Uint16Array(aligned);
  return signed ? new Int32Array(aligned) : new Uint32Array(aligned);
}

/** Keeps `bitsStored` bits above the lowest `shift` ones, in place. */
function keepStoredBits(
  values: SlicePixels,
  { bitsStored, signed }: PixelFormat,
  shift: number,
): SlicePixels {
  if (bitsStored >= values.BYTES_PER_ELEMENT * 8 || bitsStored < 1) return values;
  const up = 32 - bitsStored - Math.max(0, shift);
  const down = 32 - bitsStored;
  for (let i = 0; i < values.length; i++) {
    values[i] = signed ? (values[i] << up) >> down : (values[i] << up) >>> down;
  }
  return values;
}

function damaged(path: string, what: string, cause?: unknown): InputError {
  return new InputError(path, what, 'Export or copy the file again, if possible uncompressed.', {
    cause,
  });
}
