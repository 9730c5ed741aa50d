import { cross, dot, length, unit } from '../../series/geometry';
import type { Vec3 } from '../../series/types';

/** The plane that a viewport shows, LPS mm. */
export interface ViewPlane {
  /** Unit normal. */
  readonly normal: Vec3;
  /** A point in the plane. */
  readonly point: Vec3;
}

/** A level: the plane through `point` with unit normal `normal`, which points to the head. */
export interface LevelPlane {
  readonly point: Vec3;
  readonly normal: Vec3;
}

/** A straight line in the plane of a view, LPS mm. */
export interface Trace {
  /** The point of the line that is nearest to the level's point. */
  readonly origin: Vec3;
  /** Unit vector along the line. */
  readonly direction: Vec3;
}

export const HEADWARDS: Vec3 = [0, 0, 1];

/** Views within this angle of the level's plane show it as a slice, the others as a line. */
const MAX_ANGLE_AS_SLICE_DEGREES = 45;

/** a + by * b */
export function along(a: Vec3, b: Vec3, by: number): Vec3 {
  return [a[0] + b[0] * by, a[1] + b[1] * by, a[2] + b[2] * by];
}

/** Whether a view shows the level as a slice (an axial view) rather than as a line. */
export function showsAsSlice(level: Vec3, view: Vec3): boolean {
  return Math.abs(dot(level, view)) > Math.cos((MAX_ANGLE_AS_SLICE_DEGREES * Math.PI) / 180);
}

/**
 * Whether a plane with this unit normal is a cross-section of the body: tilted by at most 45 degrees
 * from the axial plane. A view is axial exactly where a level is drawn into it as a slice.
 */
export function isAxial(normal: Vec3): boolean {
  return showsAsSlice(HEADWARDS, normal);
}

/** The line in which the level cuts the plane of a view; null where the two are parallel. */
export function traceOf(level: LevelPlane, view: ViewPlane): Trace | null {
  const direction = cross(level.normal, view.normal);
  if (length(direction) < 1e-3) return null;
  // In the level's plane, the way straight into the view's plane.
  const inward = unit(along(view.normal, level.normal, -dot(view.normal, level.normal)));
  const missing = dot(view.normal, view.point) - dot(view.normal, level.point);
  const origin = along(level.point, inward, missing / dot(view.normal, inward));
  return { origin, direction: unit(direction) };
}

/** Signed distance of `point` from a plane along its normal, mm. */
export function distanceFrom({ point: origin, normal }: LevelPlane, point: Vec3): number {
  return dot(normal, point) - dot(normal, origin);
}

/** `normal` or its opposite, whichever points to the head. */
export function headwards(normal: Vec3): Vec3 {
  return normal[2] < 0 ? [-normal[0], -normal[1], -normal[2]] : normal;
}
