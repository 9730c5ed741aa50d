import { within } from '../limits/most';
import { DicomError } from './dicomError';
import { isEndOfImage } from './frames';
import type { PixelFormat } from './pixelFormat';
import { streamSize } from './streamSize';
import type { Decoder } from './transferSyntax';

/**
 * Checks what a compressed stream says of itself, before a decoder allocates by it.
 *
 * @throws DicomError when it is of another size than the header says, of more parts than any, or cut.
 */
export function checkStream(decoder: Decoder, encoded: Uint8Array, format: PixelFormat): void {
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
}

export function undecodable(why: string, cause?: unknown): DicomError {
  return new DicomError(
    `its compressed stream cannot be decoded (${why})`,
    'Export or copy the file again, if possible uncompressed.',
    { cause },
  );
}
