import { cross, dot, unit } from '../../series/geometry';
import type { Vec3 } from '../../series/types';
import type { ImagePlane } from '../host/imagePlanes';
import { isAxial } from './levelPlane';

/** How a stack of axial images lies to a point. */
export interface SliceAtPoint {
  /** Index of the image whose plane is nearest to the point among those that show it. */
  readonly index: number;
  /** Distance of the point from that plane along its normal, mm. */
  readonly distanceMm: number;
  /**
   * 'slice': the point lies within the slice. 'gap': in the gap between it and its neighbour.
   * 'beyond': outside the stack, or between stacks.
   */
  readonly within: 'slice' | 'gap' | 'beyond';
}

/** A gap up to so many thicknesses is one between neighbours of a stack. */
const MAX_GAP = 2;
/** Normals that differ by less are parallel, degrees. */
const PARALLEL_DEGREES = 2;
const DEGREES = Math.PI / 180;

/** Whether an image is a cross-section of the body, as `isAxial` says it of views. */
export function isAxialPlane(plane: ImagePlane): boolean {
  return isAxial(normalOf(plane));
}

/**
 * The image that cuts a point, by each image's own plane: slices of one series may be tilted to
 * different discs. An image counts only where the point falls within its field of view.
 *
 * @param planes by image; null for one that is out of the question
 * @param point LPS mm
 * @param counts which planes may cut it; the axial ones unless told
 * @returns null when no image shows the point's surroundings.
 */
export function sliceAtPoint(
  planes: readonly (ImagePlane | null)[],
  point: Vec3,
  counts: (plane: ImagePlane) => boolean = isAxialPlane,
): SliceAtPoint | null {
  let best: { index: number; signed: number } | null = null;
  planes.forEach((plane, index) => {
    if (!plane || !counts(plane) || !isInView(plane, point)) return;
    const signed = signedDistance(plane, point);
    if (!best || Math.abs(signed) < Math.abs(best.signed)) best = { index, signed };
  });
  return best && describeCut(planes, best);
}

function describeCut(
  planes: readonly (ImagePlane | null)[],
  { index, signed }: { readonly index: number; readonly signed: number },
): SliceAtPoint {
  const plane = planes[index]!;
  const distanceMm = Math.abs(signed);
  const step = neighbourStep(planes, plane, Math.sign(signed) || 1);
  const thickness = plane.thicknessMm ?? step ?? 0;
  // Rounding of positions in the header.
  const half = thickness / 2 + 0.01;
  if (distanceMm <= half) return { index, distanceMm, within: 'slice' };
  const isNeighbour = step !== null && step <= MAX_GAP * thickness && distanceMm <= step;
  return { index, distanceMm, within: isNeighbour ? 'gap' : 'beyond' };
}

/** Distance to the next parallel plane on the side of `sign`, mm, or null where there is none. */
function neighbourStep(
  planes: readonly (ImagePlane | null)[],
  plane: ImagePlane,
  sign: number,
): number | null {
  const normal = normalOf(plane);
  const limit = Math.cos(PARALLEL_DEGREES * DEGREES);
  let least: number | null = null;
  for (const other of planes) {
    if (!other || Math.abs(dot(normal, normalOf(other))) < limit) continue;
    const step = sign * (dot(normal, other.position) - dot(normal, plane.position));
    if (step > 0.01 && (least === null || step < least)) least = step;
  }
  return least;
}

function isInView(plane: ImagePlane, point: Vec3): boolean {
  const from = point.map((v, i) => v - plane.position[i]) as unknown as Vec3;
  const row = dot(from, plane.columnCosines) / plane.rowSpacing;
  const column = dot(from, plane.rowCosines) / plane.columnSpacing;
  const inside = (at: number, count: number) => at >= -0.5 && at <= count - 0.5;
  return inside(row, plane.rows) && inside(column, plane.columns);
}

function signedDistance(plane: ImagePlane, point: Vec3): number {
  const normal = normalOf(plane);
  return dot(normal, point) - dot(normal, plane.position);
}

/** Unit normal, rowCosines x columnCosines. */
export function normalOf({ rowCosines, columnCosines }: ImagePlane): Vec3 {
  return unit(cross(rowCosines, columnCosines));
}
