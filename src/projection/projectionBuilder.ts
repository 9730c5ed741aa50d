import { within } from '../limits/most';
import { implausible, short } from '../limits/size';
import { phrase } from '../reasons/phrases';
import type { Reason } from '../reasons/reasons';
import { dot } from '../series/geometry';
import { extentsOf, implausibleSize } from '../series/plausibleSize';
import type { Series, SlicePixels } from '../series/types';
import { AxialCells } from './axialCells';
import { BONE_EXCESS_HU, BONE_HU, GRID_MM, type Cells } from './cells';
import { percentile, type Image } from './filters';
import { SagittalCells } from './sagittalCells';
import { TRACE_STEP_MM, traceFrontToBack, traceLaterally } from './spineTrace';
import type { ChannelName, IntensityWindow, Projection } from './types';

/** Width of the mid-sagittal slab: CT follows the traced spine, MR takes the middle of the stack, mm. */
const SLAB_MM = { CT: 24, MR: 12 } as const;
/** The lateral band on both sides of the spine, mm from its centre line. */
const LATERAL_BAND_MM = [25, 60] as const;
/** Front-to-back window of a CT projection and the spine's place in it. */
const WINDOW_MM = 224;
const SPINE_SHARE = 0.55;

export interface ProjectionOptions {
  readonly channels: readonly ChannelName[];
  readonly window: IntensityWindow;
  /** Training only: another slab, `offsetMm` from its usual place along patient x. */
  readonly slab?: { readonly offsetMm: number; readonly widthMm: number };
}

/** Why a series is too large to be a person's, or to be projected, or null; asked before it is. */
export function implausibleToProject(series: Series): Reason | null {
  const size = implausibleSize(series);
  if (size) return size;
  const Kind = series.plane === 'axial' ? AxialCells : SagittalCells;
  const cells = Kind.cellsFor(series);
  const voxels = series.slices.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  if (within(cells.count > voxels ? 'emptyCellBytes' : 'cellBytes', cells.bytes)) return null;
  return implausible(
    phrase('size-extent', { mm: extentsOf(series.slices).map(short).join(' x ') }),
  );
}

/**
 * Assembles the sagittal projection of a series from one read of its slices.
 *
 * Slices are reduced to cells as they come (a fraction of the series), then the spine is traced
 * on the cells and the slab around it projected, so that the projection follows a scoliotic spine.
 * Resampling into the patient's (z, y) plane honours each slice's own position: uneven spacing and
 * gantry tilt are exact.
 */
export class ProjectionBuilder {
  private readonly cells: AxialCells | SagittalCells;
  private next = 0;

  constructor(
    private readonly series: Series,
    private readonly options: ProjectionOptions,
  ) {
    this.cells = series.plane === 'axial' ? new AxialCells(series) : new SagittalCells(series);
  }

  /**
   * Adds slice `index` of `series.slices`; slices come in ascending order.
   *
   * @param pixels row-major, rows x columns; value in modality units = pixels * slope + intercept.
   * @throws RangeError when the slice is out of order or has another number of pixels.
   */
  addSlice(index: number, pixels: SlicePixels, slope: number, intercept: number): void {
    if (index !== this.next) throw new RangeError(`Slice ${index} came where ${this.next} was due`);
    const { rows, columns } = this.series.slices[index];
    if (pixels.length !== rows * columns) {
      throw new RangeError(
        `Slice ${index} has ${pixels.length} pixels, not ${rows} x ${columns}; is it decoded and monochrome?`,
      );
    }
    this.cells.addSlice(index, pixels, slope, intercept);
    this.next++;
  }

  /** @throws RangeError when slices are missing. */
  finish(): Projection {
    if (this.next !== this.series.slices.length) {
      throw new RangeError(`Only ${this.next} of ${this.series.slices.length} slices were added`);
    }
    const cells = this.cells.finish();
    const spine = this.spineX(cells);
    const slab = this.slab(cells, spine);
    const view = this.windowOf(cells, slab);
    return this.resample(cells, spine, slab, view);
  }

