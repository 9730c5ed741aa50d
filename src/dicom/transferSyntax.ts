/** How the elements of a data set are encoded (PS3.5 section 7.1). */
export interface Encoding {
  /** Whether each element says its value representation. */
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

/** Transfer syntaxes that say how the data set itself is encoded (PS3.5 Annex A). */
export const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const DEFLATED = '1.2.840.10008.1.2.1.99';
export const EXPLICIT_BIG_ENDIAN = '1.2.840.10008.1.2.2';

const NATIVE = [IMPLICIT_LITTLE_ENDIAN, EXPLICIT_LITTLE_ENDIAN, DEFLATED, EXPLICIT_BIG_ENDIAN];

export type Decoder =
  'decodeJpeg' | 'decodeJpegLs' | 'decodeJpeg2000' | 'decodeHtJpeg2000' | 'decodeRle';

const JPEG_BASELINE = '1.2.840.10008.1.2.4.50';
const JPEG_LS = '1.2.840.10008.1.2.4.80';
const JPEG_2000 = '1.2.840.10008.1.2.4.90';
const RLE = '1.2.840.10008.1.2.5';

const DECODERS: Readonly<Record<string, Decoder>> = {
  [JPEG_BASELINE]: 'decodeJpeg', // baseline, 8 bits
  '1.2.840.10008.1.2.4.51': 'decodeJpeg', // extended, 12 bits
  '1.2.840.10008.1.2.4.53': 'decodeJpeg', // spectral selection (retired)
  '1.2.840.10008.1.2.4.55': 'decodeJpeg', // full progression (retired)
  '1.2.840.10008.1.2.4.57': 'decodeJpeg', // lossless
  '1.2.840.10008.1.2.4.70': 'decodeJpeg', // lossless, first-order prediction
  [JPEG_LS]: 'decodeJpegLs',
  '1.2.840.10008.1.2.4.81': 'decodeJpegLs',
  [JPEG_2000]: 'decodeJpeg2000',
  '1.2.840.10008.1.2.4.91': 'decodeJpeg2000',
  '1.2.840.10008.1.2.4.201': 'decodeHtJpeg2000',
  '1.2.840.10008.1.2.4.202': 'decodeHtJpeg2000',
  '1.2.840.10008.1.2.4.203': 'decodeHtJpeg2000',
  [RLE]: 'decodeRle',
};

/** The decoder of compressed frames, or null where frames are stored as plain numbers or unknown. */
export function decoderOf(transferSyntaxUID: string): Decoder | null {
  return Object.hasOwn(DECODERS, transferSyntaxUID) ? DECODERS[transferSyntaxUID] : null;
}

export function isNative(transferSyntaxUID: string): boolean {
  return NATIVE.includes(transferSyntaxUID);
}

export function isReadableTransferSyntax(uid: string): boolean {
  return isNative(uid) || decoderOf(uid) !== null;
}

/** The encoding that a transfer syntax stands for; compressed ones are explicit, little endian. */
export function encodingOf(transferSyntaxUID: string): Encoding {
  return {
    explicit: transferSyntaxUID !== IMPLICIT_LITTLE_ENDIAN,
    littleEndian: transferSyntaxUID !== EXPLICIT_BIG_ENDIAN,
  };
}

/** The native transfer syntax of an encoding. */
export function nativeSyntaxOf({ explicit, littleEndian }: Encoding): string {
  if (!explicit) return IMPLICIT_LITTLE_ENDIAN;
  return littleEndian ? EXPLICIT_LITTLE_ENDIAN : EXPLICIT_BIG_ENDIAN;
}

/** The transfer syntax that the first bytes of a compressed frame tell, or null. */
export function syntaxOfStream(bytes: Uint8Array): string | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0x4f && c === 0xff && d === 0x51) return JPEG_2000;
  if (a === 0xff && b === 0xd8) return isJpegLs(bytes) ? JPEG_LS : JPEG_BASELINE;
  // An RLE header: the number of segments, then the first one's offset, which is always 64.
  const segments = a > 0 && a <= 15 && b === 0 && c === 0 && d === 0;
  return segments && bytes[4] === 64 && bytes[5] === 0 ? RLE : null;
}

/** JPEG-LS differs from JPEG by its frame header, SOF55; other segments may come before it. */
function isJpegLs(bytes: Uint8Array): boolean {
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1];
    if (marker === 0xf7) return true;
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4) return false;
    at += 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
  }
  return false;
}
