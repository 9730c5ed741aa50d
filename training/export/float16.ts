const bits = new Uint32Array(1);
const value = new Float32Array(bits.buffer);

/**
 * Half-precision floats (IEEE 754 binary16), rounded to the nearest, ties to even.
 *
 * @returns their bit patterns
 * @throws Error where a value is too large for one, or none at all
 */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(values, (each) => {
    value[0] = each;
    const sign = (bits[0]! >>> 16) & 0x8000;
    const magnitude = bits[0]! & 0x7fffffff;
    if (magnitude >= 0x477ff000) throw new Error(`${each} cannot be stored as a float16.`);
    // Below 2^-14 halves lie 2^-24 apart.
    if (magnitude < 0x38800000) return sign | roundEven(Math.abs(each) * 2 ** 24);
    return sign | roundEven((magnitude - 0x38000000) / 0x2000);
  });
}

/** The values of half-precision bit patterns. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

function roundEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
