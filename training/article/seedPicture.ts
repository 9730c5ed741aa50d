import type { Slice, SlicePixels } from '../../src/series/types';

/** The article's pictures have 768 x 512 pixels; here they stand for this field. */
const FIELD_MM = { height: 384, width: 256 } as const;
const FULL = { height: 768, width: 512 } as const;
/** `[4:6]` of the listing. */
export const SLICES = [4, 5] as const;
const WINDOW = { low: -300, high: 1900 } as const;
/** Share of the columns that is blanked on either side, and that the target leaves free. */
const OUTER = 0.3;
const BAND_ROWS = 7;

export interface SeedSlice {
  readonly slice: Slice;
  readonly pixels: SlicePixels;
  readonly slope: number;
  readonly intercept: number;
}

/** One picture of the article's preparation. */
export interface SeedPicture {
  /** height x width x 3: mix, max, mean, 0..1. */
  readonly input: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly mmPerPixel: number;
  /** LPS z of the centre of row 0, mm. */
  readonly topZMm: number;
}

/** Size of the pictures at a reduction (1: the article's). */
export const sizeAt = (reduce: number): { height: number; width: number } => ({
  height: FULL.height / reduce,
  width: FULL.width / reduce,
});

/**
 * Prepares the picture as the article's listing does: two fixed slices, a fixed window whatever the
 * scanner, the outer 30 % of the columns blanked, the top of the volume and the middle of its columns.
 * Rows and columns are taken in mm, so that volumes of other resolutions than the article's fit.
 *
 * @param slices sagittal slices whose planes are those of the patient (no oblique ones)
 */
export function seedPicture(slices: readonly SeedSlice[], reduce: number): SeedPicture {
  const { height, width } = sizeAt(reduce);
  const mmPerPixel = FIELD_MM.height / height;
  const { front, back, top } = extent(slices[0]!.slice);
  const middle = (front + back) / 2;
  const visible = (0.5 - OUTER) * (back - front);
  const input = new Float32Array(height * width * 3);
  for (let row = 0; row < height; row++) {
    const z = top - row * mmPerPixel;
    for (let column = 0; column < width; column++) {
      const y = middle + (column - (width - 1) / 2) * mmPerPixel;
      if (Math.abs(y - middle) > visible) continue;
      const values = slices.map((each) => windowed(valueAt(each, y, z)));
      const max = Math.max(...values);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      input.set([(max + mean) / 2, max, mean], (row * width + column) * 3);
    }
  }
  return { input, height, width, mmPerPixel, topZMm: top };
}

/** A band of 7 rows at mid-L3 across the middle 40 % of the columns, height x width. */
export function seedTarget({ height, width }: SeedPicture, l3Row: number): Float32Array {
  const target = new Float32Array(height * width);
  const middle = Math.round(l3Row);
  for (let row = middle - (BAND_ROWS - 1) / 2; row <= middle + (BAND_ROWS - 1) / 2; row++) {
    if (row < 0 || row >= height) continue;
    const [from, to] = [OUTER, 1 - OUTER].map((share) => Math.floor(share * width));
    target.fill(1, row * width + from!, row * width + to!);
  }
  return target;
}

/** Row of the highest response. */
export function rowOfHighest(map: ArrayLike<number>, width: number): number {
  let best = 0;
  for (let i = 1; i < map.length; i++) if (map[i]! > map[best]!) best = i;
  return Math.floor(best / width);
}

const windowed = (value: number): number =>
  Math.min(1, Math.max(0, (value - WINDOW.low) / (WINDOW.high - WINDOW.low)));

/** Pixel centres of a slice: LPS y of the foremost and hindmost, LPS z of the uppermost, mm. */
function extent({ position, rowCosines, columnCosines, ...slice }: Slice) {
  const corners = [0, slice.rows - 1].flatMap((row) =>
    [0, slice.columns - 1].map((column) =>
      [1, 2].map(
        (axis) =>
          position[axis]! +
          row * slice.rowSpacing * columnCosines[axis]! +
          column * slice.columnSpacing * rowCosines[axis]!,
      ),
    ),
  );
  const [ys, zs] = [corners.map(([y]) => y!), corners.map(([, z]) => z!)];
  return { front: Math.min(...ys), back: Math.max(...ys), top: Math.max(...zs) };
}

/** Bilinear; the window's black outside of the slice. */
function valueAt({ slice, pixels, slope, intercept }: SeedSlice, y: number, z: number): number {
  const { position, rowCosines, columnCosines, rowSpacing, columnSpacing, rows, columns } = slice;
  const [dy, dz] = [y - position[1], z - position[2]];
  const row = (dy * columnCosines[1] + dz * columnCosines[2]) / rowSpacing;
  const column = (dy * rowCosines[1] + dz * rowCosines[2]) / columnSpacing;
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const at = (r: number, c: number) =>
    r < 0 || c < 0 || r >= rows || c >= columns
      ? WINDOW.low
      : Number(pixels[r * columns + c]) * slope + intercept;
  const [v, u] = [row - top, column - left];
  return (
    (at(top, left) * (1 - u) + at(top, left + 1) * u) * (1 - v) +
    (at(top + 1, left) * (1 - u) + at(top + 1, left + 1) * u) * v
  );
}
