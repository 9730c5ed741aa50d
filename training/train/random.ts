/**
 * Random numbers that depend on nothing but the integers they are seeded with: sfc32 (Chris
 * Doty-Humphrey, PractRand, public domain).
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** Different keys give independent streams, e.g. `new Random(seed, step)`. */
  constructor(...keys: readonly number[]) {
    let hash = 0x811c9dc5;
    for (const key of keys) {
      if (!Number.isInteger(key)) throw new Error(`A random seed must be an integer, not ${key}.`);
      for (let word = 0; word < 2; word++) {
        hash = Math.imul(hash ^ (word === 0 ? key | 0 : Math.floor(key / 2 ** 32) | 0), 0x01000193);
        hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
        hash ^= hash >>> 13;
      }
    }
    this.a = hash | 0;
    this.b = Math.imul(hash, 0x9e3779b1) | 0;
    this.c = Math.imul(hash ^ 0x5bd1e995, 0x85ebca6b) | 0;
    for (let i = 0; i < 15; i++) this.next();
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
    return Math.floor(this.next() * n);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Normal distribution (Box and Muller). */
  normal(mean = 0, sd = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return mean + sd * radius * Math.cos(2 * Math.PI * this.next());
  }
}
