import { pointOnSlice } from '../series/geometry';
import type { Series, SlicePixels } from '../series/types';
import {
  BODY_HU,
  BONE_EXCESS_HU,
  BONE_HU,
  CT_RANGE_HU,
  GRID_MM,
  MR_RANGE,
  type Cells,
} from './cells';
import { TRACE_STEP_MM } from './spineTrace';

/** The grid in patient (z, y) that a sagittal series is resampled onto, mm. */
function gridOf({ slices }: Series) {
  let [minY, maxY, minZ, maxZ] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const slice of slices) {
    for (const row of [0, slice.rows - 1]) {
      for (const column of [0, slice.columns - 1]) {
        const [, y, z] = pointOnSlice(slice, row, column);
        [minY, maxY] = [Math.min(minY, y), Math.max(maxY, y)];
        [minZ, maxZ] = [Math.min(minZ, z), Math.max(maxZ, z)];
      }
    }
  }
  const rows = Math.round((maxZ - minZ) / GRID_MM) + 1;
  const columns = Math.round((maxY - minY) / GRID_MM) + 1;
  return { minY, maxY, minZ, maxZ, rows, columns };
}

/**
 * Resamples sagittal slices onto the GRID_MM grid in patient (z, y) as they come; every slice is one
 * lateral bin. A single slice is valid input.
 */
export class SagittalCells {
  /** The number of cells of a series, and the bytes they take. */
  static cellsFor(series: Series): { readonly count: number; readonly bytes: number } {
    const { rows, columns } = gridOf(series);
    const count = rows * columns * series.slices.length;
    return { count, bytes: count * (series.modality === 'CT' ? 2 : 4) };
  }

  private readonly rows: number;
  private readonly columns: number;
  private readonly topZ: number;
  private readonly frontY: number;
  private readonly values: Float32Array | Int16Array;
  private readonly bone: Float32Array | null;
  private readonly isCt: boolean;
  private readonly empty: number;
  /** Lateral order of the slices: ascending patient x. */
  private readonly binOf: Int32Array;
  private readonly binXMm: Float64Array;

  constructor(private readonly series: Series) {
    const { minY, maxY, minZ, maxZ, rows, columns } = gridOf(series);
    this.topZ = maxZ;
    this.frontY = minY;
    this.rows = rows;
    this.columns = columns;
    this.isCt = series.modality === 'CT';
    this.empty = this.isCt ? CT_RANGE_HU[0] : 0;
    const bins = series.slices.length;
    const Storage = this.isCt ? Int16Array : Float32Array;
    this.values = new Storage(this.rows * this.columns * bins).fill(this.empty);
    this.bone = this.isCt ? new Float32Array(this.rows * bins) : null;
    const middleY = (minY + maxY) / 2;
    const middleZ = (minZ + maxZ) / 2;
    const x = series.slices.map((_, i) => this.xOnPlane(i, middleY, middleZ));
    const order = x.map((_, i) => i).sort((a, b) => x[a] - x[b]);
    this.binOf = new Int32Array(bins);
    order.forEach((slice, bin) => (this.binOf[slice] = bin));
    this.binXMm = Float64Array.from(order, (i) => x[i]);
  }

