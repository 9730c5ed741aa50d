import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { readHeader, readImage } from 'nifti-reader-js';
import { generatePhantom } from '../../../src/phantom/generatePhantom';
import type { Volume } from './mrSeries';

/** HU of a tissue and how bright it is in a T2- or T1-weighted spin echo, roughly. */
const CONTRAST = {
  T2: [
    [-1024, 0],
    [-300, 5],
    [-120, 600],
    [-60, 560],
    [-10, 500],
    [5, 900],
    [25, 700],
    [45, 220],
    [70, 200],
    [100, 330],
    [140, 420],
    [250, 400],
    [450, 220],
    [700, 60],
    [3072, 20],
  ],
  T1: [
    [-1024, 0],
    [-300, 5],
    [-120, 800],
    [-60, 760],
    [-10, 300],
    [5, 150],
    [25, 200],
    [45, 330],
    [100, 330],
    [140, 520],
    [250, 500],
    [450, 220],
    [700, 60],
    [3072, 20],
  ],
} as const;

export interface PhantomMr extends Volume {
  /** Centres of the vertebral bodies, LPS mm. */
  readonly truth: Readonly<Record<string, readonly [number, number, number]>>;
}

/** The CT phantom with the brightness of its tissues in MR. */
export function phantomMr(): { readonly T2: PhantomMr; readonly T1: PhantomMr } {
  const ct = generatePhantom({
    seed: 7,
    columns: 160,
    noiseHu: 4,
    sliceSpacingMm: 2,
    rangeMm: [-200, 140],
  });
  const { columns: n, pixelSpacing, slices, truth } = ct;
  const [left, front, top] = slices[0].imagePositionPatient;
  const weighted = (weighting: keyof typeof CONTRAST): PhantomMr => {
    const table = Float32Array.from({ length: 4096 }, (_, i) =>
      brightness(CONTRAST[weighting], i - 1024),
    );
    const value = (i: number, j: number, k: number) => table[slices[k].pixels[j * n + i] + 1024];
    const size = [n, n, slices.length] as const;
    return {
      truth,
      at: ([x, y, z]) =>
        interpolate(value, size, [
          (x - left) / pixelSpacing[1],
          (y - front) / pixelSpacing[0],
          (top - z) / ct.sliceThicknessMm,
        ]),
    };
  };
  return { T2: weighted('T2'), T1: weighted('T1') };
}

function brightness(points: readonly (readonly [number, number])[], hu: number): number {
  const next = Math.max(
    1,
    points.findIndex(([at]) => hu <= at),
  );
  const [[a, from], [b, to]] = [points[next - 1], points[next]];
  return from + ((to - from) * (hu - a)) / (b - a);
}

export interface RealMr extends Volume {
  /** LPS mm of a voxel. */
  pointOf(ijk: readonly number[]): readonly [number, number, number];
  readonly size: readonly [number, number, number];
  /** LPS directions of i, j and k, mm from one voxel to the next. */
  readonly steps: readonly (readonly number[])[];
}

/** An MR volume of a NIfTI file whose axes are at right angles. */
export function realMr(file: string): RealMr {
  const bytes = gunzipSync(readFileSync(file));
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const header = readHeader(buffer as ArrayBuffer);
  if (!header) throw new Error(`${file} is no NIfTI file`);
  const raw = readImage(header, buffer as ArrayBuffer);
  const types: Record<number, (b: ArrayBuffer) => ArrayLike<number>> = {
    2: (b) => new Uint8Array(b),
    4: (b) => new Int16Array(b),
    8: (b) => new Int32Array(b),
    16: (b) => new Float32Array(b),
    64: (b) => new Float64Array(b),
    512: (b) => new Uint16Array(b),
  };
  const voxels = types[header.datatypeCode](raw);
  const [ni, nj, nk] = header.dims.slice(1, 4);
  const ras = header.affine;
  const lps = (r: number, c: number) => (r < 2 ? -1 : 1) * ras[r][c];
  const steps = [0, 1, 2].map((c) => [0, 1, 2].map((r) => lps(r, c)));
  const origin = [0, 1, 2].map((r) => lps(r, 3));
  let highest = 1;
  for (let i = 0; i < voxels.length; i++) highest = Math.max(highest, voxels[i]);
  const value = (i: number, j: number, k: number) =>
    (voxels[(k * nj + j) * ni + i] * 1000) / highest;
  const size = [ni, nj, nk] as const;
  return {
    size,
    steps,
    pointOf: (ijk) =>
      [0, 1, 2].map((r) => origin[r] + ijk.reduce((s, v, c) => s + v * steps[c][r], 0)) as [
        number,
        number,
        number,
      ],
    at(point) {
      const index = steps.map((step) => {
        const square = step.reduce((s, v) => s + v * v, 0);
        return step.reduce((s, v, r) => s + v * (point[r] - origin[r]), 0) / square;
      });
      return interpolate(value, size, index);
    },
  };
}

function interpolate(
  value: (i: number, j: number, k: number) => number,
  size: readonly number[],
  index: readonly number[],
): number {
  if (index.some((v, a) => v < -0.5 || v > size[a] - 0.5)) return 0;
  const low = index.map((v, a) => Math.min(size[a] - 1, Math.max(0, Math.floor(v))));
  const high = low.map((v, a) => Math.min(size[a] - 1, v + 1));
  const part = index.map((v, a) => Math.min(1, Math.max(0, v - low[a])));
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    const at = [0, 1, 2].map((a) => ((corner >> a) & 1 ? high[a] : low[a]));
    const weight = [0, 1, 2].reduce((w, a) => w * ((corner >> a) & 1 ? part[a] : 1 - part[a]), 1);
    if (weight > 0) sum += weight * value(at[0], at[1], at[2]);
  }
  return sum;
}
