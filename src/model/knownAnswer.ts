/**
 * The picture that proves a runtime: the exporter stores what the network answers to it, and every
 * session must give the same answer before it is trusted.
 *
 * It resembles a projection (a column of bright bodies on a smooth background, with a little
 * noise), so that a network trained on spines responds to it. It is made from integer random
 * numbers and the four basic operations only, hence the same to the last bit in every engine.
 *
 * @param seed any integer
 * @param channels number of planes
 * @param height rows of each plane, pixels of the projection grid
 * @param width columns of each plane
 * @returns channels x height x width values in 0..1, channel-major
 * @throws RangeError when a size is not a positive integer
 */
export function knownAnswerInput(
  seed: number,
  channels: number,
  height: number,
  width: number,
): Float32Array {
  for (const [name, size] of Object.entries({ channels, height, width })) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(`knownAnswerInput: ${name} must be a positive integer, got ${size}`);
    }
  }
  const random = randomNumbers(seed);
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

/** The highest value of a map and where it is (output grid; the first one in reading order). */
export interface Peak {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/**
 * The highest value of each map, as the manifest keeps it.
 *
 * @param maps any number of maps of height x width values, one after the other
 */
export function peaksOf(maps: Float32Array, height: number, width: number): Peak[] {
  const size = height * width;
  return Array.from({ length: maps.length / size }, (_, index) => {
    const map = maps.subarray(index * size, (index + 1) * size);
    let best = 0;
    for (let i = 1; i < size; i++) if (map[i] > map[best]) best = i;
    return { row: Math.floor(best / width), column: best % width, value: map[best] };
  });
}

/**
 * Compares what a runtime answered with what the manifest expects.
 *
 * Two places of almost equal height may swap ranks between runtimes, so the expected place must
 * hold the expected value and no other place may rise above it, both within the tolerance.
 *
 * @param maps the network's output for `knownAnswerInput`, (levels + 1) x height x width
 * @returns what differs, or null when the answer is right
 */
export function knownAnswerMismatch(
  expected: { readonly peaks: readonly Peak[]; readonly tolerance: number },
  maps: Float32Array,
  height: number,
  width: number,
): string | null {
  const found = peaksOf(maps, height, width);
  for (const [index, peak] of expected.peaks.entries()) {
    const there = maps[(index * height + peak.row) * width + peak.column];
    const wrongThere = !(Math.abs(there - peak.value) <= expected.tolerance);
    if (wrongThere || !(found[index].value - peak.value <= expected.tolerance)) {
      const value = wrongThere ? there : found[index].value;
      const place = wrongThere ? peak : found[index];
      return (
        `map ${index} is ${value.toPrecision(4)} at row ${place.row}, column ${place.column}, ` +
        `expected ${peak.value.toPrecision(4)} at row ${peak.row}, column ${peak.column}`
      );
    }
  }
  return null;
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

/** Mulberry32 (public domain, T. Ettinger): 32-bit integer arithmetic, values in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
