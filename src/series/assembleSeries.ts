import { within } from '../limits/most';
import { implausible } from '../limits/size';
import { phrase, type Phrase } from '../reasons/phrases';
import { reason, type Reason } from '../reasons/reasons';
import { cross, dot, length, positionAlong, unit } from './geometry';
import { implausibleReach, implausibleSlices } from './plausibleSize';
import type {
  Series,
  SeriesCheck,
  SeriesDescription,
  Slice,
  SliceDescription,
  Vec3,
} from './types';

/** Axial and sagittal series may be tilted up to this angle from their patient plane, degrees. */
export const MAX_TILT_DEGREES = 30;
/** Slices whose positions along the normal differ by less share one position, mm. */
const SAME_POSITION_MM = 0.02;
/** Directions that differ by less are one orientation, degrees. */
const SAME_ORIENTATION_DEGREES = 1;
/** A gap this much wider than the median spacing means missing slices. */
const GAP_FACTOR = 1.6;
/** A gap in which more than half a vertebra could hide cannot be counted across, mm. */
const MAX_GAP_MM = 20;
/** Spacing may vary by this share of its median before a person is told. */
const UNEVEN_SHARE = 0.1;
/** Share of slices on doubled positions up to which the doubles are left out with a warning. */
const FEW_DUPLICATES_SHARE = 0.1;
const MIN_AXIAL_SLICES = 5;
/** About one and a half vertebrae: less cannot show a level and its neighbours, mm. */
const MIN_EXTENT_MM = 40;

const DEGREES = 180 / Math.PI;

/**
 * Checks what a host knows about a series and orders its slices by their position along the common
 * normal. Orientation, direction (head or feet first, prone or supine) and spacing come from Image
 * Position and Image Orientation (Patient) alone.
 *
 * Refuses (`ok: false`) with one Reason; what is merely noteworthy is in `series.warnings`.
 */
export function assembleSeries(description: SeriesDescription): SeriesCheck {
  const refusal = refuseByHeader(description);
  if (refusal) return { ok: false, reason: refusal };

  const placed: { slice: Slice; source: number }[] = [];
  for (const [source, item] of description.slices.entries()) {
    const slice = toSlice(item);
    if ('code' in slice) return refuse('unknown-orientation', { detail: slice });
    placed.push({ slice, source });
  }
  const size = implausibleSlices(placed.map(({ slice }) => slice));
  if (size) return { ok: false, reason: size };

  const first = placed[0].slice;
  const orientations = countOrientations(placed.map(({ slice }) => slice));
  if (orientations > 1) return refuse('mixed-orientations', { count: orientations });

  const normal = cross(first.rowCosines, first.columnCosines);
  const orientation = nameOrientation(first, normal);
  if ('refusal' in orientation) return { ok: false, reason: orientation.refusal };

  placed.sort((a, b) => positionAlong(normal, a.slice) - positionAlong(normal, b.slice));
  const warnings: Reason[] = [];
  const unique = dropDuplicates(placed, normal, warnings);
  if ('refusal' in unique) return { ok: false, reason: unique.refusal };

  const slices = unique.kept.map(({ slice }) => slice);
  const spacing = checkSpacing(slices, normal, orientation.plane, warnings);
  if ('refusal' in spacing) return { ok: false, reason: spacing.refusal };
  const reach = implausibleReach(slices, spacing.medianMm);
  if (reach) return { ok: false, reason: reach };

  const tilt = shearDegrees(slices, normal);
  if (orientation.plane === 'axial' && tilt > 1) {
    warnings.push(reason('gantry-tilt', { degrees: tilt.toFixed(0) }));
  }
  const series: Series = {
    uid: description.uid,
    modality: description.modality as 'CT' | 'MR',
    frameOfReferenceUID: description.frameOfReferenceUID,
    plane: orientation.plane,
    slices,
    sourceIndex: unique.kept.map(({ source }) => source),
    normal,
    spacingMm: spacing.medianMm,
    tiltDegrees: orientation.tiltDegrees,
    warnings,
  };
  return { ok: true, series };
}

function refuse(...args: Parameters<typeof reason>): SeriesCheck {
  return { ok: false, reason: reason(...args) };
}

function refuseByHeader({ modality, slices }: SeriesDescription): Reason | null {
  if (!modality) return reason('modality-missing');
  if (modality !== 'CT' && modality !== 'MR') return reason('unsupported-modality', { modality });
  if (slices.length === 0) return reason('too-few-slices', { count: 0, extentMm: 0 });
  if (!within('slices', slices.length)) {
    return implausible(phrase('size-count', { count: slices.length }));
  }
  if (slices.some(({ imageType }) => imageType?.some((v) => v.toUpperCase() === 'LOCALIZER'))) {
    return reason('localizer');
  }
  for (const s of slices) {
    const detail = pixelFault(s);
    if (detail) return reason('unsupported-pixels', { detail });
    if ((s.numberOfFrames ?? 1) > 1 && !s.frameNumber) {
      return reason('multi-frame', { detail: phrase('frame-position') });
    }
  }
  const distinct = (key: 'temporalPositionIdentifier' | 'echoNumber') =>
    new Set(slices.map((s) => s[key] ?? null)).size;
  const volumes = Math.max(distinct('temporalPositionIdentifier'), distinct('echoNumber'));
  if (volumes > 1) return reason('several-volumes', { count: volumes });
  return null;
}

