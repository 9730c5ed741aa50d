import { assembleSeries } from '../../../src/series/assembleSeries';
import type { SliceDescription } from '../../../src/series/types';
import { phrase } from '../../../src/reasons/phrases';
import { axialAt, CORONAL, describeSeries, SAGITTAL, stack } from './describedSeries';

const check = (slices: SliceDescription[]) => assembleSeries(describeSeries(slices));

const LOCALIZER = { imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] };
const odd = (extra: Partial<SliceDescription>, n = 0) =>
  axialAt(5 * n, { ...extra, sopInstanceUID: `9.${n}` });

describe('a minority of images that are no slices', () => {
  it.each<[string, Partial<SliceDescription>]>([
    ['a localizer', LOCALIZER],
    ['a localizer', { ...LOCALIZER, imageOrientationPatient: CORONAL }],
    ['another orientation', { imageOrientationPatient: CORONAL }],
    ['another orientation', { imageOrientationPatient: SAGITTAL }],
    ['3 samples per pixel', { samplesPerPixel: 3, photometricInterpretation: 'RGB' }],
    ['photometric interpretation PALETTE COLOR', { photometricInterpretation: 'PALETTE COLOR' }],
    ['a secondary capture', { sopClassUID: '1.2.840.10008.5.1.4.1.1.7' }],
    ['a Modality LUT instead of a rescale', { hasModalityLut: true }],
    ['transfer syntax 1.2', { pixelFault: phrase('transfer-syntax', { uid: '1.2' }) }],
    ['no position per frame', { numberOfFrames: 20 }],
    ['no Image Position (Patient)', { imagePositionPatient: null }],
    ['no Image Orientation (Patient)', { imageOrientationPatient: null }],
    ['no Pixel Spacing', { pixelSpacing: null }],
    ['an image of 0 x 0 pixels', { rows: 0, columns: 0 }],
    ['another size', { rows: 256, columns: 256 }],
    ['another size', { rows: 128, columns: 128, pixelSpacing: [3.2, 3.2] }],
    ['another size', { rows: 256, columns: 256, imagePositionPatient: [-200, -150, 2.5] }],
    ['more than 20 mm from the others', { imagePositionPatient: [-200, -150, 400] }],
  ])('is set aside: %s', (why, extra) => {
    const found = check([odd(extra), ...stack(40, 5), odd(extra, 20)]);
    if (!found.ok) throw new Error(found.reason.message);
    const { slices, sourceIndex, warnings, part } = found.series;
    expect(part).toBeNull();
    expect(slices).toHaveLength(40);
    expect(sourceIndex).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      [
        'images-set-aside',
        `Images were set aside that are no slices of the series, 2 of 42: ${why} (2).`,
      ],
    ]);
  });

  it('is counted by cause', () => {
    const found = check([
      ...stack(40, 5),
      odd(LOCALIZER),
      odd({ imagePositionPatient: null }),
      odd(LOCALIZER, 3),
    ]);
    expect(found.ok && found.series.warnings[0].message).toMatch(
      /3 of 43: a localizer \(2\), no Image Position \(Patient\) \(1\)\.$/,
    );
  });

  it('is told of where the others are refused', () => {
    const coronal = stack(40, 5).map((s) => ({ ...s, imageOrientationPatient: CORONAL }));
    expect(check([odd(LOCALIZER), ...coronal])).toMatchObject({
      ok: false,
      reason: { code: 'coronal' },
      warnings: [{ code: 'images-set-aside' }],
    });
  });
});

describe('what is no minority', () => {
  it.each<[string, SliceDescription[]]>([
    ['localizer', [1, 2, 3].map((n) => odd(LOCALIZER, n))],
    ['localizer', [...stack(4, 5), odd(LOCALIZER), odd(LOCALIZER, 9)]],
    ['unknown-orientation', stack(40, 5, { imagePositionPatient: null })],
    ['mixed-orientations', [...stack(3, 5), odd({ imageOrientationPatient: SAGITTAL })]],
  ])('refuses the series with what is wrong: %s', (code, slices) => {
    expect(check(slices)).toMatchObject({ ok: false, reason: { code } });
  });

  it.each<[string, SliceDescription[]]>([
    ['secondary captures alone', stack(40, 5, { sopClassUID: '1.2.840.10008.5.1.4.1.1.7' })],
    [
      'slices of another matrix and the same field',
      stack(40, 5).map((s, i) =>
        i < 2 ? { ...s, rows: 256, columns: 256, pixelSpacing: [1.6, 1.6] } : s,
      ),
    ],
  ])('is taken: %s', (_name, slices) => {
    const found = check(slices);
    expect(found.ok && found.series.slices).toHaveLength(40);
    expect(found.ok && found.series.warnings).toEqual([]);
  });
});

describe('SOP Instance UIDs', () => {
  it('that name several images name none, with a warning', () => {
    const found = check(stack(40, 5, { sopInstanceUID: '1.7' }));
    if (!found.ok) throw new Error(found.reason.message);
    expect(found.series.slices.map((s) => s.sopInstanceUID)).toEqual(Array(40).fill(null));
    expect(found.series.warnings).toMatchObject([
      { code: 'instance-uid-not-unique', values: { count: 40, of: 40 } },
    ]);
  });
});
