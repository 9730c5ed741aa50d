import { phrase, type Phrase } from '../reasons/phrases';
import { cross, dot, length, unit } from '../series/geometry';
import type { SlicePixels, Vec3 } from '../series/types';
import type { NiftiHeader } from './niftiFile';

/** One voxel axis, walked in the direction that suits the slices. */
interface Axis {
  readonly count: number;
  /** Distance in the voxel array from one voxel to the next. */
  readonly stride: number;
  /** LPS mm from one voxel to the next. */
  readonly step: Vec3;
}

/** How the slices of a DICOM-like series lie in the voxel array. */
export interface NiftiSlices {
  readonly plane: 'axial' | 'sagittal';
  /** Along a row (increasing column index), along a column, and from slice to slice. */
  readonly column: Axis;
  readonly row: Axis;
  readonly slice: Axis;
  /** Index in the voxel array of the first pixel of the first slice, and its centre in LPS mm. */
  readonly firstVoxel: number;
  readonly origin: Vec3;
}

/** A spacing this much larger than the others marks the direction the slices were acquired in. */
const ACQUISITION_RATIO = 1.5;
/** So much fewer voxels than along the other axes do the same. */
const FEW_VOXELS_RATIO = 4;
/** Largest cosine between rows and columns of a slice that still counts as a right angle. */
const MAX_SHEAR = 0.02;

/**
 * Cuts the volume into axial slices (rows to the left, columns to the back, slices to the head), or,
 * where it was acquired sagittally, into sagittal ones (rows to the back, columns to the foot,
 * slices to the right), as a DICOM series would hold it.
 *
 * @returns the slices, or why the affine gives no usable orientation.
 */
export function cutIntoSlices(header: NiftiHeader): NiftiSlices | Phrase {
  const affine = header.affineRas;
  if (affine === null) return phrase('nifti-unplaced');
  const lps = affine.map((row, r) => row.map((value) => (r < 2 ? -value : value)));
  const columnOf = (column: number): Vec3 => [lps[0][column], lps[1][column], lps[2][column]];
  const steps = [0, 1, 2].map(columnOf);
  const origin = columnOf(3);
  if (!lps.flat().every(Number.isFinite)) return phrase('nifti-not-finite');
  const box = length(steps[0]) * length(steps[1]) * length(steps[2]);
  if (!(Math.abs(dot(cross(steps[0], steps[1]), steps[2])) > 1e-3 * box)) {
    return phrase('nifti-singular');
  }

  const strides = [1, header.size[0], header.size[0] * header.size[1]];
  const axes = steps.map((step, axis): Axis => ({
    step,
    count: header.size[axis],
    stride: strides[axis],
  }));
  const [x, y, z] = axesAlongPatient(axes);
  const axial = () => arrange('axial', [x, 1], [y, 1], [z, 1], origin);
  const sagittal = () => arrange('sagittal', [y, 1], [z, -1], [x, -1], origin);
  const order = isSagittal(x, y, z) ? [sagittal, axial] : [axial, sagittal];
  const usable = order.map((cut) => cut()).find((cut) => shear(cut) < MAX_SHEAR);
  return usable ?? phrase('nifti-sheared');
}

/** Copies slice `index` out of the voxel array, row-major, rows x columns. */
export function copySlice(voxels: SlicePixels, slices: NiftiSlices, index: number): SlicePixels {
  const { row, column, slice } = slices;
  const pixels = new (voxels.constructor as new (n: number) => SlicePixels)(
    row.count * column.count,
  );
  let to = 0;
  for (let r = 0; r < row.count; r++) {
    let from = slices.firstVoxel + index * slice.stride + r * row.stride;
    for (let c = 0; c < column.count; c++, from += column.stride) {
      pixels[to++] = voxels[from];
    }
  }
  return pixels;
}

/**
 * Copies slices out of a voxel array of which only one plane of the slowest axis (k) is at hand.
 *
 * @param plane the voxels of plane `k`.
 * @param into the slices from `first` on, each row-major; filled as far as the plane reaches.
 */
