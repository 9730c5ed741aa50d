/**
 * Mulberry32 (public domain, T. Ettinger): 32-bit integer arithmetic, hence the same on every machine.
 *
 * @param seed any integer, of which the lowest 32 bits count
 * @returns a function that gives the next number, in [0, 1)
 */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
