type State = readonly [a: number, b: number, c: number];

/** How normally distributed numbers are made of uniform ones; part of what a stream is. */
type Normals = 'box-muller' | 'polar';

/**
 * Random numbers that depend on nothing but the integers they are seeded with: sfc32 (Chris
 * Doty-Humphrey, PractRand, public domain). There are two seedings, by which runs and pictures of
 * before are made again to the last bit: `ofKeys` for training, `ofStream` for synthesis.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;
  private spare: number | null = null;

  private constructor(
    [a, b, c]: State,
    skipped: number,
    private readonly normals: Normals,
  ) {
    [this.a, this.b, this.c] = [a, b, c];
    for (let i = 0; i < skipped; i++) this.next();
  }

  /**
   * Different keys give independent streams, e.g. `Random.ofKeys(seed, step)`.
   *
   * @throws Error when a key is no integer
   */
  static ofKeys(...keys: readonly number[]): Random {
    let hash = 0x811c9dc5;
    for (const key of keys) {
      if (!Number.isInteger(key)) throw new Error(`A random seed must be an integer, not ${key}.`);
      for (let word = 0; word < 2; word++) {
        hash = Math.imul(hash ^ (word === 0 ? key | 0 : Math.floor(key / 2 ** 32) | 0), 0x01000193);
        hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
        hash ^= hash >>> 13;
      }
    }
    const state = [
      hash | 0,
      Math.imul(hash, 0x9e3779b1) | 0,
      Math.imul(hash ^ 0x5bd1e995, 0x85ebca6b) | 0,
    ] as const;
    return new Random(state, 15, 'box-muller');
  }

  /** @param seed of the whole series. @param stream e.g. the index of the item in it. */
  static ofStream(seed: number, stream = 0): Random {
    let state = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul((stream | 0) + 1, 0x85ebca6b)) | 0;
    /** splitmix32 */
    const mix = () => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return (z ^ (z >>> 15)) | 0;
    };
    return new Random([mix(), mix(), mix()], 12, 'polar');
  }

  /** Uniform in [0, 1). */
  next(): number {
    const t = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (this.c << 21) | (this.c >>> 11);
    this.c = (this.c + t) | 0;
    return (t >>> 0) / 4294967296;
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Integer in [0, n). */
  below(n: number): number {
    return this.integer(0, n);
  }

  /** Integer from `low` to `high - 1`. */
  integer(low: number, high: number): number {
    return low + Math.floor((high - low) * this.next());
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  sign(): number {
    return this.next() < 0.5 ? -1 : 1;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.integer(0, values.length)]!;
  }

  /** Exponentially distributed with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** Normally distributed. */
  normal(mean = 0, sd = 1): number {
    return this.normals === 'polar' ? this.polar(mean, sd) : this.boxMuller(mean, sd);
  }

  private boxMuller(mean: number, sd: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean + sd * radius * Math.cos(2 * Math.PI * this.next());
  }

  /** Marsaglia's method: two at a time. */
  private polar(mean: number, sd: number): number {
    if (this.spare !== null) {
      const value = this.spare;
      this.spare = null;
      return mean + sd * value;
    }
    let u: number;
    let v: number;
    let s: number;
    do {
      u = 2 * this.next() - 1;
      v = 2 * this.next() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s === 0);
    const scale = Math.sqrt((-2 * Math.log(s)) / s);
    this.spare = v * scale;
    return mean + sd * u * scale;
  }
}
