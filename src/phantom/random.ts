import { mulberry32 } from '../random/mulberry32';

/** A seeded source of numbers: the same seed gives the same phantom on every machine. */
export class PhantomRandom {
  /** Uniform in [0, 1). */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = mulberry32(seed);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Standard normal (sum of twelve uniforms, which is exact on every platform). */
  normal(): number {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.next();
    return sum;
  }
}

const TILE = 64;
const MASK = TILE - 1;

/**
 * Smooth noise that repeats every 64 cells: white noise, blurred once, with mean 0 and standard
 * deviation 1. It gives bone, stool and muscle their texture.
 */
export class NoiseField {
  private readonly values: Float32Array;

  constructor(random: PhantomRandom) {
    let values = new Float32Array(TILE ** 3).map(() => random.normal());
    for (const stride of [1, TILE, TILE * TILE]) {
      const blurred = new Float32Array(values.length);
      for (let i = 0; i < values.length; i++) {
        const along = Math.floor(i / stride) & MASK;
        const base = i - along * stride;
        const before = values[base + ((along + MASK) & MASK) * stride];
        const after = values[base + ((along + 1) & MASK) * stride];
        blurred[i] = 0.25 * before + 0.5 * values[i] + 0.25 * after;
      }
      values = blurred;
    }
    let squares = 0;
    for (const value of values) squares += value * value;
    const scale = 1 / Math.sqrt(squares / values.length);
    this.values = values.map((value) => value * scale);
  }

  /** The value of the cell that holds the point (cells are 1 unit wide). */
  cell(x: number, y: number, z: number): number {
    return this.values[
      ((Math.floor(z) & MASK) * TILE + (Math.floor(y) & MASK)) * TILE + (Math.floor(x) & MASK)
    ];
  }

  /** The value at the point, linear between cells. */
  smooth(x: number, y: number, z: number): number {
    const x0 = Math.floor(x);
    const y0 = Math.floor(y);
    const z0 = Math.floor(z);
    const fx = x - x0;
    const fy = y - y0;
    const fz = z - z0;
    const v = this.values;
    const a = x0 & MASK;
    const b = (x0 + 1) & MASK;
    const c = (y0 & MASK) * TILE;
    const d = ((y0 + 1) & MASK) * TILE;
    const e = (z0 & MASK) * TILE * TILE;
    const f = ((z0 + 1) & MASK) * TILE * TILE;
    const low =
      (v[e + c + a] * (1 - fx) + v[e + c + b] * fx) * (1 - fy) +
      (v[e + d + a] * (1 - fx) + v[e + d + b] * fx) * fy;
    const high =
      (v[f + c + a] * (1 - fx) + v[f + c + b] * fx) * (1 - fy) +
      (v[f + d + a] * (1 - fx) + v[f + d + b] * fx) * fy;
    return low * (1 - fz) + high * fz;
  }
}

/** In-plane noise of filtered back projection: neighbouring pixels hang together a little. */
export class Grain {
  private static readonly SIZE = 512;
  private readonly tile: Float32Array;

  constructor(
    private readonly seed: number,
    random: PhantomRandom,
  ) {
    const n = Grain.SIZE;
    const mask = n - 1;
    const white = Float32Array.from({ length: n * n }, () => random.normal());
    const kernel = [0.5, 1, 0.5];
    this.tile = new Float32Array(n * n);
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < n; c++) {
        let sum = 0;
        for (let j = -1; j <= 1; j++) {
          for (let i = -1; i <= 1; i++) {
            sum += kernel[j + 1] * kernel[i + 1] * white[((r + j) & mask) * n + ((c + i) & mask)];
          }
        }
        this.tile[r * n + c] = sum / 1.5;
      }
    }
  }

  /** Noise for one slice, its own for each: value at row and column, standard deviation 1. */
  ofSlice(index: number): (row: number, column: number) => number {
    const n = Grain.SIZE;
    const random = new PhantomRandom(this.seed * 7919 + index);
    const down = Math.floor(random.between(0, n));
    const right = Math.floor(random.between(0, n));
    const sign = random.next() < 0.5 ? -1 : 1;
    const tile = this.tile;
    return (row, column) =>
      sign * tile[((row + down) & (n - 1)) * n + ((column + right) & (n - 1))];
  }
}
