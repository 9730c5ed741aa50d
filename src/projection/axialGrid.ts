import { pointOnSlice } from '../series/geometry';
import type { Series, Slice, Vec3 } from '../series/types';
import { GRID_MM } from './cells';
import { TRACE_STEP_MM } from './spineTrace';

/** The two image axes of an axial slice, as lateral (u) and front-to-back (v). */
export interface SliceAxes {
  readonly uStride: number;
  readonly vStride: number;
  readonly uCount: number;
  readonly vCount: number;
  /** From one pixel to the next, LPS mm. */
  readonly uStep: Vec3;
  readonly vStep: Vec3;
}

export function axesOf(slice: Slice): SliceAxes {
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

/** How many cells an axial series is reduced to, and where they begin, LPS mm. */
export interface AxialGrid {
  readonly minX: number;
  readonly minY: number;
  readonly binWidth: number;
  readonly bins: number;
  readonly columns: number;
  /** Slices that share a row of cells. */
  readonly groupSize: number;
  readonly groups: number;
}

export function axialGridOf({ slices, spacingMm }: Series): AxialGrid {
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

/** A row of pixels cut where one bin ends and the next one begins; neighbouring runs, no bin twice. */
export interface Runs {
  readonly count: number;
  /** Run k is pixels [edges[k], edges[k + 1]) along u and lies in bin `bins[k]`. */
  readonly edges: Int32Array;
  readonly bins: Int32Array;
  /** Pixels of the longest run. */
  readonly longest: number;
}

/** A row of pixels along u: patient x of the first one and from one to the next, mm, and how many. */
export interface PixelRow {
  readonly startX: number;
  readonly step: number;
  readonly count: number;
}

/** The runs of rows; rows at the same place have the very same ones. */
export class RunsOfRows {
  private last: { readonly row: PixelRow; readonly runs: Runs } | null = null;

  constructor(private readonly grid: AxialGrid) {}

  of(row: PixelRow): Runs {
    const { last } = this;
    const isSame =
      last?.row.startX === row.startX && last.row.step === row.step && last.row.count === row.count;
    if (isSame) return last.runs;
    this.last = { row, runs: runsOf(this.grid, row) };
    return this.last.runs;
  }
}

function runsOf({ minX, binWidth, bins }: AxialGrid, { startX, step, count }: PixelRow): Runs {
  const edges = [0];
  const inBins: number[] = [];
  const binAt = (u: number) =>
    Math.min(bins - 1, Math.max(0, Math.floor((startX + u * step - minX) / binWidth)));
  let current = binAt(0);
  let longest = 0;
  for (let u = 1; u <= count; u++) {
    const next = u < count ? binAt(u) : -1;
    if (next === current) continue;
    longest = Math.max(longest, u - edges[edges.length - 1]);
    edges.push(u);
    inBins.push(current);
    current = next;
  }
  return {
    count: inBins.length,
    edges: Int32Array.from(edges),
    bins: Int32Array.from(inBins),
    longest,
  };
}
