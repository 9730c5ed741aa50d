import fc from 'fast-check';
import { assembleSeries } from '../../../src/series/assembleSeries';
import { nearestSliceIndex, pixelOnSlice, pointOnSlice } from '../../../src/series/geometry';
import type { SeriesDescription } from '../../../src/series/types';
import { axialAt, describeSeries, SAGITTAL, stack } from './describedSeries';

function refusalOf(description: SeriesDescription) {
  const check = assembleSeries(description);
  return check.ok ? 'accepted' : check.reason.code;
}

function warningsOf(description: SeriesDescription) {
  const check = assembleSeries(description);
  return check.ok ? check.series.warnings.map(({ code }) => code) : ['refused', check.reason.code];
}

describe('assembleSeries', () => {
  it('orders slices along the normal whatever the order they came in', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...Array(40).keys()], { minLength: 40 }),
        fc.double({ min: 1.1, max: 8, noNaN: true }),
        (order, step) => {
          const check = assembleSeries(describeSeries(order.map((i) => axialAt(100 + i * step))));
          if (!check.ok) throw new Error(check.reason.message);
          expect(check.series.plane).toBe('axial');
          const z = check.series.slices.map(({ position }) => position[2]);
          expect(z).toEqual([...z].sort((a, b) => a - b));
          expect(check.series.sourceIndex.map((i) => order[i])).toEqual([...Array(40).keys()]);
          expect(check.series.spacingMm).toBeCloseTo(step, 6);
          expect(check.series.warnings).toEqual([]);
        },
      ),
    );
  });

  it('takes feet-first input by its geometry', () => {
    const slices = stack(40, 5).map((s) => ({
      ...s,
      imageOrientationPatient: [-1, 0, 0, 0, 1, 0],
      imagePositionPatient: [200, -150, s.imagePositionPatient![2]],
    }));
    const check = assembleSeries(describeSeries(slices));
    if (!check.ok) throw new Error(check.reason.message);
    expect(check.series.normal[2]).toBe(-1);
    expect(check.series.slices[0].position[2]).toBe(195);
  });

  it('names the plane of a sagittal series and takes a single sagittal slice', () => {
    const slice = { ...axialAt(0), imageOrientationPatient: SAGITTAL };
    const check = assembleSeries(describeSeries([slice]));
    expect(check.ok && check.series.plane).toBe('sagittal');
    expect(check.ok && check.series.spacingMm).toBe(0);
  });

  it.each<[string, SeriesDescription]>([
    ['too-few-slices', describeSeries([])],
    ['too-few-slices', describeSeries(stack(4, 5))],
    ['too-few-slices', describeSeries(stack(30, 1))],
    ['unsupported-modality', describeSeries(stack(40, 5), { modality: 'US' })],
    [
      'localizer',
      describeSeries([axialAt(0, { imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] })]),
    ],
    [
      'mixed-orientations',
      describeSeries([
        ...stack(20, 5),
        ...stack(20, 5, {}, 100).map((s) => ({ ...s, imageOrientationPatient: SAGITTAL })),
      ]),
    ],
    [
      'coronal',
      describeSeries(
        stack(40, 5).map((s) => ({ ...s, imageOrientationPatient: [1, 0, 0, 0, 0, -1] })),
      ),
    ],
    [
      'oblique',
      describeSeries(
        stack(40, 5).map((s) => ({
          ...s,
          imageOrientationPatient: [1, 0, 0, 0, Math.SQRT1_2, Math.SQRT1_2],
        })),
      ),
    ],
    [
      'unknown-orientation',
      describeSeries(
        stack(20, 5).map((s, i) => (i % 2 ? { ...s, imagePositionPatient: null } : s)),
      ),
    ],
    [
      'unknown-orientation',
      describeSeries(
        stack(20, 5).map((s) => ({ ...s, imageOrientationPatient: [1, 0, 0, 1, 0, 0] })),
      ),
    ],
    [
      'unknown-orientation',
      describeSeries(stack(20, 5).map((s) => ({ ...s, pixelSpacing: [0, 0] }))),
    ],
    ['unsupported-pixels', describeSeries(stack(20, 5).map((s) => ({ ...s, samplesPerPixel: 3 })))],
    [
      'unsupported-pixels',
      describeSeries(stack(20, 5).map((s) => ({ ...s, photometricInterpretation: 'RGB' }))),
    ],
    ['multi-frame', describeSeries([axialAt(0, { numberOfFrames: 60 })])],
    [
      'several-volumes',
      describeSeries(
        [...stack(4, 15), ...stack(4, 15)].map((s, i) => ({ ...s, sopInstanceUID: `1.${i}` })),
      ),
    ],
    [
      'duplicate-positions',
      describeSeries(
        [0, 0, 1, 2, 2, 3, 4, 4, 4, 5, 6, 7].map((n, i) =>
          axialAt(5 * n, { sopInstanceUID: `1.${i}` }),
        ),
      ),
    ],
    ['missing-slices', describeSeries(stack(60, 5).filter((_, i) => i < 20 || i > 25))],
  ])('refuses with %s', (code, description) => {
    expect(refusalOf(description)).toBe(code);
  });

  it('warns of one missing slice, of uneven spacing, of a doubled slice and of gantry tilt', () => {
    expect(warningsOf(describeSeries(stack(60, 5).filter((_, i) => i !== 30)))).toEqual([
      'missing-slices',
    ]);
    const uneven = Array.from({ length: 40 }, (_, i) => axialAt(i * 5 + (i % 2)));
    expect(warningsOf(describeSeries(uneven))).toEqual(['uneven-spacing']);
    const doubled = [...stack(40, 5), { ...axialAt(50), sopInstanceUID: '1.7' }];
    expect(warningsOf(describeSeries(doubled))).toEqual(['duplicate-positions']);
    const tilted = stack(40, 5).map((s) => ({
      ...s,
      imageOrientationPatient: [1, 0, 0, 0, Math.cos(0.26), -Math.sin(0.26)],
    }));
    expect(warningsOf(describeSeries(tilted))).toEqual(['gantry-tilt']);
  });

  it('takes the same object listed twice once, silently', () => {
    const check = assembleSeries(describeSeries([...stack(40, 5), axialAt(50)]));
    expect(check.ok && check.series.slices.length).toBe(40);
    expect(check.ok && check.series.warnings).toEqual([]);
  });
});

describe('slice geometry', () => {
  const check = assembleSeries(describeSeries(stack(40, 5)));
  if (!check.ok) throw new Error('the stack is valid');
  const { series } = check;

  it('maps pixels to the patient and back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 39 }),
        fc.double({ min: 0, max: 511, noNaN: true }),
        fc.double({ min: 0, max: 511, noNaN: true }),
        (index, row, column) => {
          const point = pointOnSlice(series.slices[index], row, column);
          expect(point[0]).toBeCloseTo(-200 + 0.8 * column, 6);
          expect(point[1]).toBeCloseTo(-150 + 0.8 * row, 6);
          expect(point[2]).toBeCloseTo(5 * index, 6);
          const back = pixelOnSlice(series.slices[index], point);
          expect(back[0]).toBeCloseTo(row, 6);
          expect(back[1]).toBeCloseTo(column, 6);
        },
      ),
    );
  });

  it('finds the nearest slice by its own plane, not by mean spacing', () => {
    const gap = assembleSeries(describeSeries(stack(60, 5).filter((_, i) => i !== 30)));
    if (!gap.ok) throw new Error(gap.reason.message);
    const index = nearestSliceIndex(gap.series, [0, 0, 201]);
    expect(gap.series.slices[index].position[2]).toBe(200);
    expect(index).toBe(39);
  });
});