  /** Patient x of the spine for each cell row. */
  private spineX(cells: Cells): Float32Array {
    const offset = this.options.slab?.offsetMm ?? 0;
    if (!cells.bone || cells.bins === 1) {
      const middle = cells.bins === 1 ? cells.binXMm[0] : cells.bodyXMm;
      return new Float32Array(cells.rows).fill(middle + offset);
    }
    const trace = boneGrid(cells);
    const path = traceLaterally(trace.image, (cells.bodyXMm - trace.firstXMm) / TRACE_STEP_MM);
    return Float32Array.from({ length: cells.rows }, (_, r) => {
      const at = (cells.rowPositionMm[0] - cells.rowPositionMm[r]) / TRACE_STEP_MM;
      return trace.firstXMm + interpolate(path, at) * TRACE_STEP_MM + offset;
    });
  }

  /** Ribs and iliac bone are dark on MR and its stacks end before them: the band is CT's alone. */
  private hasLateralBand(): boolean {
    return this.options.channels.includes('lateral') && this.series.modality === 'CT';
  }

  /** Maximum and mean over the slab, and the maximum over the lateral bands; rows x columns each. */
  private slab(cells: Cells, spine: Float32Array) {
    const { rows, columns, bins, binXMm, binWidthMm } = cells;
    const width = this.options.slab?.widthMm ?? SLAB_MM[this.series.modality];
    const wantLateral = this.hasLateralBand();
    const max = new Float32Array(rows * columns);
    const mean = new Float32Array(rows * columns);
    const lateral = new Float32Array(
      this.options.channels.includes('lateral') ? rows * columns : 0,
    ).fill(cells.emptyValue);
    for (let r = 0; r < rows; r++) {
      const distance = binXMm.map((x) => Math.abs(x - spine[r]));
      const nearest = distance.indexOf(Math.min(...distance));
      // The share of each bin inside the slab weighs in the mean; at least half a bin counts for the maximum.
      const share = distance.map((d) =>
        this.series.plane === 'sagittal'
          ? Number(d <= width / 2 + 1e-3)
          : Math.min(1, Math.max(0, (width / 2 - d) / binWidthMm + 0.5)),
      );
      share[nearest] = Math.max(share[nearest], 1e-3);
      const inside = indicesWhere(share, (part) => part !== 0);
      const counted = indicesWhere(share, (part, b) => part >= 0.5 || b === nearest);
      const inBand = wantLateral
        ? indicesWhere(distance, (d) => d >= LATERAL_BAND_MM[0] && d <= LATERAL_BAND_MM[1])
        : [];
      const weight = inside.reduce((sum, b) => sum + share[b], 0);
      const cell = cells.row(r);
      for (let c = 0; c < columns; c++) {
        const base = c * bins;
        let highest = -Infinity;
        for (const b of counted) if (cell.max[base + b] > highest) highest = cell.max[base + b];
        let sum = 0;
        for (const b of inside) sum += share[b] * cell.mean[base + b];
        max[r * columns + c] = highest;
        mean[r * columns + c] = sum / weight;
        if (!wantLateral) continue;
        let aside = cells.emptyValue;
        for (const b of inBand) if (cell.max[base + b] > aside) aside = cell.max[base + b];
        lateral[r * columns + c] = aside;
      }
    }
    return { max, mean, lateral };
  }

  /** First column and number of columns of the projection on the cells' grid. */
  private windowOf(cells: Cells, slab: { max: Float32Array; mean: Float32Array }) {
    if (!cells.bone) return { firstColumn: 0, width: cells.columns };
    const width = WINDOW_MM / GRID_MM;
    const bone = slabBone(cells, slab);
    const path = traceFrontToBack(bone).sort();
    const median = (path[path.length >> 1] * TRACE_STEP_MM) / GRID_MM;
    return { firstColumn: Math.round(median - SPINE_SHARE * width), width };
  }

