import { projectSeries } from '../../../src/projection/projectSeries';
import { assembleSeries } from '../../../src/series/assembleSeries';

const SIDE = 20;

/** Twenty slices of 4 mm, axial or sagittal. */
function seriesOf(modality: 'CT' | 'MR', sagittal: boolean) {
  const check = assembleSeries({
    uid: '1',
    modality,
    frameOfReferenceUID: null,
    slices: Array.from({ length: SIDE }, (_, i) => ({
      sopInstanceUID: `1.${i}`,
      imagePositionPatient: sagittal ? [4 * i, 0, 0] : [0, 0, 4 * i],
      imageOrientationPatient: sagittal ? [0, 1, 0, 0, 0, -1] : [1, 0, 0, 0, 1, 0],
      pixelSpacing: [4, 4],
      rows: SIDE,
      columns: SIDE,
    })),
  });
  if (!check.ok) throw new Error(check.reason.message);
  return check.series;
}

it.each([
  ['MR', false, 'percentile'],
  ['MR', true, 'percentile'],
  ['MR', false, 'hu'],
  ['CT', false, 'hu'],
  ['CT', true, 'hu'],
] as const)(
  'values that sums cannot hold do no harm to a projection (%s, sagittal %s, %s)',
  async (modality, sagittal, kind) => {
    const pixels = Uint16Array.from({ length: SIDE * SIDE }, (_, i) => (i % 7 ? i : 65535));
    const slice = { pixels, slope: 1e38, intercept: -1e38 };
    const { data } = await projectSeries(
      seriesOf(modality, sagittal),
      { readSlice: () => Promise.resolve(slice) },
      { channels: ['max', 'mean', 'mix'], window: { kind, low: 1, high: 99 } },
    );
    expect(data.filter((value) => !(value >= 0 && value <= 1))).toHaveLength(0);
    expect(data.length).toBeGreaterThan(0);
  },
);
