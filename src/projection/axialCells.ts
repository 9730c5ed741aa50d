import { dot, pointOnSlice } from '../series/geometry';
import type { Series, Slice, SlicePixels, Vec3 } from '../series/types';
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

/** A run of pixels [from, to) along the lateral image axis that falls into one bin. */
interface Run {
  readonly bin: number;
  readonly from: number;
  readonly to: number;
}

/** The two image axes of an axial slice, as lateral (u) and front-to-back (v). */
interface SliceAxes {
  readonly uStride: number;
  readonly vStride: number;
  readonly uCount: number;
  readonly vCount: number;
  readonly uStep: Vec3;
  readonly vStep: Vec3;
}

function axesOf(slice: Slice): SliceAxes {
  const scaled = (v: Vec3, s: number): Vec3 => [v[0] * s, v[1] * s, v[2] * s];
  const along = scaled(slice.rowCosines, slice.columnSpacing);
  const down = scaled(slice.columnCosines, slice.rowSpacing);
  const rowIsLateral = Math.abs(slice.rowCosines[0]) >= Math.abs(slice.columnCosines[0]);
  return rowIsLateral
    ? {
        uStride: 1,
        vStride: slice.columns,
        uCount: slice.columns,
        vCount: slice.rows,
        uStep: along,
        vStep: down,
      }
    : {
        uStride: slice.columns,
        vStride: 1,
        uCount: slice.rows,
        vCount: slice.columns,
        uStep: down,
        vStep: along,
      };
}

/** How many cells an axial series is reduced to, and where they begin. */
interface AxialGrid {
  readonly minX: number;
  readonly minY: number;
  readonly binWidth: number;
  readonly bins: number;
  readonly columns: number;
  readonly groupSize: number;
  readonly groups: number;
}

function gridOf({ slices, spacingMm }: Series): AxialGrid {
  let [minX, maxX, minY, maxY, lateralStep] = [Infinity, -Infinity, Infinity, -Infinity, 0];
  for (const slice of slices) {
    for (const row of [-0.5, slice.rows - 0.5]) {
      for (const column of [-0.5, slice.columns - 0.5]) {
        const [x, y] = pointOnSlice(slice, row, column);
        [minX, maxX] = [Math.min(minX, x), Math.max(maxX, x)];
        [minY, maxY] = [Math.min(minY, y), Math.max(maxY, y)];
      }
    }
    lateralStep = Math.max(lateralStep, Math.abs(axesOf(slice).uStep[0]));
  }
  const binWidth = Math.max(TRACE_STEP_MM, lateralStep);
  const groupSize = spacingMm > 0 ? Math.max(1, Math.floor(GRID_MM / spacingMm + 0.05)) : 1;
  return {
    minX,
    minY,
    binWidth,
    bins: Math.max(1, Math.ceil((maxX - minX) / binWidth - 1e-6)),
    columns: Math.max(1, Math.ceil((maxY - minY) / GRID_MM - 1e-6)),
    groupSize,
    groups: Math.ceil(slices.length / groupSize),
  };
}

/**
 * Reduces axial slices to cells as they come, head or feet first, in the order of `series.slices`.
 * Thin slices are averaged in groups of at most GRID_MM.
 */
export class AxialCells {
  /** The number of cells of a series, and the bytes they take. */
  static cellsFor(series: Series): { readonly count: number; readonly bytes: number } {
    const { groups, columns, bins } = gridOf(series);
    const count = groups * columns * bins;
    return { count, bytes: 2 * count * (series.modality === 'CT' ? 2 : 4) };
  }

  private readonly columns: number;
  private readonly bins: number;
  private readonly binWidth: number;
  private readonly minX: number;
  private readonly minY: number;
  private readonly groupSize: number;
  private readonly groups: number;
  private readonly max: Float32Array | Int16Array;
  private readonly mean: Float32Array | Int16Array;
  private readonly bone: Float32Array | null;
  private readonly groupPosition: Float64Array;
  private readonly body: Float64Array;
  private readonly sumMax: Float32Array;
  private readonly sumMean: Float32Array;
  private readonly sumWeight: Float32Array;
  private inGroup = 0;
  private group = 0;
  private readonly isCt: boolean;
  private readonly empty: number;

