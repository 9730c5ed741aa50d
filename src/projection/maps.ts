import type { Vec3 } from '../series/types';
import type { Projection } from './types';

/** LPS point (mm) at a fractional row and column of the projection, on the spine's centre line. */
export function patientPointOf(projection: Projection, row: number, column: number): Vec3 {
  const { spineXMm, height, mmPerPixel } = projection;
  const clamped = Math.min(height - 1, Math.max(0, row));
  const low = Math.floor(clamped);
  const high = Math.min(height - 1, low + 1);
  const x = spineXMm[low] + (clamped - low) * (spineXMm[high] - spineXMm[low]);
  return [x, projection.frontYMm + column * mmPerPixel, projection.topZMm - row * mmPerPixel];
}

/** Fractional row at which LPS z (mm) lies; may be outside the picture. */
export function rowOfZ(projection: Projection, zMm: number): number {
  return (projection.topZMm - zMm) / projection.mmPerPixel;
}

/** Fractional column at which LPS y (mm) lies; may be outside the picture. */
export function columnOfY(projection: Projection, yMm: number): number {
  return (yMm - projection.frontYMm) / projection.mmPerPixel;
}
