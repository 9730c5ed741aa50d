import { mulberry32 } from '../../src/random/mulberry32';
import type { Probe } from './exportedNetwork';

/**
 * A picture that resembles a projection: a column of bright bodies on a smooth background, with a
 * little noise. It is made from integer random numbers and the four basic operations only, hence the
 * same to the last bit in every engine.
 *
 * @param seed any integer
 * @param channels number of planes
 * @param height rows of each plane, pixels of the projection grid
 * @param width columns of each plane
 * @returns channels x height x width values in 0..1, channel-major
 * @throws RangeError when a size is not a positive integer
 */
export function seededPicture(
  seed: number,
  channels: number,
  height: number,
  width: number,
): Float32Array {
  for (const [name, size] of Object.entries({ channels, height, width })) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(`seededPicture: ${name} must be a positive integer, got ${size}`);
    }
  }
  const random = mulberry32(seed);
  const bodies = columnOfBodies(height, width, random);
  const data = new Float32Array(channels * height * width);
  for (let channel = 0; channel < channels; channel++) {
    const background = smoothNoise(height, width, random);
    const contrast = 0.35 + 0.25 * random();
    const plane = data.subarray(channel * height * width, (channel + 1) * height * width);
    for (let i = 0; i < plane.length; i++) {
      const value = 0.4 * background[i] + contrast * bodies[i] + 0.06 * (random() - 0.5);
      plane[i] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
  }
  return data;
}

/** Such pictures of several sizes that a network takes: what an exported model is compared on. */
export function probesOf(channels: number): Probe[] {
  const sizes = [
    [32, 32],
    [64, 128],
    [320, 128],
    [480, 96],
  ] as const;
  return sizes.map(([height, width], i) => ({
    height,
    width,
    data: seededPicture(100 + i, channels, height, width),
  }));
}

const BODY_PITCH = 17;
const BODY_HALF_HEIGHT = 7.5;
const BODY_HALF_WIDTH = 9;
const NOISE_CELL = 24;

/** Soft-edged bodies one below the other on a gently bent line, values 0..1. */
function columnOfBodies(height: number, width: number, random: () => number): Float64Array {
  const plane = new Float64Array(height * width);
  const bend = (random() - 0.5) * 0.3 * width;
  let row = BODY_PITCH * random();
  while (row < height) {
    const along = row / height - 0.5;
    const column = 0.5 * width + bend * (4 * along * along - 0.5) + 2 * (random() - 0.5);
    const brightness = 0.7 + 0.3 * random();
    for (let r = 0; r < height; r++) {
      const y = (r - row) / BODY_HALF_HEIGHT;
      const v = y * y;
      if (v >= 1) continue;
      for (let c = 0; c < width; c++) {
        const x = (c - column) / BODY_HALF_WIDTH;
        const u = x * x;
        if (u < 1) plane[r * width + c] += brightness * (1 - u * u) * (1 - v * v);
      }
    }
    row += BODY_PITCH + 3 * (random() - 0.5);
  }
  return plane;
}

/** Random values on a coarse grid, blended with the smooth step 3t^2 - 2t^3; values 0..1. */
function smoothNoise(height: number, width: number, random: () => number): Float64Array {
  const rows = Math.ceil(height / NOISE_CELL) + 1;
  const columns = Math.ceil(width / NOISE_CELL) + 1;
  const grid = Float64Array.from({ length: rows * columns }, random);
  const plane = new Float64Array(height * width);
  const step = (t: number) => t * t * (3 - 2 * t);
  for (let r = 0; r < height; r++) {
    const gr = Math.floor(r / NOISE_CELL);
    const v = step(r / NOISE_CELL - gr);
    for (let c = 0; c < width; c++) {
      const gc = Math.floor(c / NOISE_CELL);
      const u = step(c / NOISE_CELL - gc);
      const corner = gr * columns + gc;
      const above = grid[corner] * (1 - u) + grid[corner + 1] * u;
      const below = grid[corner + columns] * (1 - u) + grid[corner + columns + 1] * u;
      plane[r * width + c] = above * (1 - v) + below * v;
    }
  }
  return plane;
}
