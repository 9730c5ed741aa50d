import type { SeriesDescription } from '../../../../src/series/types';
import { chooseSeries } from '../../../../src/viewer/study/chooseSeries';
import { heightMm, seriesTraits, type Attributes } from '../../../../src/viewer/study/seriesTraits';

const ORIENTATION = {
  axial: [1, 0, 0, 0, 1, 0],
  sagittal: [0, 1, 0, 0, 0, -1],
  coronal: [1, 0, 0, 0, 0, -1],
} as const;
const NORMAL_AXIS = { axial: 2, sagittal: 0, coronal: 1 } as const;

interface Made {
  readonly modality?: string;
  readonly plane?: keyof typeof ORIENTATION;
  readonly slices?: number;
  readonly spacing?: number;
  /** Rows of 1 mm. */
  readonly rows?: number;
  /** LPS z of the first slice (axial) or of the first row (sagittal), mm. */
  readonly z?: number;
  readonly frame?: string;
  readonly attributes?: Attributes;
}

const T2: Attributes = { ScanningSequence: ['SE'], EchoTime: 102, RepetitionTime: '3500' };
const T1: Attributes = { ScanningSequence: ['SE'], EchoTime: 10, RepetitionTime: 550 };
const STIR: Attributes = {
  ScanningSequence: ['SE', 'IR'],
  EchoTime: 60,
  RepetitionTime: 4000,
  InversionTime: 150,
};
const DIFFUSION: Attributes = { ScanningSequence: 'EP', EchoTime: 90, RepetitionTime: 4000 };

function series({
  modality = 'MR',
  plane = 'sagittal',
  slices = 15,
  spacing = 4,
  rows = 280,
  z = 0,
  frame = '1.9',
  attributes = {},
}: Made) {
  const description: SeriesDescription = {
    uid: '1.2',
    modality,
    frameOfReferenceUID: frame,
    slices: Array.from({ length: slices }, (_, i) => {
      const position = [-100, -100, z];
      position[NORMAL_AXIS[plane]] += i * spacing;
      return {
        sopInstanceUID: `1.2.${i}`,
        imagePositionPatient: position,
        imageOrientationPatient: [...ORIENTATION[plane]],
        pixelSpacing: [1, 1],
        rows,
        columns: 200,
        imageType: Array.isArray(attributes.ImageType) ? attributes.ImageType : null,
      };
    }),
  };
  return seriesTraits(description, attributes);
}

const sagittalT2 = series({ attributes: T2 });
const sagittalT1 = series({ attributes: T1 });
const discs = series({ plane: 'axial', slices: 15, attributes: T2 });
const localizer = series({ attributes: { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] } });
const coronal = series({ plane: 'coronal', attributes: T2 });

describe('what a series is worth', () => {
  test.each([
    ['T2', T2],
    ['T1', T1],
    ['STIR', STIR],
    ['other', DIFFUSION],
    ['other', { ...T2, DiffusionBValue: 800 }],
    ['PD', { ...T1, RepetitionTime: 2500 }],
    ['unknown', {}],
    ['unknown', { ...T1, ScanningSequence: ['GR'] }],
    ['T1', { AcquisitionContrast: 'T1' }],
    ['PD', { AcquisitionContrast: 'PROTON_DENSITY' }],
  ] as const)('weighting %s from %j', (contrast, attributes) => {
    expect(series({ attributes }).contrast).toBe(contrast);
  });

  test('the height is what the pixels or the stack reach, head to foot', () => {
    expect(heightMm(sagittalT2)).toBeCloseTo(280);
    expect(sagittalT2.zRangeMm[1]).toBeCloseTo(0.5);
    expect(heightMm(discs)).toBeCloseTo(15 * 4);
  });

  test.each([
    [true, { BodyPartExamined: 'CSPINE' }],
    [false, { BodyPartExamined: 'LSPINE', SeriesDescription: 'sag T2 C-spine' }],
    [true, { BodyPartExamined: 'SPINE', SeriesDescription: 't2_tse_sag_HWS' }],
    [true, { SeriesDescription: 'SAG T2 T SPINE' }],
    [false, { SeriesDescription: 't2_tse_sag_LWS' }],
    [false, { SeriesDescription: 'T2 sag' }],
    [false, { SeriesDescription: 'whole spine, cervical coil' }],
  ] as const)('elsewhere is %s for %j', (isElsewhere, attributes) => {
    expect(series({ attributes }).isElsewhere).toBe(isElsewhere);
  });
});