function pixelFault(s: SliceDescription): Phrase | null {
  if ((s.samplesPerPixel ?? 1) !== 1) {
    return phrase('samples-per-pixel', { count: s.samplesPerPixel! });
  }
  const photometric = s.photometricInterpretation ?? 'MONOCHROME2';
  if (!photometric.startsWith('MONOCHROME')) {
    return phrase('photometric', { name: photometric });
  }
  if (s.bitsAllocated && ![8, 16, 32, 64].includes(s.bitsAllocated)) {
    return phrase('bits-allocated', { count: s.bitsAllocated });
  }
  if (!(s.rows > 0 && s.columns > 0)) {
    return phrase('image-size', { rows: s.rows, columns: s.columns });
  }
  return null;
}

/** The slice, or what is missing or wrong in its Image Plane Module. */
function toSlice(s: SliceDescription): Slice | Phrase {
  const numbers = (values: readonly number[] | null | undefined, count: number) =>
    values && values.length >= count && values.slice(0, count).every(Number.isFinite);
  if (!numbers(s.imageOrientationPatient, 6)) return phrase('no-orientation');
  if (!numbers(s.imagePositionPatient, 3)) return phrase('no-position');
  if (!numbers(s.pixelSpacing, 2) || !s.pixelSpacing!.every((v) => v > 0))
    return phrase('no-spacing');
  const iop = s.imageOrientationPatient!;
  const row: Vec3 = [iop[0], iop[1], iop[2]];
  const column: Vec3 = [iop[3], iop[4], iop[5]];
  const unitLength = Math.abs(length(row) - 1) < 0.05 && Math.abs(length(column) - 1) < 0.05;
  if (!unitLength || Math.abs(dot(unit(row), unit(column))) > 0.02) {
    return phrase('bad-orientation');
  }
  const [x, y, z] = s.imagePositionPatient!;
  return {
    sopInstanceUID: s.sopInstanceUID,
    frameNumber: s.frameNumber ?? null,
    position: [x, y, z],
    rowCosines: unit(row),
    columnCosines: unit(column),
    rowSpacing: s.pixelSpacing![0],
    columnSpacing: s.pixelSpacing![1],
    rows: s.rows,
    columns: s.columns,
  };
}

function countOrientations(slices: readonly Slice[]): number {
  const limit = Math.cos(SAME_ORIENTATION_DEGREES / DEGREES);
  const seen: Slice[] = [];
  for (const s of slices) {
    const known = seen.some(
      (o) =>
        dot(o.rowCosines, s.rowCosines) > limit && dot(o.columnCosines, s.columnCosines) > limit,
    );
    if (!known) seen.push(s);
  }
  return seen.length;
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

interface Placed {
  readonly slice: Slice;
  readonly source: number;
}

function dropDuplicates(
  sorted: readonly Placed[],
  normal: Vec3,
  warnings: Reason[],
): { kept: readonly Placed[] } | { refusal: Reason } {
  const kept: Placed[] = [];
  const copies: number[] = [];
  for (const item of sorted) {
    const last = kept[kept.length - 1];
    const step = last
      ? positionAlong(normal, item.slice) - positionAlong(normal, last.slice)
      : Infinity;
    if (step >= SAME_POSITION_MM) {
      kept.push(item);
      copies.push(1);
    } else if (!isSameObject(item.slice, last.slice)) {
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
  if (duplicates > FEW_DUPLICATES_SHARE * sorted.length) return { refusal: fault };
  warnings.push(fault);
  return { kept };
}

function isSameObject(a: Slice, b: Slice): boolean {
  return (
    a.sopInstanceUID !== null &&
    a.sopInstanceUID === b.sopInstanceUID &&
    a.frameNumber === b.frameNumber
  );
}

function checkSpacing(
  slices: readonly Slice[],
  normal: Vec3,
  plane: 'axial' | 'sagittal',
  warnings: Reason[],
): { medianMm: number } | { refusal: Reason } {
  const at = slices.map((slice) => positionAlong(normal, slice));
  const steps = at.slice(1).map((v, i) => v - at[i]);
  const sorted = [...steps].sort((a, b) => a - b);
  const medianMm = sorted.length ? sorted[sorted.length >> 1] : 0;
  const tooFew = (extentMm: number) => ({
    refusal: reason('too-few-slices', { count: slices.length, extentMm: extentMm.toFixed(0) }),
  });
  if (plane === 'sagittal') {
    const { rows, columns, rowSpacing, columnSpacing, rowCosines } = slices[0];
    const heightMm = Math.abs(rowCosines[2]) > 0.7 ? columns * columnSpacing : rows * rowSpacing;
    if (heightMm < MIN_EXTENT_MM) return tooFew(heightMm);
  } else {
    const extentMm = at[at.length - 1] - at[0] + medianMm;
    if (slices.length < MIN_AXIAL_SLICES || extentMm < MIN_EXTENT_MM) return tooFew(extentMm);
  }
  if (steps.length < 2) return { medianMm };
  const widest = sorted[sorted.length - 1];
  const values = { gapMm: widest.toFixed(1), spacingMm: medianMm.toFixed(1) };
  if (widest > GAP_FACTOR * medianMm) {
    const gap = reason('missing-slices', values);
    if (plane === 'axial' && widest > Math.max(MAX_GAP_MM, 2.5 * medianMm)) return { refusal: gap };
    warnings.push(gap);
  } else if (widest - sorted[0] > UNEVEN_SHARE * medianMm) {
    warnings.push(
      reason('uneven-spacing', { minMm: sorted[0].toFixed(2), maxMm: widest.toFixed(2) }),
    );
  }
  return { medianMm };
}

/** Angle between the stacking direction and the normal: the gantry tilt of an axial series. */
function shearDegrees(slices: readonly Slice[], normal: Vec3): number {
  if (slices.length < 2) return 0;
  const a = slices[0].position;
  const b = slices[slices.length - 1].position;
  const stacking = unit([b[0] - a[0], b[1] - a[1], b[2] - a[2]]);
  return Math.acos(Math.min(1, Math.abs(dot(stacking, normal)))) * DEGREES;
}