  private resample(
    cells: Cells,
    spine: Float32Array,
    slab: { max: Float32Array; mean: Float32Array; lateral: Float32Array },
    { firstColumn, width }: { firstColumn: number; width: number },
  ): Projection {
    const { rows, columns, rowPositionMm: position, rowNormal: n } = cells;
    const frontYMm = cells.frontYMm + firstColumn * GRID_MM;
    const middleY = frontYMm + SPINE_SHARE * (width - 1) * GRID_MM;
    const zOnRow = (r: number) => (position[r] - n[0] * spine[r] - n[1] * middleY) / n[2];
    const topZMm = zOnRow(0);
    const height = Math.round((topZMm - zOnRow(rows - 1)) / GRID_MM) + 1;
    const reach = rows > 1 ? medianStep(position) / 2 : GRID_MM / 2;

    const spineXMm = new Float32Array(height);
    const inView = new Uint8Array(height);
    const planes = { max: slab.max, mean: slab.mean, lateral: slab.lateral };
    const wanted = (['max', 'mean', 'lateral'] as const).filter(
      (name) => name !== 'lateral' || this.options.channels.includes('lateral'),
    );
    const out = Object.fromEntries(
      wanted.map((name) => [name, new Float32Array(height * width).fill(cells.emptyValue)]),
    ) as Record<'max' | 'mean' | 'lateral', Float32Array>;
    let mixed = { d: position[0], ...rowWeights(position, position[0]) };
    for (let h = 0; h < height; h++) {
      const z = topZMm - h * GRID_MM;
      spineXMm[h] = spineAt(cells, spine, middleY, z);
      for (let w = 0; w < width; w++) {
        const column = firstColumn + w;
        if (column < 0 || column >= columns) continue;
        const d = n[0] * spineXMm[h] + n[1] * (frontYMm + w * GRID_MM) + n[2] * z;
        if (d > position[0] + reach + 1e-3 || d < position[rows - 1] - reach - 1e-3) continue;
        // Without tilt a row of the projection lies at one position.
        if (d !== mixed.d) mixed = { d, ...rowWeights(position, d) };
        const { first, weights } = mixed;
        for (const name of wanted) {
          const plane = planes[name];
          let value = 0;
          for (let k = 0; k < weights.length; k++) {
            value += weights[k] * plane[(first + k) * columns + column];
          }
          out[name][h * width + w] = value;
        }
      }
    }
    for (let h = 0; h < height; h++) {
      for (let w = 0; w < width && !inView[h]; w++) {
        if (out.max[h * width + w] > cells.emptyValue) inView[h] = 1;
      }
    }
    const normalised = this.normalise(out, wanted, planes);
    const data = new Float32Array(this.options.channels.length * height * width);
    this.options.channels.forEach((name, i) => {
      const plane =
        name === 'mix'
          ? normalised.max.map((v, k) => (v + normalised.mean[k]) / 2)
          : normalised[name];
      data.set(plane, i * height * width);
    });
    return {
      channels: this.options.channels,
      data,
      height,
      width,
      mmPerPixel: GRID_MM,
      topZMm,
      frontYMm,
      spineXMm,
      inView,
    };
  }

  private normalise(
    out: Record<'max' | 'mean' | 'lateral', Float32Array>,
    wanted: readonly ('max' | 'mean' | 'lateral')[],
    slab: { max: Float32Array; mean: Float32Array },
  ) {
    const { window } = this.options;
    let [low, high] = [window.low, window.high];
    if (window.kind === 'percentile') {
      const values = new Float32Array(slab.max.length + slab.mean.length);
      values.set(slab.max);
      values.set(slab.mean, slab.max.length);
      values.sort();
      [low, high] = [percentile(values, window.low), percentile(values, window.high)];
    }
    const scale = 1 / Math.max(high - low, 1e-6);
    for (const name of wanted) {
      const plane = out[name];
      if (name === 'lateral' && !this.hasLateralBand()) {
        plane.fill(0);
        continue;
      }
      for (let i = 0; i < plane.length; i++)
        plane[i] = Math.min(1, Math.max(0, (plane[i] - low) * scale));
    }
    return out;
  }
}

/** Bone mass on the TRACE_STEP_MM grid, rows along the row normal, columns along patient x. */
function boneGrid(cells: Cells): { image: Image; firstXMm: number } {
  const { bone, bins, binXMm, binWidthMm, rowPositionMm: position } = cells;
  const rows = Math.floor((position[0] - position[cells.rows - 1]) / TRACE_STEP_MM) + 1;
  const columns = Math.max(1, Math.floor((binXMm[bins - 1] - binXMm[0]) / TRACE_STEP_MM) + 1);
  const firstXMm = binXMm[0];
  const data = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const { first, weights } = rowWeights(position, position[0] - r * TRACE_STEP_MM, TRACE_STEP_MM);
    for (let c = 0; c < columns; c++) {
      const bin = Math.min(bins - 1, (c * TRACE_STEP_MM) / binWidthMm);
      const left = Math.floor(bin);
      const right = Math.min(bins - 1, left + 1);
      let value = 0;
      for (let k = 0; k < weights.length; k++) {
        const base = (first + k) * bins;
        value +=
          weights[k] * (bone![base + left] * (1 - bin + left) + bone![base + right] * (bin - left));
      }
      data[r * columns + c] = value;
    }
  }
  return { image: { data, rows, columns }, firstXMm };
}