export function copyPlane(
  plane: SlicePixels,
  k: number,
  slices: NiftiSlices,
  first: number,
  into: readonly SlicePixels[],
): void {
  const axes = [slices.slice, slices.row, slices.column];
  const slowest = axes.reduce((a, b) => (Math.abs(b.stride) > Math.abs(a.stride) ? b : a));
  /** From where to where an axis is walked: its own place in this plane, if it is the slowest one. */
  const range = (axis: Axis, from: number, to: number): readonly [number, number] => {
    if (axis !== slowest) return [from, to];
    const at = axis.stride > 0 ? k : axis.count - 1 - k;
    return at >= from && at < to ? [at, at + 1] : [0, 0];
  };
  const [s0, s1] = range(slices.slice, first, first + into.length);
  const [r0, r1] = range(slices.row, 0, slices.row.count);
  const [c0, c1] = range(slices.column, 0, slices.column.count);
  const origin = slices.firstVoxel - k * plane.length;
  for (let s = s0; s < s1; s++) {
    const pixels = into[s - first];
    for (let r = r0; r < r1; r++) {
      const from = origin + s * slices.slice.stride + r * slices.row.stride;
      const to = r * slices.column.count;
      for (let c = c0; c < c1; c++) pixels[to + c] = plane[from + c * slices.column.stride];
    }
  }
}

/** Centre of the first pixel of slice `index`, LPS mm. */
export function slicePosition(slices: NiftiSlices, index: number): Vec3 {
  return add(slices.origin, slices.slice.step, index);
}

/** The voxel axes nearest to the patient's x, y and z: the assignment with the largest cosines. */
function axesAlongPatient(axes: readonly Axis[]): [Axis, Axis, Axis] {
  const cosine = (axis: Axis, patient: number) => Math.abs(unit(axis.step)[patient]);
  const [i, j, k] = axes as [Axis, Axis, Axis];
  const assignments: [Axis, Axis, Axis][] = [
    [i, j, k],
    [i, k, j],
    [j, i, k],
    [j, k, i],
    [k, i, j],
    [k, j, i],
  ];
  const fit = (assignment: [Axis, Axis, Axis]) =>
    assignment.reduce((sum, axis, patient) => sum + cosine(axis, patient), 0);
  return assignments.reduce((best, next) => (fit(next) > fit(best) + 1e-9 ? next : best));
}

function isSagittal(x: Axis, y: Axis, z: Axis): boolean {
  const thick = length(x.step) >= ACQUISITION_RATIO * Math.max(length(y.step), length(z.step));
  return thick || x.count * FEW_VOXELS_RATIO <= Math.min(y.count, z.count);
}

/** Turns the axes so that each points along its patient axis (1) or against it (-1). */
function arrange(
  plane: NiftiSlices['plane'],
  column: [Axis, number],
  row: [Axis, number],
  slice: [Axis, number],
  origin: Vec3,
): NiftiSlices {
  const patientAxes = plane === 'axial' ? [0, 1, 2] : [1, 2, 0];
  let firstVoxel = 0;
  let first = origin;
  const turned = [column, row, slice].map(([axis, sign], i): Axis => {
    if (axis.step[patientAxes[i]] * sign > 0) return axis;
    firstVoxel += (axis.count - 1) * axis.stride;
    first = add(first, axis.step, axis.count - 1);
    return { ...axis, stride: -axis.stride, step: add([0, 0, 0], axis.step, -1) };
  });
  const [turnedColumn, turnedRow, turnedSlice] = turned as [Axis, Axis, Axis];
  return {
    plane,
    column: turnedColumn,
    row: turnedRow,
    slice: turnedSlice,
    firstVoxel,
    origin: first,
  };
}

function shear(slices: NiftiSlices): number {
  return Math.abs(dot(unit(slices.row.step), unit(slices.column.step)));
}

function add(a: Vec3, b: Vec3, times: number): Vec3 {
  return [a[0] + times * b[0], a[1] + times * b[1], a[2] + times * b[2]];
}
