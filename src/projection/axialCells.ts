import { dot } from '../series/geometry';
import type { Series, Slice, SlicePixels, Vec3 } from '../series/types';
import {
  axesOf,
  axialGridOf,
  RunsOfRows,
  type AxialGrid,
  type Runs,
  type SliceAxes,
} from './axialGrid';
import {
  BODY_HU,
  BONE_EXCESS_HU,
  BONE_HU,
  CT_RANGE_HU,
  GRID_MM,
  MR_RANGE,
  type Cells,
} from './cells';
import { PackedCellRows, PlainCellRows, type CellRows } from './cellRows';
import { CellSums } from './cellSums';
import { RunReducer, type RawLimits, type Scale } from './runReducer';
import { TRACE_STEP_MM } from './spineTrace';

/**
 * Reduces axial slices to cells as they come, head or feet first, in the order of `series.slices`.
 * Thin slices are averaged in groups of at most GRID_MM.
 */
export class AxialCells {
  /** The number of cells of a series, and the bytes they take at most. */
  static cellsFor(series: Series): { readonly count: number; readonly bytes: number } {
    const { groups, columns, bins } = axialGridOf(series);
    const count = groups * columns * bins;
    return { count, bytes: 2 * count * (series.modality === 'CT' ? 2 : 4) };
  }

  private readonly grid: AxialGrid;
  private readonly rows: CellRows;
  private readonly bone: Float32Array | null;
  private readonly groupPosition: Float64Array;
  private readonly body: Float64Array;
  private readonly sums: CellSums;
  private readonly runs: RunsOfRows;
  private readonly reducer: RunReducer;
  private inGroup = 0;
  private group = 0;
  private readonly isCt: boolean;
  private readonly empty: number;

  constructor(private readonly series: Series) {
    this.grid = axialGridOf(series);
    const { bins, columns, groups } = this.grid;
    this.isCt = series.modality === 'CT';
    this.empty = this.isCt ? CT_RANGE_HU[0] : 0;
    const plane = columns * bins;
    this.rows = this.isCt ? new PackedCellRows(plane) : new PlainCellRows(plane);
    this.bone = this.isCt ? new Float32Array(groups * bins) : null;
    this.groupPosition = new Float64Array(groups);
    this.body = new Float64Array(bins);
    this.sums = new CellSums(this.grid);
    this.runs = new RunsOfRows(this.grid);
    this.reducer = new RunReducer(bins);
  }

  addSlice(index: number, pixels: SlicePixels, slope: number, intercept: number): void {
    const slice = this.series.slices[index];
    const axes = axesOf(slice);
    const values = slope > 0 ? pixels : Float32Array.from(pixels, (p) => p * slope + intercept);
    const [scale, offset] = slope > 0 ? [slope, intercept] : [1, 0];
    this.reduce(slice, axes, values, { scale, offset });
    this.groupPosition[this.group] += dot(this.series.normal, slice.position);
    this.inGroup++;
    if (this.inGroup === this.grid.groupSize || index === this.series.slices.length - 1)
      this.flush();
  }

  /** Head-first cells of everything that was added. */
  finish(): Cells {
    const { bins, columns, groups, minX, minY, binWidth } = this.grid;
    const headFirst = this.series.normal[2] < 0;
    const sign = headFirst ? -1 : 1;
    const normal = this.series.normal.map((v) => v * sign) as unknown as Vec3;
    const position = this.groupPosition.map((v) => v * sign);
    if (!headFirst) {
      if (this.bone) reverseBlocks(this.bone, bins);
      position.reverse();
    }
    const binXMm = Float64Array.from({ length: bins }, (_, b) => minX + (b + 0.5) * binWidth);
    const mass = this.body.reduce((a, b) => a + b, 0);
    const bodyXMm = mass
      ? this.body.reduce((sum, m, b) => sum + m * binXMm[b], 0) / mass
      : (binXMm[0] + binXMm[bins - 1]) / 2;
    return {
      rows: groups,
      columns,
      bins,
      row: (r) => this.rows.row(headFirst ? r : groups - 1 - r),
      rowNormal: normal,
      rowPositionMm: position,
      frontYMm: minY + GRID_MM / 2,
      binXMm,
      binWidthMm: binWidth,
      bone: this.bone,
      bodyXMm,
      emptyValue: this.empty,
    };
  }

  /** One pass over the pixels. */
  private reduce(slice: Slice, axes: SliceAxes, raw: SlicePixels, scale: Scale) {
    const { uStride, uCount, vStride, vCount, uStep, vStep } = axes;
    const depth = Math.abs(vStep[1]);
    const rotated = Math.abs(vStep[0]) * vCount > 0.5;
    const runsAt = (v: number) =>
      this.runs.of({ startX: slice.position[0] + v * vStep[0], count: uCount, step: uStep[0] });
    let runs = runsAt(0);
    // Runs of a rotated slice differ by a pixel from row to row.
    this.reducer.begin(raw, scale, this.rawLimits(scale), runs.longest + 1);
    for (let v = 0; v < vCount; v++) {
      if (rotated && v > 0) runs = runsAt(v);
      this.reducer.row(v * vStride, uStride, runs);
      this.weigh(depth, runs);
      const y = slice.position[1] + v * vStep[1];
      if (uStep[1] === 0) this.sums.addRow(y, depth, runs, this.reducer.reduced);
      else this.sums.addRuns((u) => y + u * uStep[1], depth, runs, this.reducer.reduced);
    }
  }

  private rawLimits({ scale, offset }: Scale): RawLimits {
    const toRaw = (value: number) => (value - offset) / scale;
    const [low, high] = (this.isCt ? CT_RANGE_HU : MR_RANGE).map(toRaw);
    return {
      low,
      high,
      filler: this.isCt ? low : toRaw(0),
      boneLow: this.isCt ? toRaw(BONE_HU) : Infinity,
      boneHigh: toRaw(BONE_HU + BONE_EXCESS_HU),
    };
  }

  /** Counts a row of pixels as bone and as body. */
  private weigh(depth: number, { count, bins }: Runs) {
    const { body, bone } = this;
    const { reduced, hasBone } = this.reducer;
    if (!bone) {
      for (let run = 0; run < count; run++)
        body[bins[run]] += depth * Math.max(0, reduced[3 * run + 1]);
      return;
    }
    for (let run = 0; run < count; run++) {
      if (reduced[3 * run + 1] > BODY_HU) body[bins[run]] += depth;
    }
    if (!hasBone) return;
    const first = this.group * this.grid.bins;
    const { groupSize } = this.grid;
    for (let run = 0; run < count; run++) {
      const excess = reduced[3 * run + 2];
      bone[first + bins[run]] += (excess * (depth / TRACE_STEP_MM)) / groupSize;
    }
  }

  private flush() {
    const { bone } = this;
    const { bins, groupSize } = this.grid;
    this.sums.takeMeans(this.rows.next, this.empty);
    this.rows.keep();
    this.groupPosition[this.group] /= this.inGroup;
    if (bone && this.inGroup < groupSize) {
      const fill = groupSize / this.inGroup;
      for (let b = 0; b < bins; b++) bone[this.group * bins + b] *= fill;
    }
    this.inGroup = 0;
    this.group++;
  }
}

function reverseBlocks(data: Float32Array, block: number): void {
  const count = data.length / block;
  for (let a = 0, b = count - 1; a < b; a++, b--) {
    const kept = data.slice(a * block, (a + 1) * block);
    data.copyWithin(a * block, b * block, (b + 1) * block);
    data.set(kept, b * block);
  }
}
