import { toModalityUnits, type ModalityPixels } from '../../dicom/modalityUnits';
import { pixelFormatOf, type PixelFormat } from '../../dicom/pixelFormat';
import type { Modality, SlicePixels } from '../../series/types';
import { number } from './instance';
import type { Instance } from './ohif';

/** What the host's loader made of a frame. */
export interface HostPixels {
  /** rows x columns values, the host's own: not to be written to. */
  readonly pixels: SlicePixels;
  /** What turns stored values into modality units. */
  readonly slope: number;
  readonly intercept: number;
  /** Whether the host has applied slope and intercept. */
  readonly scaled: boolean;
}

/** How the pixels of an image are stored, as the host's metadata say. */
export function formatOfInstance(instance: Instance): PixelFormat {
  return pixelFormatOf({
    rows: number(instance.Rows),
    columns: number(instance.Columns),
    bitsAllocated: number(instance.BitsAllocated),
    bitsStored: number(instance.BitsStored),
    highBit: number(instance.HighBit),
    pixelRepresentation: number(instance.PixelRepresentation),
    pixelPaddingValue: number(instance.PixelPaddingValue),
    pixelPaddingRangeLimit: number(instance.PixelPaddingRangeLimit),
  });
}

/** Whether stored bits lie where the host's loaders look for them: in the lowest bits. */
export function bitsLieLowest({ highBit, bitsStored }: PixelFormat): boolean {
  return highBit === bitsStored - 1;
}

/**
 * The host's values in modality units, as `toModalityUnits` gives them. The host leaves padding, and
 * bits that are no image, among its values, and may take a signed value for an unsigned one; what it
 * scaled is undone there, and done again. Values that need none of this stay the host's own.
 *
 * @returns null where the host's numbers no longer tell what was stored.
 */
export function modalityValues(
  host: HostPixels,
  format: PixelFormat,
  modality: Modality,
): ModalityPixels | null {
  const { slope, intercept } = host;
  const padded = modality === 'CT' && format.padding !== null;
  if (!padded && areStored(host, format)) return asTheHostHas(host);
  const words = storedWords(host, format);
  if (words === null) return null;
  return toModalityUnits(words, format, { slope, intercept }, { modality, storedBits: 'lowest' });
}

/** The host's values as they are, with what turns them into modality units. */
export function asTheHostHas({ pixels, slope, intercept, scaled }: HostPixels): ModalityPixels {
  return scaled ? { pixels, slope: 1, intercept: 0 } : { pixels, slope, intercept };
}

/** Whether all values are such as the stored bits can hold. */
function areStored({ pixels, slope, intercept, scaled }: HostPixels, format: PixelFormat): boolean {
  const { bitsStored, signed } = format;
  const lowest = signed ? -(2 ** (bitsStored - 1)) : 0;
  const highest = lowest + 2 ** bitsStored - 1;
  const ends = scaled
    ? [lowest * slope + intercept, highest * slope + intercept]
    : [lowest, highest];
  // Half a step, and what the host's rounding may add.
  const slack = (scaled ? Math.abs(slope) / 2 : 0.5) + 1;
  const [from, to] = [Math.min(...ends) - slack, Math.max(...ends) + slack];
  for (let i = 0; i < pixels.length; i++) {
    if (!(pixels[i] >= from && pixels[i] <= to)) return false;
  }
  return true;
}

/** The numbers that the frame held before the host scaled it, or null where they cannot be told. */
function storedWords(
  { pixels, slope, intercept, scaled }: HostPixels,
  { bitsAllocated, signed }: PixelFormat,
): SlicePixels | null {
  const words = emptyWords(pixels.length, bitsAllocated, signed);
  if (!scaled) {
    // Numbers of another sign or width keep their lowest bits.
    for (let i = 0; i < pixels.length; i++) words[i] = pixels[i];
    return words;
  }
  const isFloat = pixels instanceof Float32Array || pixels instanceof Float64Array;
  // In whole numbers the host cuts fractions off.
  if (!isFloat && !(Number.isInteger(slope) && Number.isInteger(intercept))) return null;
  const tolerance = isFloat ? 0.25 : 0;
  for (let i = 0; i < pixels.length; i++) {
    const stored = (pixels[i] - intercept) / slope;
    const whole = Math.round(stored);
    if (!(Math.abs(stored - whole) <= tolerance)) return null;
    words[i] = whole;
  }
  return words;
}

function emptyWords(length: number, bitsAllocated: number, signed: boolean): SlicePixels {
  if (bitsAllocated <= 8) return signed ? new Int8Array(length) : new Uint8Array(length);
  if (bitsAllocated <= 16) return signed ? new Int16Array(length) : new Uint16Array(length);
  return signed ? new Int32Array(length) : new Uint32Array(length);
}
