import dcmjsCodecs from 'dcmjs-codecs';
import { within } from '../limits/most';
import type { SlicePixels } from '../series/types';
import { DicomError } from './dicomError';
import { frameNumbers, isEndOfImage } from './frames';
import type { PixelFormat } from './pixelFormat';
import { streamSize } from './streamSize';
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
  const size = streamSize(encoded);
  if (size !== null && (size.rows !== format.rows || size.columns !== format.columns)) {
    const said = `${format.rows} x ${format.columns}`;
    throw undecodable(`it holds ${size.rows} x ${size.columns} pixels, the header says ${said}`);
  }
  if (size !== null && !(within('components', size.components) && within('tiles', size.tiles))) {
    throw undecodable(`it holds ${size.components} components in ${size.tiles} tiles`);
  }
  // The decoder of JPEG-LS takes minutes to find out that its stream ends.
  if (decoder === 'decodeJpegLs' && !isEndOfImage(encoded)) {
    throw undecodable('it ends before its image does');
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
    throw undecodable(cause instanceof Error ? cause.message.trim() : String(cause), cause);
  }
}

function undecodable(why: string, cause?: unknown): DicomError {
  return new DicomError(
    `its compressed stream cannot be decoded (${why})`,
    'Export or copy the file again, if possible uncompressed.',
    { cause },
  );
}
