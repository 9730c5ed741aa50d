import type { Random } from '../tools/random';

/** A row-major image of numbers; row 0 head, column 0 front. */
export interface Raster {
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

export function newRaster(height: number, width: number, value = 0): Raster {
  return { height, width, data: new Float32Array(height * width).fill(value) };
}

/** Separable Gaussian blur with repeated edges; sigmas in pixels, kernel cut at three sigmas. */
export function gaussianBlur(plane: Raster, sigmaRows: number, sigmaColumns: number): Raster {
  const { height, width } = plane;
  const alongColumns = blurLines(plane.data, height, width, width, 1, sigmaColumns);
  const data = blurLines(alongColumns, width, height, 1, width, sigmaRows);
  return { height, width, data };
}

function blurLines(
  source: Float32Array,
  lines: number,
  length: number,
  lineStep: number,
  step: number,
  sigma: number,
): Float32Array {
  if (sigma <= 0.05 || length === 1) return source.slice();
  const radius = Math.max(1, Math.ceil(3 * sigma));
  const kernel = new Float32Array(radius + 1);
  let sum = 0;
  for (let k = 0; k <= radius; k++) {
    kernel[k] = Math.exp(-0.5 * (k / sigma) ** 2);
    sum += k === 0 ? kernel[k] : 2 * kernel[k];
  }
  for (let k = 0; k <= radius; k++) kernel[k] /= sum;
  const target = new Float32Array(source.length);
  const padded = new Float32Array(length + 2 * radius);
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep;
    for (let i = 0; i < padded.length; i++) {
      const j = Math.min(length - 1, Math.max(0, i - radius));
      padded[i] = source[start + j * step];
    }
    for (let i = 0; i < length; i++) {
      const centre = i + radius;
      let value = kernel[0] * padded[centre];
      for (let k = 1; k <= radius; k++)
        value += kernel[k] * (padded[centre - k] + padded[centre + k]);
      target[start + i * step] = value;
    }
  }
  return target;
}

/**
 * Gaussian-smoothed white noise with mean 0 and standard deviation 1; `sigma` in pixels.
 * Made on a coarse grid where it is smooth and interpolated linearly.
 */
export function smoothNoise(random: Random, height: number, width: number, sigma: number): Raster {
  const step = Math.max(1, sigma / 2.5);
  const rows = Math.ceil((height - 1) / step) + 2;
  const columns = width === 1 ? 1 : Math.ceil((width - 1) / step) + 2;
  const coarse = newRaster(rows, columns);
  for (let i = 0; i < coarse.data.length; i++) coarse.data[i] = random.normal();
  const smooth = gaussianBlur(coarse, sigma / step, sigma / step);
  const plane = newRaster(height, width);
  for (let r = 0; r < height; r++) {
    const y = r / step;
    const r0 = Math.floor(y);
    const fr = y - r0;
    for (let c = 0; c < width; c++) {
      const x = columns === 1 ? 0 : c / step;
      const c0 = Math.floor(x);
      const fc = x - c0;
      const c1 = Math.min(columns - 1, c0 + 1);
      const top = smooth.data[r0 * columns + c0] * (1 - fc) + smooth.data[r0 * columns + c1] * fc;
      const low =
        smooth.data[(r0 + 1) * columns + c0] * (1 - fc) + smooth.data[(r0 + 1) * columns + c1] * fc;
      plane.data[r * width + c] = top * (1 - fr) + low * fr;
    }
  }
  standardise(plane.data);
  return plane;
}

/** As {@link smoothNoise}, along one line. */
export function smoothLine(random: Random, length: number, sigma: number): Float32Array {
  return smoothNoise(random, length, 1, sigma).data;
}

function standardise(values: Float32Array): void {
  let mean = 0;
  for (const v of values) mean += v;
  mean /= values.length;
  let variance = 0;
  for (const v of values) variance += (v - mean) ** 2;
  const sd = Math.sqrt(variance / values.length) + 1e-6;
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean) / sd;
}

/** The value below which the given share (0..1) of the values lies. */
export function quantile(values: Float32Array, share: number): number {
  const sorted = values.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))];
}
