import fc from 'fast-check';
import { toModalityUnits } from '../../../../src/dicom/modalityUnits';
import { pixelFormatOf, type PixelFormat } from '../../../../src/dicom/pixelFormat';
import type { SlicePixels } from '../../../../src/series/types';
import { modalityValues } from '../../../../src/viewer/host/hostValues';

const format = (change: Partial<Parameters<typeof pixelFormatOf>[0]> = {}) =>
  pixelFormatOf({
    rows: 1,
    columns: 8,
    bitsAllocated: 16,
    bitsStored: 12,
    highBit: 11,
    pixelRepresentation: 0,
    pixelPaddingValue: null,
    pixelPaddingRangeLimit: null,
    ...change,
  });

/**
 * What the host's loaders make of the words of a frame: signed words are sign-extended from Bits
 * Stored, all are scaled in the narrowest type that their ends fit.
 */
function asHostScales(
  words: SlicePixels,
  { signed, bitsStored }: PixelFormat,
  slope: number,
  intercept: number,
) {
  const up = 32 - bitsStored;
  const decoded = words.slice();
  if (signed) for (let i = 0; i < decoded.length; i++) decoded[i] = (words[i] << up) >> up;
  const ends = [Math.min(...decoded), Math.max(...decoded)].map((v) => v * slope + intercept);
  const [min, max] = [Math.min(...ends), Math.max(...ends)];
  const whole = Number.isInteger(min) && Number.isInteger(max);
  const type = !whole
    ? Float32Array
    : min >= 0 && max <= 65535
      ? Uint16Array
      : min >= -32768 && max <= 32767
        ? Int16Array
        : Float32Array;
  const pixels = new type(decoded.length);
  pixels.set(decoded);
  for (let i = 0; i < pixels.length; i++) pixels[i] = pixels[i] * slope + intercept;
  return { pixels: pixels as SlicePixels, slope, intercept, scaled: true };
}

const result = (made: ReturnType<typeof modalityValues>) =>
  made && Array.from(made.pixels, (v: number) => v * made.slope + made.intercept);

test('gives what the command line makes of the same words, or says that it cannot', () => {
  const rescales = fc.constantFrom(
    [1, -1024],
    [1, 0],
    [2, -1024],
    [0.5, -1024],
    [0.25, 0],
    [1, -8192],
  );
  const described = fc.record({
    bitsStored: fc.integer({ min: 8, max: 16 }),
    signed: fc.boolean(),
    padding: fc.option(fc.constantFrom(0, 4095, 63536, 32768)),
  });
  let told = 0;
  fc.assert(
    fc.property(
      described,
      rescales,
      fc.array(fc.nat(65535), { minLength: 2, maxLength: 8 }),
      ({ bitsStored, signed, padding }, [slope, intercept], raw) => {
        const f = format({
          bitsStored,
          highBit: bitsStored - 1,
          pixelRepresentation: signed ? 1 : 0,
          pixelPaddingValue: padding,
        });
        // A signed word holds no more than its stored bits once the host has extended it.
        const extended = raw.map((v) =>
          signed ? (v << (32 - bitsStored)) >> (32 - bitsStored) : v,
        );
        const words = signed ? Int16Array.from(extended) : Uint16Array.from(extended);
        const host = asHostScales(words, f, slope, intercept);
        const expected = toModalityUnits(
          words,
          f,
          { slope, intercept },
          {
            modality: 'CT',
            storedBits: 'high-bit',
          },
        );
        const made = result(modalityValues(host, f, 'CT'));
        if (made === null) return expect(Number.isInteger(slope)).toBe(false);
        told++;
        // Where nothing had to be undone the host's own values stay, cut to whole numbers.
        const whole = host.pixels instanceof Float32Array ? 0.01 : 1;
        made.forEach((value, i) => {
          const wanted = expected.pixels[i] * slope + intercept;
          expect(Math.abs(value - wanted)).toBeLessThan(Number.isInteger(slope) ? 1e-9 : whole);
        });
      },
    ),
  );
  expect(told).toBeGreaterThan(30);
});

test('values that need nothing stay the host’s own, not copied', () => {
  const pixels = Int16Array.of(-1024, 40, 3071);
  const host = { pixels, slope: 1, intercept: -1024, scaled: true };
  expect(modalityValues(host, format(), 'CT')).toEqual({ pixels, slope: 1, intercept: 0 });
  expect(modalityValues(host, format(), 'CT')!.pixels).toBe(pixels);
});

test('a signed value that was taken for an unsigned one is signed again', () => {
  const f = format({ pixelRepresentation: 1, bitsStored: 13, highBit: 12 });
  // -1024 and 40, once sign-extended into unsigned words, once left in 13 bits.
  for (const pixels of [Uint16Array.of(65536 - 1024, 40), Uint16Array.of(8192 - 1024, 40)]) {
    const host = { pixels, slope: 1, intercept: 0, scaled: true };
    expect(result(modalityValues(host, f, 'CT'))).toEqual([-1024, 40]);
  }
});

test('padding turns into air in unscaled values too, and stays in MR', () => {
  const f = format({ pixelPaddingValue: 4095 });
  const host = { pixels: Uint16Array.of(4095, 1064), slope: 1, intercept: -1024, scaled: false };
  expect(result(modalityValues(host, f, 'CT'))).toEqual([-1024, 40]);
  expect(result(modalityValues(host, f, 'MR'))).toEqual([3071, 40]);
  expect(Array.from(host.pixels)).toEqual([4095, 1064]);
});

test('numbers that no longer tell what was stored are not guessed at', () => {
  const f = format({ pixelPaddingValue: 4095 });
  // 0.25 HU a step, cut to whole HU by the host.
  const host = { pixels: Int16Array.of(-1, 40), slope: 0.25, intercept: -1024, scaled: true };
  expect(modalityValues(host, f, 'CT')).toBeNull();
  const broken = { pixels: Float32Array.of(NaN, 40), slope: 1, intercept: 0, scaled: true };
  expect(modalityValues(broken, f, 'CT')).toBeNull();
});