/** Excess over the bone threshold in the slab, on the TRACE_STEP_MM grid. */
function slabBone(cells: Cells, slab: { max: Float32Array; mean: Float32Array }): Image {
  const { rowPositionMm: position } = cells;
  const rows = Math.floor((position[0] - position[cells.rows - 1]) / TRACE_STEP_MM) + 1;
  const stepColumns = TRACE_STEP_MM / GRID_MM;
  const columns = Math.max(1, Math.floor(cells.columns / stepColumns));
  const data = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    const { first, weights } = rowWeights(position, position[0] - r * TRACE_STEP_MM, TRACE_STEP_MM);
    for (let c = 0; c < columns; c++) {
      let value = 0;
      for (let s = 0; s < stepColumns; s++) {
        for (let k = 0; k < weights.length; k++) {
          const i = (first + k) * cells.columns + c * stepColumns + s;
          const excess = (slab.max[i] + slab.mean[i]) / 2 - BONE_HU;
          value += (weights[k] / stepColumns) * Math.min(BONE_EXCESS_HU, Math.max(0, excess));
        }
      }
      data[r * columns + c] = value;
    }
  }
  return { data, rows, columns };
}

/**
 * Weights of the cell rows that make up the value at position `d` (positions descend): linear
 * between neighbours when rows are further apart than the grid, a tent of `width` otherwise.
 */
function rowWeights(
  position: Float64Array,
  d: number,
  width = GRID_MM,
): { first: number; weights: number[] } {
  const rows = position.length;
  let below = 0;
  let high = rows;
  while (below < high) {
    const middle = (below + high) >> 1;
    if (position[middle] > d) below = middle + 1;
    else high = middle;
  }
  if (below === 0) return { first: 0, weights: [1] };
  if (below === rows) return { first: rows - 1, weights: [1] };
  const gap = position[below - 1] - position[below];
  if (gap >= width) {
    const share = (position[below - 1] - d) / gap;
    return { first: below - 1, weights: [1 - share, share] };
  }
  let first = below;
  while (first > 0 && position[first - 1] - d < width) first--;
  let last = below - 1;
  while (last < rows - 1 && d - position[last + 1] < width) last++;
  const weights: number[] = [];
  for (let r = first; r <= last; r++) weights.push(1 - Math.abs(position[r] - d) / width);
  const total = weights.reduce((a, b) => a + b, 0);
  return { first, weights: weights.map((w) => w / total) };
}

function indicesWhere(
  values: Float64Array,
  holds: (value: number, index: number) => boolean,
): readonly number[] {
  return Array.from(values.keys()).filter((index) => holds(values[index], index));
}

function medianStep(position: Float64Array): number {
  const steps = Array.from(position.subarray(1), (v, i) => position[i] - v).sort((a, b) => a - b);
  return steps[steps.length >> 1];
}

/** Spine x at height z: the row position there depends on x itself, weakly, so two rounds suffice. */
function spineAt(cells: Cells, spine: Float32Array, y: number, z: number): number {
  let x = spine[spine.length >> 1];
  for (let round = 0; round < 2; round++) {
    const { first, weights } = rowWeights(cells.rowPositionMm, dot(cells.rowNormal, [x, y, z]));
    x = weights.reduce((sum, weight, k) => sum + weight * spine[first + k], 0);
  }
  return x;
}

function interpolate(values: Float32Array, at: number): number {
  const clamped = Math.min(values.length - 1, Math.max(0, at));
  const low = Math.floor(clamped);
  const high = Math.min(values.length - 1, low + 1);
  return values[low] + (clamped - low) * (values[high] - values[low]);
}
