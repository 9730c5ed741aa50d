import dcmjsCodecs from 'dcmjs-codecs';
import type { SlicePixels } from '../series/types';
import { DicomError } from './dicomError';
import { frameNumbers } from './frames';
import type { PixelFormat } from './pixelFormat';
import type { Decoder } from './transferSyntax';

const { Context, NativeCodecs } = dcmjsCodecs;

let opening: Promise<void> | null = null;

/**
 * Decodes one compressed frame into stored values.
 *
 * The decoders share one WebAssembly instance, which a damaged frame leaves without part of its
 * memory or in a state of its own; after each failure the next frame gets a fresh one.
 *
 * @throws DicomError when the stream cannot be decoded.
 */
export async function decodeFrame(
  decoder: Decoder,
  encoded: Uint8Array,
  format: PixelFormat,
): Promise<SlicePixels> {
  while (!NativeCodecs.isInitialized()) {
    opening ??= NativeCodecs.initializeAsync().finally(() => (opening = null));
    await opening;
  }
  try {
    const decoded = NativeCodecs[decoder](
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
    return frameNumbers(decoded.getDecodedBuffer() ?? new Uint8Array(), format);
  } catch (cause) {
    NativeCodecs.release();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DicomError(
      `its compressed stream cannot be decoded (${why})`,
      'Export or copy the file again, if possible uncompressed.',
      { cause },
    );
  }
}
