import fc from 'fast-check';
import { AxialCells } from '../../../src/projection/axialCells';
import { PackedCellRows } from '../../../src/projection/cellRows';
import { assembleSeries } from '../../../src/series/assembleSeries';
import type { Series, Vec3 } from '../../../src/series/types';
import { mulberry32 } from '../../../src/random/mulberry32';
import { rotate } from './analyticScan';
import { cellsByVoxel, type GivenSlice } from './cellsByVoxel';

const TYPES = [
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
  Int32Array,
  Float32Array,
  Float64Array,
] as const;
/** Slope and intercept; the last ones leave HU limits that are no whole numbers, or that no value reaches. */
const SCALES = [
  [1, 0],
  [1, -1024],
  [2, -1024],
  [0.5, -500],
  [0.1, -3.7],
  [1, 200],
] as const;

interface Stack {
  readonly turn: number;
  readonly tilt: number;
  readonly rowSign: number;
  readonly transpose: boolean;
  readonly pixelMm: number;
  readonly stepMm: number;
  /** Every other slice lies so far to the side, mm. */
  readonly shiftMm: number;
}

function axialStack({ turn, tilt, rowSign, transpose, pixelMm, stepMm, shiftMm }: Stack): Series {
  const place = (v: Vec3) => rotate(rotate(v, 2, turn), 0, tilt);
  const axes = [place([rowSign, 0, 0]), place([0, 1, 0])];
  const [row, column] = transpose ? axes.reverse() : axes;
  const check = assembleSeries({
    uid: '1',
    modality: 'CT',
    frameOfReferenceUID: null,
    slices: Array.from({ length: Math.ceil(50 / stepMm) }, (_, i) => ({
      sopInstanceUID: `1.${i}`,
      imagePositionPatient: [(i % 2) * shiftMm - 20.3, -15.1, i * stepMm],
      imageOrientationPatient: [...row, ...column],
      pixelSpacing: [pixelMm, pixelMm * 1.1],
      rows: 12,
      columns: 14,
    })),
  });
  if (!check.ok) throw new Error(check.reason.message);
  return check.series;
}

function noisySlices(
  series: Series,
  Type: (typeof TYPES)[number],
  scaleOf: (slice: number) => readonly [number, number],
  seed: number,
): GivenSlice[] {
  const random = mulberry32(seed);
  const isFloat = Type === Float32Array || Type === Float64Array;
  return series.slices.map(({ rows, columns }, index) => {
    const [slope, intercept] = scaleOf(index);
    const pixels = new Type(rows * columns);
    for (let i = 0; i < pixels.length; i++) {
      const choice = random();
      const hu = [-3024, -1000 + 60 * random(), 40 + 200 * random(), 300 + 800 * random(), 2900];
      const value = (hu[Math.floor(choice * hu.length)] - intercept) / slope;
      pixels[i] = isFloat ? (choice > 0.995 ? NaN : value) : Math.round(value);
    }
    return { pixels, slope, intercept };
  });
}

describe('axial cells', () => {
  it('are what a plain loop over the voxels makes, to the last bit', () => {
    fc.assert(
      fc.property(
        fc.record({
          turn: fc.constantFrom(0, 0, 0, 1e-9, 7, -12),
          tilt: fc.constantFrom(0, 0, 18),
          rowSign: fc.constantFrom(1, -1),
          transpose: fc.boolean(),
          pixelMm: fc.constantFrom(0.7, 0.78, 1.3, 4, 5),
          stepMm: fc.constantFrom(0.6, 1, 3),
          shiftMm: fc.constantFrom(0, 0, 1.9),
        }),
        fc.constantFrom(...TYPES),
        fc.constantFrom(...SCALES),
        fc.boolean(),
        fc.nat(1e6),
        (stack, Type, scale, scalesDiffer, seed) => {
          const series = axialStack(stack);
          const given = noisySlices(
            series,
            Type,
            (slice) => (scalesDiffer && slice % 2 === 1 ? SCALES[0] : scale),
            seed,
          );
          const expected = cellsByVoxel(series, given);
          const cells = new AxialCells(series);
          given.forEach(({ pixels, slope, intercept }, i) =>
            cells.addSlice(i, pixels, slope, intercept),
          );
          const found = cells.finish();
          const rows = expected.max.length;
          expect(found.rows).toBe(rows);
          const indexOf = (group: number) => (series.normal[2] < 0 ? group : rows - 1 - group);
          for (let group = 0; group < rows; group++) {
            const at = indexOf(group);
            const { max, mean } = found.row(at);
            expect(max.join()).toBe(expected.max[group].join());
            expect(mean.join()).toBe(expected.mean[group].join());
            const bone = found.bone!.subarray(at * found.bins, (at + 1) * found.bins);
            expect(bone.join()).toBe(expected.bone[group].join());
          }
          const mass = expected.body.reduce((a, b) => a + b, 0);
          const moment = expected.body.reduce((sum, m, b) => sum + m * found.binXMm[b], 0);
          if (mass > 0) expect(found.bodyXMm).toBe(moment / mass);
        },
      ),
      { numRuns: 24, seed: 5, endOnFailure: true },
    );
  });

  it('come back from their packed rows as they were', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.integer({ min: -1000, max: -960 }), fc.integer({ min: -32768, max: 32767 })),
          {
            minLength: 1,
            maxLength: 70,
          },
        ),
        (values) => {
          const rows = new PackedCellRows(values.length);
          const others = values.map((value) => value >> 3);
          for (const [max, mean] of [
            [values, others],
            [others, values],
          ]) {
            rows.next.max.set(max);
            rows.next.mean.set(mean);
            rows.keep();
          }
          expect(Array.from(rows.row(1).max)).toEqual(others);
          expect(Array.from(rows.row(0).max)).toEqual(values);
          expect(Array.from(rows.row(0).mean)).toEqual(others);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });
});