  constructor(private readonly series: Series) {
    const grid = gridOf(series);
    this.minX = grid.minX;
    this.minY = grid.minY;
    this.binWidth = grid.binWidth;
    this.bins = grid.bins;
    this.columns = grid.columns;
    this.groupSize = grid.groupSize;
    this.groups = grid.groups;
    this.isCt = series.modality === 'CT';
    this.empty = this.isCt ? CT_RANGE_HU[0] : 0;
    const plane = this.columns * this.bins;
    const Storage = this.isCt ? Int16Array : Float32Array;
    this.max = new Storage(this.groups * plane).fill(this.empty);
    this.mean = new Storage(this.groups * plane).fill(this.empty);
    this.bone = this.isCt ? new Float32Array(this.groups * this.bins) : null;
    this.groupPosition = new Float64Array(this.groups);
    this.body = new Float64Array(this.bins);
    this.sumMax = new Float32Array(plane);
    this.sumMean = new Float32Array(plane);
    this.sumWeight = new Float32Array(plane);
  }

  addSlice(index: number, pixels: SlicePixels, slope: number, intercept: number): void {
    const slice = this.series.slices[index];
    const axes = axesOf(slice);
    const values = slope > 0 ? pixels : Float32Array.from(pixels, (p) => p * slope + intercept);
    const [scale, offset] = slope > 0 ? [slope, intercept] : [1, 0];
    this.reduce(slice, axes, values, scale, offset);
    this.groupPosition[this.group] += dot(this.series.normal, slice.position);
    this.inGroup++;
    if (this.inGroup === this.groupSize || index === this.series.slices.length - 1) this.flush();
  }

  /** Head-first cells of everything that was added. */
  finish(): Cells {
    const headFirst = this.series.normal[2] < 0;
    const plane = this.columns * this.bins;
    const sign = headFirst ? -1 : 1;
    const normal = this.series.normal.map((v) => v * sign) as unknown as Vec3;
    const position = this.groupPosition.map((v) => v * sign);
    if (!headFirst) {
      reverseBlocks(this.max, plane);
      reverseBlocks(this.mean, plane);
      if (this.bone) reverseBlocks(this.bone, this.bins);
      position.reverse();
    }
    const binXMm = Float64Array.from(
      { length: this.bins },
      (_, b) => this.minX + (b + 0.5) * this.binWidth,
    );
    const mass = this.body.reduce((a, b) => a + b, 0);
    const bodyXMm = mass
      ? this.body.reduce((sum, m, b) => sum + m * binXMm[b], 0) / mass
      : (binXMm[0] + binXMm[this.bins - 1]) / 2;
    return {
      rows: this.groups,
      columns: this.columns,
      bins: this.bins,
      max: this.max,
      mean: this.mean,
      rowNormal: normal,
      rowPositionMm: position,
      frontYMm: this.minY + GRID_MM / 2,
      binXMm,
      binWidthMm: this.binWidth,
      bone: this.bone,
      bodyXMm,
      emptyValue: this.empty,
    };
  }

