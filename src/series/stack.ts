import { phrase } from '../reasons/phrases';
import { reason, type Reason } from '../reasons/reasons';
import { dot, normalOf, positionAlong, unit } from './geometry';
import { largest } from './groups';
import { implausibleReach } from './plausibleSize';
import { SAME_POSITION_MM, type PlacedImage, type SetAside } from './usableImages';
import type { Series, Slice, Vec3 } from './types';

/** Axial and sagittal series may be tilted up to this angle from their patient plane, degrees. */
const MAX_TILT_DEGREES = 30;
/** A gap this much wider than the median spacing means missing slices. */
export const GAP_FACTOR = 1.6;
/** A gap in which more than half a vertebra could hide cannot be counted across, mm. */
const MAX_GAP_MM = 20;
/** Spacing may vary by this share of its median before a person is told. */
const UNEVEN_SHARE = 0.1;
/** Share of slices on doubled positions, or beyond a gap, that are left out with a warning. */
export const FEW_SHARE = 0.1;
export const MIN_AXIAL_SLICES = 5;
/** About one and a half vertebrae: less cannot show a level and its neighbours, mm. */
const MIN_EXTENT_MM = 40;

const DEGREES = 180 / Math.PI;

/** Slices of one scan in the order of their position along the common normal. */
export type Stack = Pick<
  Series,
  'plane' | 'slices' | 'sourceIndex' | 'normal' | 'spacingMm' | 'tiltDegrees' | 'warnings'
> & {
  /** From head to foot, mm. */
  readonly heightMm: number;
  readonly aside: readonly SetAside[];
};

/**
 * Orders images of one orientation and checks whether they are one readable stack.
 *
 * @param images at least one
 */
export function assembleStack(images: readonly PlacedImage[]): Stack | { refusal: Reason } {
  const normal = normalOf(images[0].slice);
  const orientation = nameOrientation(images[0].slice, normal);
  if ('refusal' in orientation) return orientation;
  const { plane, tiltDegrees } = orientation;

  const sorted = [...images].sort(
    (a, b) => positionAlong(normal, a.slice) - positionAlong(normal, b.slice),
  );
  const near = plane === 'axial' ? leaveApart(sorted, normal) : { images: sorted, aside: [] };
  const warnings: Reason[] = [];
  const unique = dropDuplicates(near.images, normal, warnings);
  if ('refusal' in unique) return unique;
  const { kept } = unique;

  const slices = kept.map(({ slice }) => slice);
  const spacing = checkSpacing(slices, normal, plane, warnings);
  if ('refusal' in spacing) return spacing;

  const reach = implausibleReach(slices, spacing.medianMm);
  if (reach) return { refusal: reach };

  const tilt = shearDegrees(slices, normal);
  if (plane === 'axial' && tilt > 1) {
    warnings.push(reason('gantry-tilt', { degrees: tilt.toFixed(0) }));
  }
  return {
    plane,
    slices,
    sourceIndex: kept.map(({ source }) => source),
    normal,
    spacingMm: spacing.medianMm,
    tiltDegrees,
    warnings,
    heightMm: spacing.heightMm,
    aside: near.aside,
  };
}

type Orientation = { plane: 'axial' | 'sagittal'; tiltDegrees: number } | { refusal: Reason };

function nameOrientation(slice: Slice, normal: Vec3): Orientation {
  const nearest = [0, 1, 2].reduce((a, b) => (Math.abs(normal[b]) > Math.abs(normal[a]) ? b : a));
  const angle = (cosine: number) => Math.acos(Math.min(1, Math.abs(cosine))) * DEGREES;
  const normalTilt = angle(normal[nearest]);
  if (nearest === 1) {
    if (normalTilt <= MAX_TILT_DEGREES) return { refusal: reason('coronal') };
    return obliqueRefusal(normalTilt);
  }
  // Rotation within the plane: the image axis nearest to the patient axis must not stray either.
  const [inPlaneAxis] = nearest === 2 ? [0] : [2];
  const inPlaneTilt = Math.min(
    angle(slice.rowCosines[inPlaneAxis]),
    angle(slice.columnCosines[inPlaneAxis]),
  );
  const tiltDegrees = Math.max(normalTilt, inPlaneTilt);
  if (tiltDegrees > MAX_TILT_DEGREES) return obliqueRefusal(tiltDegrees);
  return { plane: nearest === 2 ? 'axial' : 'sagittal', tiltDegrees: normalTilt };
}

function obliqueRefusal(degrees: number): { refusal: Reason } {
  return { refusal: reason('oblique', { degrees: degrees.toFixed(0), limit: MAX_TILT_DEGREES }) };
}

