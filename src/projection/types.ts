/**
 * A channel of the projection:
 * `max` and `mean` over the mid-sagittal slab, `mix` = (max + mean) / 2, and `lateral`, the maximum
 * over the bands on both sides of the spine where ribs, transverse processes and iliac bone are seen.
 * `lateral` is 0 where the scan does not reach that far (single slices) and for all of MR.
 */
export type ChannelName = 'max' | 'mean' | 'mix' | 'lateral';

/** How values become 0..1: a fixed HU window, or percentiles of the slab's own values. */
export type IntensityWindow =
  | { readonly kind: 'hu'; readonly low: number; readonly high: number }
  | { readonly kind: 'percentile'; readonly low: number; readonly high: number };

/**
 * The sagittal image the model sees: `channels.length` planes of height x width float32 in 0..1,
 * channel-major (NCHW without N), on an isotropic grid in patient mm.
 *
 * Row 0 is the most cranial row, column 0 the most anterior column. Row r's centre is at
 * z = topZMm - r * mmPerPixel (LPS). Outside the field of view the value is 0.
 */
export interface Projection {
  readonly channels: readonly ChannelName[];
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly mmPerPixel: number;
  /** LPS z of the centre of row 0, mm. */
  readonly topZMm: number;
  /** LPS y of the centre of column 0, mm. */
  readonly frontYMm: number;
  /** LPS x of the spine's centre line, one value a row, mm (length height). */
  readonly spineXMm: Float32Array;
  /** Whether the row lies inside the scanned range (1) or not (0), length height. */
  readonly inView: Uint8Array;
}

/** Progress of one search; `of` is 0 when the total is not known. */
export interface Progress {
  readonly stage: 'model' | 'reading' | 'projecting' | 'inference' | 'decoding';
  readonly done: number;
  readonly of: number;
}