  /** One pass over the pixels; `value = raw * scale + offset`, scale > 0. */
  private reduce(slice: Slice, axes: SliceAxes, raw: SlicePixels, scale: number, offset: number) {
    const toRaw = (value: number) => (value - offset) / scale;
    const [low, high] = (this.isCt ? CT_RANGE_HU : MR_RANGE).map(toRaw);
    const filler = this.isCt ? low : toRaw(0);
    const boneLow = this.isCt ? toRaw(BONE_HU) : Infinity;
    const boneHigh = toRaw(BONE_HU + BONE_EXCESS_HU);
    const depth = Math.abs(axes.vStep[1]);
    const rotated = Math.abs(axes.vStep[0]) * axes.vCount > 0.5;
    let runs = this.runs(slice, axes, 0);
    for (let v = 0; v < axes.vCount; v++) {
      if (rotated && v > 0) runs = this.runs(slice, axes, v);
      const yOfRow = slice.position[1] + v * axes.vStep[1];
      for (const { bin, from, to } of runs) {
        let highest = -Infinity;
        let sum = 0;
        let bone = 0;
        let at = v * axes.vStride + from * axes.uStride;
        for (let u = from; u < to; u++, at += axes.uStride) {
          let value = raw[at] as number;
          if (!(value >= low)) value = filler;
          else if (value > high) value = high;
          sum += value;
          if (value > highest) highest = value;
          if (value > boneLow) bone += (value < boneHigh ? value : boneHigh) - boneLow;
        }
        const mean = (sum / (to - from)) * scale + offset;
        const centre = yOfRow + ((from + to - 1) / 2) * axes.uStep[1];
        this.spread(bin, centre, depth, highest * scale + offset, mean);
        if (this.bone) {
          const mass = (bone / (to - from)) * scale * (depth / TRACE_STEP_MM);
          this.bone[this.group * this.bins + bin] += mass / this.groupSize;
          if (mean > BODY_HU) this.body[bin] += depth;
        } else {
          this.body[bin] += depth * Math.max(0, mean);
        }
      }
    }
  }

  /** Adds one run's values to the columns that its depth overlaps, weighted by the overlap. */
  private spread(bin: number, yMm: number, depth: number, max: number, mean: number) {
    const from = (yMm - depth / 2 - this.minY) / GRID_MM;
    const to = (yMm + depth / 2 - this.minY) / GRID_MM;
    const last = Math.min(this.columns - 1, Math.ceil(to) - 1);
    for (let k = Math.max(0, Math.floor(from)); k <= last; k++) {
      const weight = Math.min(to, k + 1) - Math.max(from, k);
      if (weight <= 0) continue;
      const cell = k * this.bins + bin;
      this.sumMax[cell] += weight * max;
      this.sumMean[cell] += weight * mean;
      this.sumWeight[cell] += weight;
    }
  }

  private flush() {
    const base = this.group * this.sumMax.length;
    for (let i = 0; i < this.sumMax.length; i++) {
      if (this.sumWeight[i] === 0) continue;
      this.max[base + i] = this.sumMax[i] / this.sumWeight[i];
      this.mean[base + i] = this.sumMean[i] / this.sumWeight[i];
    }
    this.groupPosition[this.group] /= this.inGroup;
    if (this.bone && this.inGroup < this.groupSize) {
      const fill = this.groupSize / this.inGroup;
      for (let b = 0; b < this.bins; b++) this.bone[this.group * this.bins + b] *= fill;
    }
    this.sumMax.fill(0);
    this.sumMean.fill(0);
    this.sumWeight.fill(0);
    this.inGroup = 0;
    this.group++;
  }

  private runs(slice: Slice, axes: SliceAxes, v: number): Run[] {
    const start = slice.position[0] + v * axes.vStep[0];
    const runs: Run[] = [];
    let from = 0;
    const binAt = (u: number) =>
      Math.min(
        this.bins - 1,
        Math.max(0, Math.floor((start + u * axes.uStep[0] - this.minX) / this.binWidth)),
      );
    for (let u = 1; u <= axes.uCount; u++) {
      if (u < axes.uCount && binAt(u) === binAt(from)) continue;
      runs.push({ bin: binAt(from), from, to: u });
      from = u;
    }
    return runs;
  }
}

function reverseBlocks(data: Float32Array | Int16Array, block: number): void {
  const count = data.length / block;
  for (let a = 0, b = count - 1; a < b; a++, b--) {
    const kept = data.slice(a * block, (a + 1) * block);
    data.copyWithin(a * block, b * block, (b + 1) * block);
    data.set(kept, b * block);
  }
}
