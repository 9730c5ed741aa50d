import type { LevelName } from '../../../src/levels/types';
import type { LevelModel } from '../../../src/model/types';
import type { Projection } from '../../../src/projection/types';
import { assembleSeries } from '../../../src/series/assembleSeries';
import type { Series, SliceDescription, VoxelSource } from '../../../src/series/types';
import { TINY_MANIFEST } from '../model/tinyManifest';

const SIZE = 32;
const PIXEL_MM = 10;
const SPACING_MM = 4;

/** Heights of the levels in the made-up patient, LPS z, mm. */
export const LEVEL_Z: readonly (readonly [LevelName, number])[] = [
  ['T12', -60],
  ['L1', -91],
  ['L2', -124],
  ['L3', -158],
  ['L4', -193],
  ['L5', -228],
  ['S1', -262],
];
/** The bone column's place in the made-up patient, LPS, mm. */
export const COLUMN_X = 12;
export const COLUMN_Y = 30;

/** A water cylinder with a bone column in it, 70 axial slices, feet at z = -290, head at -14. */
export function columnSeries(changes: (slice: SliceDescription, i: number) => object = () => ({})) {
  const half = (SIZE * PIXEL_MM) / 2;
  const check = assembleSeries({
    uid: '1.2.3',
    modality: 'CT',
    frameOfReferenceUID: '1.2.4',
    slices: Array.from({ length: 70 }, (_, i): SliceDescription => {
      const slice = {
        sopInstanceUID: `1.2.3.${i}`,
        imagePositionPatient: [-half, -half, -290 + SPACING_MM * i],
        imageOrientationPatient: [1, 0, 0, 0, 1, 0],
        pixelSpacing: [PIXEL_MM, PIXEL_MM],
        rows: SIZE,
        columns: SIZE,
      };
      return { ...slice, ...changes(slice, i) };
    }),
  });
  if (!check.ok) throw new Error(check.reason.message);
  return check.series;
}

/** The slices' pixels: stored values with slope 1 and intercept -1024. */
export function columnSource(empty = false): VoxelSource {
  const pixels = new Int16Array(SIZE * SIZE);
  for (let r = 0; r < SIZE && !empty; r++) {
    for (let c = 0; c < SIZE; c++) {
      const x = (c - SIZE / 2) * PIXEL_MM;
      const y = (r - SIZE / 2) * PIXEL_MM;
      if (Math.hypot(x, y) < 130) pixels[r * SIZE + c] = 1064;
      if (Math.hypot(x - COLUMN_X, y - COLUMN_Y) < 20) pixels[r * SIZE + c] = 1424;
    }
  }
  return { readSlice: async () => ({ pixels: pixels.slice(), slope: 1, intercept: -1024 }) };
}

/** A model that sees the levels where they are, whatever the pixels; one that saw nothing when `blind`. */
export function columnModel({ blind = false } = {}): LevelModel & { readonly runs: Projection[] } {
  const levels = LEVEL_Z.map(([name]) => name);
  const runs: Projection[] = [];
  return {
    runs,
    manifest: { ...TINY_MANIFEST, output: { ...TINY_MANIFEST.output, levels } },
    runtime: { runtime: 'wasm', fallbackReason: null, threads: 1 },
    async run(projection, signal) {
      signal?.throwIfAborted();
      runs.push(projection);
      const height = Math.ceil(projection.height / 2);
      const width = Math.ceil(projection.width / 2);
      const maps = new Float32Array((levels.length + 1) * height * width).fill(0.001);
      LEVEL_Z.forEach(([, z], map) => {
        for (let r = 0; r < height && !blind; r++) {
          for (let c = 0; c < width; c++) {
            const dz = projection.topZMm - (2 * r + 0.5) * projection.mmPerPixel - z;
            const dy = projection.frontYMm + (2 * c + 0.5) * projection.mmPerPixel - COLUMN_Y;
            const value = 0.95 * Math.exp(-(dz * dz + dy * dy) / (2 * 6 * 6));
            for (const plane of [map, levels.length]) {
              const i = (plane * height + r) * width + c;
              maps[i] = Math.max(maps[i], value);
            }
          }
        }
      });
      return { levels, maps, lastRib: false, height, width, stride: 2 };
    },
    async dispose() {},
  };
}

/** Index of the slice whose z is nearest to `z`, for a series of horizontal slices. */
export function sliceNearestTo(series: Series, z: number): number {
  const distance = series.slices.map((slice) => Math.abs(slice.position[2] - z));
  return distance.indexOf(Math.min(...distance));
}
