import { pointOnSlice } from '../../../src/series/geometry';
import type { Series, Slice, SlicePixels } from '../../../src/series/types';

/** One slice as it comes: value = pixels * slope + intercept, slope > 0. */
export interface GivenSlice {
  readonly pixels: SlicePixels;
  readonly slope: number;
  readonly intercept: number;
}

/** What axial slices are reduced to, in their own order. */
interface PlainCells {
  readonly max: readonly number[][];
  readonly mean: readonly number[][];
  readonly bone: readonly number[][];
  readonly body: readonly number[];
}

interface Grid {
  readonly minX: number;
  readonly minY: number;
  readonly width: number;
  readonly bins: number;
  readonly columns: number;
  readonly group: number;
}

/**
 * The cells of an axial CT, voxel by voxel as the text says it: clip to -1000..1500 HU, take highest, mean and
 * bone (130..730 HU) of the voxels of a row that fall into one bin of 4 mm, add them to the columns of 2 mm that the
 * row's depth overlaps, in numbers of 32 bits, and cut the weighted means to whole numbers.
 */
export function cellsByVoxel(series: Series, given: readonly GivenSlice[]): PlainCells {
  const grid = gridOf(series);
  const cells: PlainCells = { max: [], mean: [], bone: [], body: Array(grid.bins).fill(0) };
  for (let first = 0; first < given.length; first += grid.group) {
    const slices = series.slices.slice(first, first + grid.group);
    reduceGroup(slices, given.slice(first, first + grid.group), grid, cells);
  }
  return cells;
}

function reduceGroup(
  slices: readonly Slice[],
  given: readonly GivenSlice[],
  grid: Grid,
  cells: PlainCells,
): void {
  const { bins, columns, minX, minY, width, group } = grid;
  const zeros = () => new Float32Array(columns * bins);
  const [max, mean, weight, bone] = [zeros(), zeros(), zeros(), new Float32Array(bins)];
  slices.forEach((slice, i) => {
    const { pixels, slope, intercept } = given[i];
    const lateral = Math.abs(slice.rowCosines[0]) >= Math.abs(slice.columnCosines[0]);
    const along = slice.rowCosines.map((v) => v * slice.columnSpacing);
    const down = slice.columnCosines.map((v) => v * slice.rowSpacing);
    const [u, v] = lateral ? [along, down] : [down, along];
    const [uCount, vCount] = lateral ? [slice.columns, slice.rows] : [slice.rows, slice.columns];
    const turns = Math.abs(v[0]) * vCount > 0.5;
    const depth = Math.abs(v[1]);
    const raw = (hu: number) => (hu - intercept) / slope;
    for (let row = 0; row < vCount; row++) {
      const startX = slice.position[0] + (turns ? row * v[0] : 0);
      const inBin = new Map<number, number[]>();
      for (let n = 0; n < uCount; n++) {
        const bin = Math.min(bins - 1, Math.max(0, Math.floor((startX + n * u[0] - minX) / width)));
        inBin.set(bin, [...(inBin.get(bin) ?? []), n]);
      }
      for (const [bin, members] of inBin) {
        const values = members.map((n) => {
          const value = pixels[lateral ? row * slice.columns + n : n * slice.columns + row];
          return value >= raw(-1000) ? Math.min(value, raw(1500)) : raw(-1000);
        });
        const sum = values.reduce((a, b) => a + b, 0);
        const excess = values.map((value) => Math.min(value, raw(730)) - raw(130));
        const bony = excess.filter((over) => over > 0).reduce((a, b) => a + b, 0);
        const highest = Math.max(...values) * slope + intercept;
        const middle = (sum / values.length) * slope + intercept;
        if (middle > -300) (cells.body as number[])[bin] += depth;
        bone[bin] += ((bony / values.length) * slope * (depth / 4)) / group;
        const centre = (members[0] + members[members.length - 1]) / 2;
        const y = slice.position[1] + row * v[1] + centre * u[1];
        const [from, to] = [(y - depth / 2 - minY) / 2, (y + depth / 2 - minY) / 2];
        for (let k = Math.max(0, Math.floor(from)); k < Math.min(columns, to); k++) {
          const share = Math.min(to, k + 1) - Math.max(from, k);
          if (share <= 0) continue;
          max[k * bins + bin] += share * highest;
          mean[k * bins + bin] += share * middle;
          weight[k * bins + bin] += share;
        }
      }
    }
  });
  const whole = (sums: Float32Array) =>
    Array.from(sums, (sum, i) => (weight[i] === 0 ? -1000 : Math.trunc(sum / weight[i]) + 0));
  (cells.max as number[][]).push(whole(max));
  (cells.mean as number[][]).push(whole(mean));
  // The last group may lack slices.
  const fill = group / slices.length;
  (cells.bone as number[][]).push(Array.from(fill > 1 ? bone.map((b) => b * fill) : bone));
}

function gridOf({ slices, spacingMm }: Series): Grid {
  const corners = slices.flatMap((slice) =>
    [-0.5, slice.rows - 0.5].flatMap((row) =>
      [-0.5, slice.columns - 0.5].map((column) => pointOnSlice(slice, row, column)),
    ),
  );
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  const steps = slices.map(({ rowCosines, columnCosines, columnSpacing, rowSpacing }) =>
    Math.abs(rowCosines[0]) >= Math.abs(columnCosines[0])
      ? Math.abs(rowCosines[0] * columnSpacing)
      : Math.abs(columnCosines[0] * rowSpacing),
  );
  const width = Math.max(4, ...steps);
  const [minX, minY] = [Math.min(...xs), Math.min(...ys)];
  return {
    minX,
    minY,
    width,
    bins: Math.ceil((Math.max(...xs) - minX) / width - 1e-6),
    columns: Math.ceil((Math.max(...ys) - minY) / 2 - 1e-6),
    group: Math.max(1, Math.floor(2 / spacingMm + 0.05)),
  };
}
