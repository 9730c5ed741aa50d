import type { DataSet } from './dataSet';

/** How the pixels of an instance are stored (PS3.3 C.7.6.3). */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** Values from `low` to `high` are padding, not image (PS3.3 C.7.5.1.1.2). */
  readonly padding: { readonly low: number; readonly high: number } | null;
}

/** The attributes that say how pixels are stored, null where they are absent. */
export interface PixelAttributes {
  readonly rows: number | null;
  readonly columns: number | null;
  readonly bitsAllocated: number | null;
  readonly bitsStored: number | null;
  readonly highBit: number | null;
  readonly pixelRepresentation: number | null;
  readonly pixelPaddingValue: number | null;
  readonly pixelPaddingRangeLimit: number | null;
}

/** The format that attributes describe; what is absent or impossible is taken as most files have it. */
export function pixelFormatOf(attributes: PixelAttributes): PixelFormat {
  const bitsAllocated = attributes.bitsAllocated ?? 16;
  const stored = attributes.bitsStored ?? bitsAllocated;
  const bitsStored = stored >= 1 && stored <= bitsAllocated ? stored : bitsAllocated;
  const high = attributes.highBit ?? bitsStored - 1;
  const signed = attributes.pixelRepresentation === 1;
  // The attribute's own VR (US or SS) is often not that of the pixels.
  const asPixel = (value: number | null) =>
    value === null || bitsAllocated > 16 ? value : signed ? (value << 16) >> 16 : value & 0xffff;
  const value = asPixel(attributes.pixelPaddingValue);
  const limit = asPixel(attributes.pixelPaddingRangeLimit) ?? value;
  return {
    rows: attributes.rows ?? 0,
    columns: attributes.columns ?? 0,
    bitsAllocated,
    bitsStored,
    highBit: high >= bitsStored - 1 && high < bitsAllocated ? high : bitsStored - 1,
    signed,
    padding:
      value === null || limit === null
        ? null
        : { low: Math.min(value, limit), high: Math.max(value, limit) },
  };
}

export function pixelFormat(dataSet: DataSet): PixelFormat {
  return pixelFormatOf({
    rows: dataSet.uint16('x00280010'),
    columns: dataSet.uint16('x00280011'),
    bitsAllocated: dataSet.uint16('x00280100'),
    bitsStored: dataSet.uint16('x00280101'),
    highBit: dataSet.uint16('x00280102'),
    pixelRepresentation: dataSet.uint16('x00280103'),
    pixelPaddingValue: dataSet.uint16('x00280120'),
    pixelPaddingRangeLimit: dataSet.uint16('x00280121'),
  });
}
