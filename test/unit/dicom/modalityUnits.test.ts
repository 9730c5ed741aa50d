import fc from 'fast-check';
import { toModalityUnits } from '../../../src/dicom/modalityUnits';
import { pixelFormatOf, type PixelAttributes } from '../../../src/dicom/pixelFormat';

const ATTRIBUTES: PixelAttributes = {
  rows: 1,
  columns: 4,
  bitsAllocated: 16,
  bitsStored: 12,
  highBit: 11,
  pixelRepresentation: 0,
  pixelPaddingValue: null,
  pixelPaddingRangeLimit: null,
};
const HU = { slope: 1, intercept: -1024 };

/** Modality values of words stored as the attributes say. */
function values(
  words: Uint16Array | Int16Array | Uint8Array,
  change: Partial<PixelAttributes>,
  { rescale = HU, modality = 'CT' as const, storedBits = 'high-bit' as const } = {},
) {
  const format = pixelFormatOf({ ...ATTRIBUTES, ...change });
  const made = toModalityUnits(words, format, rescale, { modality, storedBits });
  return Array.from(made.pixels, (v: number) => v * made.slope + made.intercept);
}

test('stored bits come back from wherever they lie, whatever lies around them', () => {
  const format = fc.record({
    bitsStored: fc.integer({ min: 1, max: 16 }),
    above: fc.integer({ min: 0, max: 15 }),
    signed: fc.boolean(),
  });
  fc.assert(
    fc.property(
      format,
      fc.array(fc.nat(65535), { minLength: 1, maxLength: 8 }),
      fc.nat(65535),
      ({ bitsStored, above, signed }, raw, around) => {
        const shift = Math.max(0, Math.min(above, 16 - bitsStored));
        const low = signed ? -(2 ** (bitsStored - 1)) : 0;
        const stored = raw.map((v) => (v % 2 ** bitsStored) + low);
        const mask = (2 ** bitsStored - 1) << shift;
        const words = stored.map((v) => ((v << shift) & mask) | (around & ~mask & 0xffff));
        const array = signed ? Int16Array.from(words) : Uint16Array.from(words);
        const change = {
          bitsStored,
          highBit: bitsStored - 1 + shift,
          pixelRepresentation: signed ? 1 : 0,
        };
        const rescale = { slope: 1, intercept: 0 };
        expect(values(array, change, { rescale })).toEqual(stored);
      },
    ),
  );
});

describe('padding of a CT', () => {
  it.each<[string, Partial<PixelAttributes>, Uint16Array | Int16Array, number[]]>([
    [
      'above tissue',
      { pixelPaddingValue: 4095, bitsStored: 13, highBit: 12 },
      Uint16Array.of(4096, 4095, 1064),
      [3072, -1024, 40],
    ],
    [
      'below air, written as an unsigned number',
      { pixelRepresentation: 1, bitsStored: 16, highBit: 15, pixelPaddingValue: 65536 - 2000 },
      Int16Array.of(-2000, 1064),
      [-1024, 40],
    ],
    [
      'in bits that no image value has',
      { pixelPaddingValue: 63536 },
      Uint16Array.of(63536, 1064),
      [-1024, 40],
    ],
    [
      'in a range that is given from its upper end',
      { pixelPaddingValue: 65535, pixelPaddingRangeLimit: 60000, bitsStored: 16, highBit: 15 },
      Uint16Array.of(60000, 65535, 59999),
      [-1024, -1024, 58975],
    ],
  ])('%s becomes air', (_name, change, words, expected) => {
    expect(values(words, change)).toEqual(expected);
  });

  it('that could be tissue stays', () => {
    expect(values(Uint16Array.of(1064, 0), { pixelPaddingValue: 1064 })).toEqual([40, -1024]);
  });

  it('becomes the lowest stored value where air cannot be stored', () => {
    const rescale = { slope: 1, intercept: -1000 };
    const change = { pixelPaddingValue: 65535, bitsStored: 16, highBit: 15 };
    expect(values(Uint16Array.of(65535, 1040), change, { rescale })).toEqual([-1000, 40]);
  });
});

test('what a decoder hands out lies in the lowest bits, whatever High Bit says', () => {
  const format = pixelFormatOf({ ...ATTRIBUTES, highBit: 15 });
  const { pixels } = toModalityUnits(Uint16Array.of(1064), format, HU, {
    modality: 'CT',
    storedBits: 'lowest',
  });
  expect(Array.from(pixels)).toEqual([1064]);
});

test.each<[string, Partial<PixelAttributes>, object]>([
  [
    'nothing but the size',
    { bitsStored: null, highBit: null, bitsAllocated: null },
    { bitsStored: 16, highBit: 15 },
  ],
  [
    'more bits than are allocated',
    { bitsStored: 20, highBit: 19 },
    { bitsStored: 16, highBit: 15 },
  ],
  ['a high bit below the stored ones', { highBit: 3 }, { bitsStored: 12, highBit: 11 }],
])('attributes that say %s are taken as most files have it', (_name, change, expected) => {
  expect(pixelFormatOf({ ...ATTRIBUTES, ...change })).toMatchObject(expected);
});
