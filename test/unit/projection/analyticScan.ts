import { assembleSeries } from '../../../src/series/assembleSeries';
import type { Series, SliceDescription, Vec3, VoxelSource } from '../../../src/series/types';

/** Voxel value at a patient point, LPS mm. */
export type Scene = (point: Vec3) => number;

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Turns a vector about a patient axis. */
export function rotate(v: Vec3, axis: 0 | 1 | 2, degrees: number): Vec3 {
  const [a, b] = [
    [1, 2],
    [2, 0],
    [0, 1],
  ][axis];
  const out = [...v] as [number, number, number];
  out[a] = v[a] * Math.cos(radians(degrees)) - v[b] * Math.sin(radians(degrees));
  out[b] = v[a] * Math.sin(radians(degrees)) + v[b] * Math.cos(radians(degrees));
  return out;
}

export interface Stack {
  readonly row: Vec3;
  readonly column: Vec3;
  readonly pixelMm: number;
  readonly rows: number;
  readonly columns: number;
  /** Middles of the slices. */
  readonly middles: readonly Vec3[];
  readonly modality?: 'CT' | 'MR';
}

/** Slices of a scene with analytic voxel values: no resampling code takes part. */
export function scan(scene: Scene, stack: Stack): { series: Series; source: VoxelSource } {
  const { row, column, pixelMm, rows, columns, middles } = stack;
  const at = (middle: Vec3, r: number, c: number): Vec3 => {
    const along = (c - (columns - 1) / 2) * pixelMm;
    const down = (r - (rows - 1) / 2) * pixelMm;
    return [
      middle[0] + along * row[0] + down * column[0],
      middle[1] + along * row[1] + down * column[1],
      middle[2] + along * row[2] + down * column[2],
    ];
  };
  const slices: SliceDescription[] = middles.map((middle, i) => ({
    sopInstanceUID: `1.${i}`,
    imagePositionPatient: at(middle, 0, 0),
    imageOrientationPatient: [...row, ...column],
    pixelSpacing: [pixelMm, pixelMm],
    rows,
    columns,
  }));
  const check = assembleSeries({
    uid: '1',
    modality: stack.modality ?? 'CT',
    frameOfReferenceUID: null,
    slices,
  });
  if (!check.ok) throw new Error(check.reason.message);
  const { series } = check;
  return {
    series,
    source: {
      readSlice: async (index) => {
        const middle = middles[series.sourceIndex[index]];
        const pixels = new Float32Array(rows * columns);
        for (let r = 0; r < rows; r++) {
          for (let c = 0; c < columns; c++) pixels[r * columns + c] = scene(at(middle, r, c));
        }
        return { pixels, slope: 1, intercept: 0 };
      },
    },
  };
}

export const middlesAlong = (direction: Vec3, positions: readonly number[]): Vec3[] =>
  positions.map((d) => direction.map((v) => v * d) as unknown as Vec3);
