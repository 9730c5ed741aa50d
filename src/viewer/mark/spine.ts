import { levelsOf } from '../../finder/levelsOf';
import type { Answered } from '../../finder/types';
import { LEVEL_NAMES, type LevelName } from '../../levels/types';
import { rowOfZ } from '../../projection/maps';
import type { Vec3 } from '../../series/types';
import { definitionOffsetMm, USUAL_DISTANCE_MM } from '../../sr/definitionOffset';
import { distanceFrom, type LevelPlane } from '../screen/levelPlane';
import type { LevelDefinition } from './types';

/** A level of the answer under the name that it has after a shift of the numbering. */
export interface NamedLevel {
  readonly name: LevelName;
  readonly pointLpsMm: Vec3;
  readonly zMm: number;
  readonly probability: number;
}

/**
 * The levels with their names moved by a person.
 *
 * @param shift vertebrae by which L3 lies higher than it was found (negative: lower)
 */
export function shiftedLevels(finding: Answered, shift: number): readonly NamedLevel[] {
  return levelsOf(finding).flatMap(({ name, pointLpsMm, zMm, probability }) => {
    const shifted = LEVEL_NAMES[LEVEL_NAMES.indexOf(name) + shift];
    return shifted === undefined ? [] : [{ name: shifted, pointLpsMm, zMm, probability }];
  });
}

/**
 * By how many vertebrae the names move up (negative: down) with a mark of L3: the vertebra that it lies on
 * is L3, whoever put it there.
 *
 * @returns 0 where no vertebra of the answer is near
 */
export function shiftAt(
  finding: Answered,
  { pointLpsMm, definition }: { readonly pointLpsMm: Vec3; readonly definition: LevelDefinition },
): number {
  const distances = levelsOf(finding).map(({ name, zMm }) => {
    const shift = LEVEL_NAMES.indexOf('L3') - LEVEL_NAMES.indexOf(name);
    const offset = definitionOffsetMm(definition, shiftedLevels(finding, shift), 'L3');
    return { shift, mm: Math.abs(zMm + offset - pointLpsMm[2]) };
  });
  const [nearest] = distances.sort((a, b) => a.mm - b.mm);
  return nearest && nearest.mm <= USUAL_DISTANCE_MM / 2 ? nearest.shift : 0;
}

/**
 * Where the spine's centre line passes a height: x from the trace of the projection, y between the
 * centres of the levels, both held beyond the last one that was found.
 *
 * @returns null when the answer holds no level to go by
 */
export function spinePointAt(finding: Answered, zMm: number): Vec3 | null {
  const places = levelsOf(finding);
  const all = places.length > 0 ? places : [...finding.alternatives];
  const points = all.map(({ pointLpsMm }) => pointLpsMm).sort((a, b) => b[2] - a[2]);
  if (points.length === 0) return null;
  const below = points.findIndex((point) => point[2] <= zMm);
  let y: number;
  if (below === 0) y = points[0][1];
  else if (below < 0) y = points[points.length - 1][1];
  else {
    const [high, low] = [points[below - 1], points[below]];
    y = low[1] + ((zMm - low[2]) / (high[2] - low[2])) * (high[1] - low[1]);
  }
  const { spineXMm, height } = finding.projection;
  const row = Math.round(rowOfZ(finding.projection, zMm));
  return [spineXMm[Math.min(height - 1, Math.max(0, row))], y, zMm];
}

/**
 * The point of the spine on a plane: the level's point moved until the plane holds it.
 *
 * @param plane that the new point has to lie in
 * @param spineAt centre line by height; where it knows nothing, x and y stay
 */
export function pointOnPlane(
  plane: LevelPlane,
  from: Vec3,
  spineAt: (zMm: number) => Vec3 | null,
): Vec3 {
  let zMm = from[2] - distanceFrom(plane, from) / plane.normal[2];
  let point: Vec3 = [from[0], from[1], zMm];
  for (let round = 0; round < 4; round++) {
    point = spineAt(zMm) ?? [from[0], from[1], zMm];
    const off = distanceFrom(plane, point);
    if (Math.abs(off) < 0.01) return point;
    zMm -= off / plane.normal[2];
  }
  return [point[0], point[1], zMm];
}

/**
 * How many vertebrae one height lies above another (negative: below): by the levels of the answer where
 * both are near one, else by the usual distance.
 */
export function vertebraeBetween(finding: Answered, fromZMm: number, toZMm: number): number {
  const indexAt = (zMm: number) => {
    const [near] = levelsOf(finding)
      .map((level) => ({ name: level.name, mm: Math.abs(level.zMm - zMm) }))
      .sort((a, b) => a.mm - b.mm);
    return near && near.mm <= USUAL_DISTANCE_MM / 2 ? LEVEL_NAMES.indexOf(near.name) : null;
  };
  const [from, to] = [indexAt(fromZMm), indexAt(toZMm)];
  if (from !== null && to !== null) return from - to;
  return Math.round((toZMm - fromZMm) / USUAL_DISTANCE_MM) + 0;
}

/** A point of the spine raised along it, by mm (negative: lowered). */
export function liftedOnSpine(finding: Answered, point: Vec3, by: number): Vec3 {
  return spinePointAt(finding, point[2] + by) ?? [point[0], point[1], point[2] + by];
}