describe('the series of an MR study', () => {
  const chosen = (all: readonly ReturnType<typeof series>[], active: number | null) =>
    chooseSeries(all, active);

  test('a sagittal one that is active is used, whatever its weighting', () => {
    const stir = series({ attributes: STIR });
    expect(chosen([sagittalT2, stir], 1)).toEqual({ rule: 'active', index: 1 });
  });

  test('axial slices about the discs defer to the sagittal T2', () => {
    expect(chosen([discs, sagittalT1, sagittalT2], 0)).toEqual({
      rule: 'instead',
      index: 2,
      because: { code: 'too-short', heightMm: expect.closeTo(60) },
      plane: 'sagittal',
      contrast: 'T2',
      heightMm: expect.closeTo(280),
    });
  });

  test('axial slices over the lumbar spine are used when a person chose them', () => {
    const long = series({ plane: 'axial', slices: 60, attributes: T1 });
    expect(chosen([sagittalT2, long], 1)).toMatchObject({ rule: 'active' });
  });

  test('short axial slices are used where there is nothing better, left where a longer stack is', () => {
    const other = series({ plane: 'axial', slices: 14, attributes: T2 });
    expect(chosen([discs, other, coronal], 0)).toEqual({ rule: 'active', index: 0 });
    const long = series({ plane: 'axial', slices: 60, attributes: T1 });
    expect(chosen([discs, other, long], 0)).toMatchObject({ rule: 'instead', index: 2 });
  });

  test.each([
    ['a localizer', localizer, 'localizer'],
    ['a coronal series', coronal, 'coronal'],
  ] as const)('%s is left, and the reason is kept', (_, active, code) => {
    expect(chosen([active, sagittalT1], 0)).toMatchObject({
      rule: 'instead',
      index: 1,
      because: { code: 'refused', reason: { code } },
      contrast: 'T1',
    });
  });

  test('something that is no image at all is left', () => {
    expect(chosen([discs, sagittalT1], null)).toMatchObject({
      index: 1,
      because: { code: 'no-images' },
    });
  });

  test('where nothing is usable, the active one stays and will be refused', () => {
    expect(chosen([localizer, coronal], 0)).toEqual({ rule: 'active', index: 0 });
    expect(chosen([localizer], null)).toBeNull();
    expect(chosen([], null)).toBeNull();
  });

  test.each([
    ['T1 before STIR', series({ attributes: STIR }), sagittalT1],
    ['T2 before T1 of like coverage', sagittalT1, sagittalT2],
    ['the longer T1 before a short T2', series({ attributes: T2, rows: 180 }), sagittalT1],
    ['STIR before diffusion', series({ attributes: DIFFUSION }), series({ attributes: STIR })],
    ['the lumbar spine before the neck', cervical(), sagittalT1],
    ['an original before a reformat', reformat(), sagittalT1],
    ['many slices before a single one', series({ attributes: T2, slices: 1 }), sagittalT1],
    ['the lower of two stations', series({ attributes: T2, z: 250 }), sagittalT1],
    [
      'the frame of reference of the active series',
      series({ attributes: T2, frame: '1.8' }),
      sagittalT1,
    ],
  ])('%s, in whichever order they are listed', (_, worse, better) => {
    expect(chosen([localizer, worse, better], 0)).toMatchObject({ index: 2 });
    expect(chosen([better, localizer, worse], 1)).toMatchObject({ index: 0 });
  });

  function cervical() {
    return series({ attributes: { ...T2, BodyPartExamined: 'CSPINE' } });
  }

  function reformat() {
    return series({ attributes: { ...T2, ImageType: ['DERIVED', 'SECONDARY', 'MPR'] } });
  }
});

describe('the series of a CT study', () => {
  const ct = (made: Made) => series({ modality: 'CT', plane: 'axial', spacing: 5, ...made });
  const abdomen = ct({ slices: 80 });

  test('an axial one that is active is used, even a short one', () => {
    expect(chooseSeries([abdomen, ct({ slices: 12 })], 1)).toEqual({ rule: 'active', index: 1 });
  });

  test('the longest axial one stands in for a localizer', () => {
    const scout = ct({ attributes: { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] } });
    const all = [ct({ slices: 30 }), scout, abdomen, ct({ plane: 'sagittal', slices: 20 })];
    expect(chooseSeries(all, 1)).toMatchObject({
      rule: 'instead',
      index: 2,
      plane: 'axial',
      contrast: 'unknown',
      heightMm: expect.closeTo(400),
    });
  });

  test('a sagittal reformat defers to the axial series, and is used where there is none', () => {
    const reformat = ct({ plane: 'sagittal', slices: 20 });
    expect(chooseSeries([reformat, abdomen], 0)).toMatchObject({
      index: 1,
      because: { code: 'not-axial' },
    });
    expect(chooseSeries([reformat, coronal], 0)).toEqual({ rule: 'active', index: 0 });
  });

  test('an MR series is never taken for a CT one', () => {
    const scout = ct({ attributes: { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] } });
    expect(chooseSeries([scout, sagittalT2], 0)).toEqual({ rule: 'active', index: 0 });
  });
});