  addSlice(index: number, pixels: SlicePixels, slope: number, intercept: number): void {
    const slice = this.series.slices[index];
    const bins = this.series.slices.length;
    const bin = this.binOf[index];
    const [nx, ny, nz] = this.series.normal;
    const { rowCosines: along, columnCosines: down, position } = slice;
    // In-plane position as a linear function of patient (y, z); x follows from the plane.
    const perY = { row: down[1] - (down[0] * ny) / nx, column: along[1] - (along[0] * ny) / nx };
    const perZ = { row: down[2] - (down[0] * nz) / nx, column: along[2] - (along[0] * nz) / nx };
    const radiusRow = Math.max(1, GRID_MM / slice.rowSpacing);
    const radiusColumn = Math.max(1, GRID_MM / slice.columnSpacing);
    for (let r = 0; r < this.rows; r++) {
      const dz = this.topZ - r * GRID_MM - position[2];
      for (let c = 0; c < this.columns; c++) {
        const dy = this.frontY + c * GRID_MM - position[1];
        const row = (dy * perY.row + dz * perZ.row) / slice.rowSpacing;
        const column = (dy * perY.column + dz * perZ.column) / slice.columnSpacing;
        if (row < -0.5 || column < -0.5) continue;
        if (row > slice.rows - 0.5 || column > slice.columns - 0.5) continue;
        const value = this.tent(
          pixels,
          slice.rows,
          slice.columns,
          row,
          column,
          radiusRow,
          radiusColumn,
          slope,
          intercept,
        );
        this.values[(r * this.columns + c) * bins + bin] = value;
        if (this.bone && value > BONE_HU) {
          this.bone[r * bins + bin] +=
            Math.min(value - BONE_HU, BONE_EXCESS_HU) * (GRID_MM / TRACE_STEP_MM);
        }
      }
    }
  }

  finish(): Cells {
    const { rows, columns } = this;
    const bins = this.series.slices.length;
    return {
      rows,
      columns,
      bins,
      row: (r) => {
        const values = this.values.subarray(r * columns * bins, (r + 1) * columns * bins);
        return { max: values, mean: values };
      },
      rowNormal: [0, 0, 1],
      rowPositionMm: Float64Array.from({ length: rows }, (_, r) => this.topZ - r * GRID_MM),
      frontYMm: this.frontY,
      binXMm: this.binXMm,
      binWidthMm: this.series.spacingMm || TRACE_STEP_MM,
      bone: this.bone,
      bodyXMm: this.bodyX(bins),
      emptyValue: this.empty,
    };
  }

  private bodyX(bins: number): number {
    const middle = (this.binXMm[0] + this.binXMm[bins - 1]) / 2;
    if (!this.isCt) return middle;
    const mass = new Float64Array(bins);
    for (let i = 0; i < this.values.length; i++) if (this.values[i] > BODY_HU) mass[i % bins]++;
    const total = mass.reduce((a, b) => a + b, 0);
    return total ? mass.reduce((sum, m, b) => sum + m * this.binXMm[b], 0) / total : middle;
  }

  private xOnPlane(index: number, y: number, z: number): number {
    const [nx, ny, nz] = this.series.normal;
    const p = this.series.slices[index].position;
    return p[0] - (ny * (y - p[1]) + nz * (z - p[2])) / nx;
  }

  /** Tent-weighted mean about a fractional pixel: linear when enlarging, area-like when reducing. */
  private tent(
    pixels: SlicePixels,
    rows: number,
    columns: number,
    row: number,
    column: number,
    radiusRow: number,
    radiusColumn: number,
    slope: number,
    intercept: number,
  ): number {
    const [low, high] = this.isCt ? CT_RANGE_HU : MR_RANGE;
    const filler = this.isCt ? low : 0;
    let sum = 0;
    let weights = 0;
    const lastRow = Math.min(rows - 1, Math.floor(row + radiusRow));
    const lastColumn = Math.min(columns - 1, Math.floor(column + radiusColumn));
    for (let r = Math.max(0, Math.ceil(row - radiusRow)); r <= lastRow; r++) {
      const weightRow = 1 - Math.abs(r - row) / radiusRow;
      if (weightRow <= 0) continue;
      for (let c = Math.max(0, Math.ceil(column - radiusColumn)); c <= lastColumn; c++) {
        const weight = weightRow * (1 - Math.abs(c - column) / radiusColumn);
        if (weight <= 0) continue;
        let value = (pixels[r * columns + c] as number) * slope + intercept;
        if (!(value >= low)) value = filler;
        else if (value > high) value = high;
        sum += weight * value;
        weights += weight;
      }
    }
    return weights > 0 ? sum / weights : this.empty;
  }
}
