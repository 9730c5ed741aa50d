import type { Modality, SlicePixels } from '../series/types';
import type { PixelFormat } from './pixelFormat';

/** Hounsfield units of air, which stands for pixels outside the image. */
const AIR_HU = -1024;
/** Padding between these HU could as well be tissue, so it is left as it is. */
const TISSUE_HU = { low: -1000, high: 3071 };

/** Modality value = stored value * slope + intercept (PS3.3 C.11.1). */
export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/** Pixels with what turns them into modality units (HU for CT). */
export interface ModalityPixels extends Rescale {
  readonly pixels: SlicePixels;
}

/**
 * Where the stored bits lie in the numbers that a frame holds: as High Bit says, in a native frame;
 * in the lowest bits, in what a decoder hands out.
 */
export type StoredBits = 'high-bit' | 'lowest';

/**
 * The one way from the numbers of a frame to modality units: takes the stored bits out (what lies
 * above or below them, such as overlays, is no image), extends the sign, and turns the padding of a
 * CT into air. Photometric Interpretation has no part in it: MONOCHROME1 says how to show a value.
 *
 * @param words rows x columns numbers of `bitsAllocated` bits, overwritten by the result.
 */
export function toModalityUnits(
  words: SlicePixels,
  format: PixelFormat,
  rescale: Rescale,
  { modality, storedBits }: { readonly modality: Modality; readonly storedBits: StoredBits },
): ModalityPixels {
  const padding = modality === 'CT' ? paddingOf(words, format, rescale) : null;
  const shift = storedBits === 'high-bit' ? format.highBit + 1 - format.bitsStored : 0;
  const bits = words.BYTES_PER_ELEMENT * 8;
  const takeOut = format.bitsStored < bits;
  const up = 32 - format.bitsStored - shift;
  const down = 32 - format.bitsStored;
  const { signed } = format;
  if (!takeOut && padding === null)
    return { pixels: words, slope: rescale.slope, intercept: rescale.intercept };
  if (padding === null && bits === 16) {
    takeOutOfWords(new Uint16Array(words.buffer, words.byteOffset, words.length), up, down, signed);
    return { pixels: words, slope: rescale.slope, intercept: rescale.intercept };
  }
  const { low, high, air } = padding ?? { low: 1, high: 0, air: 0 };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    let value = word;
    if (takeOut) value = signed ? (word << up) >> down : (word << up) >>> down;
    // Padding may use bits that no image value has.
    if ((value >= low && value <= high) || (word >= low && word <= high)) value = air;
    words[i] = value;
  }
  return { pixels: words, slope: rescale.slope, intercept: rescale.intercept };
}

/** Takes stored bits out of words of 16 bits, which most images have, in a loop for them alone. */
function takeOutOfWords(words: Uint16Array, up: number, down: number, signed: boolean): void {
  if (signed) for (let i = 0; i < words.length; i++) words[i] = (words[i] << up) >> down;
  else if (up === down && words.byteOffset % 4 === 0 && words.length % 2 === 0) {
    // Nothing lies below the stored bits, which most images have, so two words are masked at once.
    const pairs = new Uint32Array(words.buffer, words.byteOffset, words.length / 2);
    const mask = (0xffffffff >>> up) * 0x10001;
    for (let i = 0; i < pairs.length; i++) pairs[i] &= mask;
  } else for (let i = 0; i < words.length; i++) words[i] = (words[i] << up) >>> down;
}

/**
 * The padding of a CT, and the stored value of air to put in its place; null where there is none or
 * where its HU could be tissue: some writers declare a padding value that is a tissue value too.
 */
function paddingOf(words: SlicePixels, format: PixelFormat, { slope, intercept }: Rescale) {
  const { padding, signed } = format;
  if (padding === null) return null;
  const [a, b] = [padding.low * slope + intercept, padding.high * slope + intercept];
  if (Math.max(a, b) > TISSUE_HU.low && Math.min(a, b) < TISSUE_HU.high) return null;
  const lowest = signed ? -(2 ** (words.BYTES_PER_ELEMENT * 8 - 1)) : 0;
  const highest = 2 ** (words.BYTES_PER_ELEMENT * 8 - (signed ? 1 : 0)) - 1;
  const air = Math.round((AIR_HU - intercept) / slope);
  return { ...padding, air: Math.min(highest, Math.max(lowest, air)) };
}