function dropDuplicates(
  sorted: readonly PlacedImage[],
  normal: Vec3,
  warnings: Reason[],
): { kept: readonly PlacedImage[] } | { refusal: Reason } {
  const kept: PlacedImage[] = [];
  const copies: number[] = [];
  for (const item of sorted) {
    const last = kept[kept.length - 1];
    const step = last
      ? positionAlong(normal, item.slice) - positionAlong(normal, last.slice)
      : Infinity;
    if (step >= SAME_POSITION_MM) {
      kept.push(item);
      copies.push(1);
    } else {
      copies[copies.length - 1]++;
    }
  }
  const duplicates = copies.reduce((sum, n) => sum + n - 1, 0);
  if (duplicates === 0) return { kept };
  const volumes = copies[0];
  if (kept.length > 1 && volumes > 1 && copies.every((n) => n === volumes)) {
    return { refusal: reason('several-volumes', { count: volumes }) };
  }
  const fault = reason('duplicate-positions', { count: duplicates });
  if (duplicates > FEW_SHARE * sorted.length) return { refusal: fault };
  warnings.push(fault);
  return { kept };
}

/** Leaves out the few images that lie beyond gaps that cannot be counted across. */
function leaveApart(
  sorted: readonly PlacedImage[],
  normal: Vec3,
): { images: readonly PlacedImage[]; aside: readonly SetAside[] } {
  const at = sorted.map(({ slice }) => positionAlong(normal, slice));
  const steps = at.slice(1).map((position, i) => position - at[i]);
  const limit = tooWide(median(steps));
  const clusters: PlacedImage[][] = [];
  sorted.forEach((image, i) => {
    if (i === 0 || steps[i - 1] > limit) clusters.push([]);
    clusters[clusters.length - 1].push(image);
  });
  const images = largest(clusters);
  const count = sorted.length - images.length;
  if (count === 0 || count > FEW_SHARE * sorted.length) return { images: sorted, aside: [] };
  return { images, aside: [{ why: phrase('apart', { gapMm: limit.toFixed(0) }), count }] };
}

function tooWide(medianMm: number): number {
  return Math.max(MAX_GAP_MM, 2.5 * medianMm);
}

/** Of an even number of values, the higher one in the middle; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[sorted.length >> 1] : 0;
}

function checkSpacing(
  slices: readonly Slice[],
  normal: Vec3,
  plane: 'axial' | 'sagittal',
  warnings: Reason[],
): { medianMm: number; heightMm: number } | { refusal: Reason } {
  const at = slices.map((slice) => positionAlong(normal, slice));
  const steps = at.slice(1).map((v, i) => v - at[i]);
  const sorted = [...steps].sort((a, b) => a - b);
  const medianMm = median(steps);
  const tooFew = (extentMm: number) => ({
    refusal: reason('too-few-slices', { count: slices.length, extentMm: extentMm.toFixed(0) }),
  });
  let heightMm = at[at.length - 1] - at[0] + medianMm;
  if (plane === 'sagittal') {
    const { rows, columns, rowSpacing, columnSpacing, rowCosines } = slices[0];
    heightMm = Math.abs(rowCosines[2]) > 0.7 ? columns * columnSpacing : rows * rowSpacing;
    if (heightMm < MIN_EXTENT_MM) return tooFew(heightMm);
  } else if (slices.length < MIN_AXIAL_SLICES || heightMm < MIN_EXTENT_MM) {
    return tooFew(heightMm);
  }
  if (steps.length < 2) return { medianMm, heightMm };
  const widest = sorted[sorted.length - 1];
  const values = { gapMm: widest.toFixed(1), spacingMm: medianMm.toFixed(1) };
  if (widest > GAP_FACTOR * medianMm) {
    const gap = reason('missing-slices', values);
    if (plane === 'axial' && widest > tooWide(medianMm)) return { refusal: gap };
    warnings.push(gap);
  } else if (widest - sorted[0] > UNEVEN_SHARE * medianMm) {
    warnings.push(
      reason('uneven-spacing', { minMm: sorted[0].toFixed(2), maxMm: widest.toFixed(2) }),
    );
  }
  return { medianMm, heightMm };
}

/** Angle between the stacking direction and the normal: the gantry tilt of an axial series. */
function shearDegrees(slices: readonly Slice[], normal: Vec3): number {
  if (slices.length < 2) return 0;
  const a = slices[0].position;
  const b = slices[slices.length - 1].position;
  const stacking = unit([b[0] - a[0], b[1] - a[1], b[2] - a[2]]);
  return Math.acos(Math.min(1, Math.abs(dot(stacking, normal)))) * DEGREES;
}
