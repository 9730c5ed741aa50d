import { within } from '../limits/most';
import { implausible, implausibleExtent, implausibleSample, SAMPLE_MM } from '../limits/size';
import { phrase } from '../reasons/phrases';
import type { Reason } from '../reasons/reasons';
import { cross, pointOnSlice, positionAlong } from './geometry';
import type { Series, Slice } from './types';

/** Stacks of fewer slices are too few whatever lies between them. */
const FEW_SLICES = 5;

/**
 * Why slices, in any order, are none of a person's scan by what each of them says of itself, or by
 * lying within a fraction of a millimetre all together (positions in metres); else null.
 */
export function implausibleSlices(slices: readonly Slice[]): Reason | null {
  let voxels = 0;
  for (const { rows, columns, rowSpacing, columnSpacing } of slices) {
    voxels += rows * columns;
    if (!within('slicePixels', rows * columns)) {
      return implausible(phrase('size-slice', { rows, columns }));
    }
    const reason =
      implausibleSample(Math.max(rowSpacing, columnSpacing), 'pixels') ??
      implausibleSample(Math.min(rowSpacing, columnSpacing), 'pixels') ??
      implausibleExtent([rows * rowSpacing, columns * columnSpacing]);
    if (reason) return reason;
  }
  if (!within('voxels', voxels)) return implausible(phrase('size-voxels', { count: voxels }));
  return implausiblyClose(slices);
}

/** Slices that are too near to each other to be told apart by their positions. */
function implausiblyClose(slices: readonly Slice[]): Reason | null {
  if (slices.length < FEW_SLICES) return null;
  const [{ rowCosines, columnCosines }] = slices;
  const normal = cross(rowCosines, columnCosines);
  const positions = Float64Array.from(slices, (slice) => positionAlong(normal, slice)).sort();
  const steps = positions.subarray(1).map((position, i) => position - positions[i]);
  const widest = steps.reduce((a, b) => Math.max(a, b), 0);
  return widest > 0 && widest < SAMPLE_MM.least ? implausibleSample(widest, 'slices') : null;
}

/**
 * Why ordered slices reach further than a person, or are as far apart; else null.
 *
 * @param spacingMm their median distance; 0 for a single slice.
 */
export function implausibleReach(slices: readonly Slice[], spacingMm: number): Reason | null {
  return (
    (slices.length > 1 ? implausibleSample(spacingMm, 'slices') : null) ??
    implausibleExtent(extentsOf(slices))
  );
}

/** Why a series is none of a person's scan by its size; null where `assembleSeries` made it. */
export function implausibleSize({ slices, spacingMm }: Series): Reason | null {
  return implausibleSlices(slices) ?? implausibleReach(slices, spacingMm);
}

/** How far slices reach along the patient's x, y and z, mm. */
export function extentsOf(slices: readonly Slice[]): readonly [number, number, number] {
  const least = [Infinity, Infinity, Infinity];
  const most = [-Infinity, -Infinity, -Infinity];
  for (const slice of slices) {
    for (const row of [0, slice.rows - 1]) {
      for (const column of [0, slice.columns - 1]) {
        pointOnSlice(slice, row, column).forEach((value, axis) => {
          least[axis] = Math.min(least[axis], value);
          most[axis] = Math.max(most[axis], value);
        });
      }
    }
  }
  return [most[0] - least[0], most[1] - least[1], most[2] - least[2]];
}
