import type { Vec3 } from '../series/types';
import type { CellRow } from './cellRows';

/** Step of the front-to-back grid and of the projection, mm. */
export const GRID_MM = 2;
/** Excess over this counts as bone, HU. */
export const BONE_HU = 130;
/** Excess counted at most: metal weighs no more than dense bone, HU. */
export const BONE_EXCESS_HU = 600;
/** Darker than this is outside the body, HU. */
export const BODY_HU = -300;
/** CT values are clipped to this range: padding (-2000, -3024) becomes air, metal becomes bone, HU. */
export const CT_RANGE_HU = [-1000, 1500] as const;
/** Of values that no MR image has, what sums of 32-bit numbers can still hold. */
export const MR_RANGE = [-1e30, 1e30] as const;

/**
 * A scan reduced to cells of a few millimetres while its slices stream in: per cell the mean over
 * its depth of the lateral maximum, and the mean. Rows run head to foot, columns front to back on a
 * GRID_MM grid in patient y, bins from right to left (ascending patient x).
 */
export interface Cells {
  readonly rows: number;
  readonly columns: number;
  readonly bins: number;
  /** Row r's cells, columns x bins; good until another row is asked for. */
  readonly row: (r: number) => CellRow;
  /** Head-first unit normal of the rows and each row's position along it (descending), mm. */
  readonly rowNormal: Vec3;
  readonly rowPositionMm: Float64Array;
  /** Patient y of the centre of column 0, mm. */
  readonly frontYMm: number;
  /** Patient x of each bin's centre and the bins' width, mm. */
  readonly binXMm: Float64Array;
  readonly binWidthMm: number;
  /** CT: summed bone excess over the column direction in units of HU x 4 mm, rows x bins; else null. */
  readonly bone: Float32Array | null;
  /** Patient x of the middle of the body, mm. */
  readonly bodyXMm: number;
  /** The value of a cell that no voxel fell into. */
  readonly emptyValue: number;
}
