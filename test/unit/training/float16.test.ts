import { fromFloat16, toFloat16 } from '../../../training/export/float16';

/** By IEEE 754: value, bit pattern. */
const KNOWN: readonly (readonly [number, number])[] = [
  [0, 0],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [0.333251953125, 0x3555],
];

test.each(KNOWN)('%p is 0x%p', (value, bits) => {
  expect([...toFloat16(Float32Array.of(value))]).toEqual([bits]);
  expect([...fromFloat16(Uint16Array.of(bits))]).toEqual([value]);
});

test('every finite half comes back', () => {
  const halves = Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits);
  expect(toFloat16(fromFloat16(halves))).toEqual(halves);
});

test('values between two halves go to the nearer, ties to the even one', () => {
  const round = (value: number) => fromFloat16(toFloat16(Float32Array.of(value)))[0];
  expect(round(1 + 1 / 2048)).toBe(1);
  expect(round(1 + 3 / 2048)).toBe(1 + 2 / 1024);
  expect(round(1 + 1.01 / 2048)).toBe(1 + 1 / 1024);
  expect(round(2 ** -25)).toBe(0);
  expect(round(3 * 2 ** -25)).toBe(2 ** -23);
  expect(round(65519)).toBe(65504);
});

test('what no half can hold is an error', () => {
  for (const value of [65520, -1e6, Infinity, NaN]) {
    expect(() => toFloat16(Float32Array.of(value))).toThrow(/cannot be stored as a float16/);
  }
});
