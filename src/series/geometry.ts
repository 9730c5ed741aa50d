import type { Series, Slice, Vec3 } from './types';

export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function length(a: Vec3): number {
  return Math.hypot(a[0], a[1], a[2]);
}

/** `a` scaled to unit length; the zero vector stays zero. */
export function unit(a: Vec3): Vec3 {
  const l = length(a);
  return l > 0 ? [a[0] / l, a[1] / l, a[2] / l] : [0, 0, 0];
}

/**
 * The LPS point (mm) at fractional pixel indices of a slice.
 * Source: DICOM PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1.
 */
export function pointOnSlice(slice: Slice, row: number, column: number): Vec3 {
  const along = column * slice.columnSpacing;
  const down = row * slice.rowSpacing;
  return [0, 1, 2].map(
    (i) => slice.position[i] + along * slice.rowCosines[i] + down * slice.columnCosines[i],
  ) as unknown as Vec3;
}

/** Fractional [row, column] of the foot of the perpendicular from an LPS point (mm) on a slice. */
export function pixelOnSlice(slice: Slice, point: Vec3): readonly [number, number] {
  const from: Vec3 = [
    point[0] - slice.position[0],
    point[1] - slice.position[1],
    point[2] - slice.position[2],
  ];
  return [
    dot(from, slice.columnCosines) / slice.rowSpacing,
    dot(from, slice.rowCosines) / slice.columnSpacing,
  ];
}

/**
 * Height (LPS z, mm) of a slice's plane straight above or below an LPS point (mm): of a slice that is
 * not tilted, the z of its Image Position (Patient).
 */
export function planeHeightAt(slice: Slice, point: Vec3): number {
  const normal = normalOf(slice);
  return point[2] - (dot(normal, point) - dot(normal, slice.position)) / normal[2];
}

/** rowCosines x columnCosines of a slice. */
export function normalOf({ rowCosines, columnCosines }: Slice): Vec3 {
  return cross(rowCosines, columnCosines);
}

/** Position of a slice along `normal`, mm. */
export function positionAlong(normal: Vec3, slice: Slice): number {
  return dot(normal, slice.position);
}

/**
 * Index into `series.slices` of the slice whose plane is nearest to an LPS point (mm), by distance
 * along the series' normal. Of two equally near slices, the first.
 */
export function nearestSliceIndex(series: Series, point: Vec3): number {
  const at = dot(series.normal, point);
  let best = 0;
  let bestDistance = Infinity;
  series.slices.forEach((slice, index) => {
    const distance = Math.abs(positionAlong(series.normal, slice) - at);
    if (distance < bestDistance - 1e-6) {
      best = index;
      bestDistance = distance;
    }
  });
  return best;
}
