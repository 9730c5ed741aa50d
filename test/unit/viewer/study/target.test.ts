import { assembleSeries } from '../../../../src/series/assembleSeries';
import type { CornerstoneLibraries, DisplaySet, Services } from '../../../../src/viewer/host/ohif';
import { sayMessage } from '../../../../src/text/say';
import { describeSeries, imageIdsOf, targetDisplaySet } from '../../../../src/viewer/study/target';

const NO_MANAGER = { getModuleEntry: () => undefined };

function services(shown: readonly string[], displaySets: readonly DisplaySet[]): Services {
  return {
    viewportGridService: {
      getActiveViewportId: () => 'active',
      getDisplaySetsUIDsForViewport: (id: string) => (id === 'active' ? shown : []),
    },
    displaySetService: {
      getDisplaySetByUID: (uid: string) =>
        displaySets.find(({ displaySetInstanceUID }) => displaySetInstanceUID === uid),
      getActiveDisplaySets: () => displaySets,
    },
  } as unknown as Services;
}

const CT: DisplaySet = {
  displaySetInstanceUID: 'ct',
  SeriesInstanceUID: '1.2.3',
  SeriesNumber: 4,
  SeriesDescription: 'Abdomen',
  Modality: 'CT',
  imageIds: ['a', 'b', 'c'],
};
const PT: DisplaySet = { ...CT, displaySetInstanceUID: 'pt', Modality: 'PT' };

describe('the series that is used', () => {
  test('is the active viewport’s, with what a person knows it by', () => {
    expect(targetDisplaySet(services(['ct'], [CT]), NO_MANAGER)).toEqual({
      ready: true,
      displaySet: CT,
      series: {
        displaySetInstanceUID: 'ct',
        number: '4',
        description: 'Abdomen',
        modality: 'CT',
        sliceCount: 3,
      },
    });
  });

  test('is the CT of a fusion, whichever comes first', () => {
    const target = targetDisplaySet(services(['pt', 'ct'], [PT, CT]), NO_MANAGER);
    expect(target).toMatchObject({ ready: true, displaySet: CT });
  });

  test.each([
    ['nothing is shown', [], [CT], /shows no series/],
    ['another modality is shown', ['pt'], [PT], /works on CT and MR series.*shows PT/],
    ['the display set is gone', ['ct'], [], /not loaded/],
    ['the host cannot show it', ['ct'], [{ ...CT, unsupported: true }], /cannot show this series/],
  ] as const)('there is none, and why, when %s', (_, shown, displaySets, why) => {
    const target = targetDisplaySet(services(shown, displaySets), NO_MANAGER);
    if (target.ready) throw new Error('it is ready');
    expect(sayMessage(target.why)).toMatch(why);
  });
});

test('image ids come from the display set, else from the data source', () => {
  const without: DisplaySet = { ...CT, imageIds: undefined };
  const manager = {
    getModuleEntry: () => undefined,
    getActiveDataSource: () => [{ getImageIdsForDisplaySet: () => ['x', 'y'] }],
  };
  expect(imageIdsOf(CT, manager)).toEqual(['a', 'b', 'c']);
  expect(imageIdsOf(without, manager)).toEqual(['x', 'y']);
  expect(imageIdsOf(without, { getModuleEntry: () => undefined })).toEqual([]);
});

describe('what the host knows becomes a description', () => {
  const describeWith = (instances: Record<string, unknown>[], imageIds?: string[]) => {
    const ids = imageIds ?? instances.map((__, i) => `wadors:https://pacs/instances/${i}/frames/1`);
    const libraries = {
      cornerstone: { metaData: { get: (_: string, id: string) => instances[ids.indexOf(id)] } },
    };
    return describeSeries(CT, ids, libraries as unknown as CornerstoneLibraries);
  };
  const instance = (z: number, change: Record<string, unknown> = {}) => ({
    SOPInstanceUID: `1.2.3.${z + 1}`,
    FrameOfReferenceUID: '1.2.9',
    ImagePositionPatient: [-10, -20, z],
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    PixelSpacing: [0.7, 0.8],
    Rows: 512,
    Columns: 256,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 16,
    ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    ...change,
  });
  const stack = (change: Record<string, unknown> = {}) =>
    Array.from({ length: 20 }, (_, i) => instance(i * 5, change));

  test.each(['BodyPartExamined', 'StudyDescription', 'SeriesDescription', 'ProtocolName'])(
    'and %s, where it names another part of the body',
    (keyword) => {
      const check = assembleSeries(describeWith(stack({ [keyword]: 'KNEE' })));
      const warnings = check.ok ? check.series.warnings : [];
      expect(warnings).toMatchObject([{ code: 'other-body-part', values: { text: 'KNEE' } }]);
    },
  );

  test('with the geometry of every image', () => {
    const { slices, ...rest } = describeWith(stack());
    expect(rest).toMatchObject({ uid: '1.2.3', modality: 'CT', frameOfReferenceUID: '1.2.9' });
    expect(slices[3]).toMatchObject({
      sopInstanceUID: '1.2.3.16',
      imagePositionPatient: [-10, -20, 15],
      imageOrientationPatient: [1, 0, 0, 0, 1, 0],
      pixelSpacing: [0.7, 0.8],
      rows: 512,
      columns: 256,
    });
  });

  test('numbers that the server gives as texts mean the same', () => {
    const texts = describeWith(
      stack({
        ImageOrientationPatient: ['1', '0', '0', '0', '1', '0'],
        PixelSpacing: '0.7\\0.8',
        Rows: '512',
        Columns: '256',
        SamplesPerPixel: '1',
        BitsAllocated: '16',
        ImageType: 'ORIGINAL\\PRIMARY\\AXIAL',
      }),
    );
    expect(texts).toEqual(describeWith(stack()));
  });

  test('what is missing is left for the check to refuse, not made up', () => {
    const missing = describeWith(stack({ ImagePositionPatient: undefined, PixelSpacing: null }));
    expect(missing.slices[0]).toMatchObject({ imagePositionPatient: null, pixelSpacing: null });
    expect(assembleSeries(missing)).toMatchObject({
      ok: false,
      reason: { code: 'unknown-orientation' },
    });
    const unknown = describeWith([], ['gone']);
    expect(assembleSeries(unknown).ok).toBe(false);
  });

  test('frames of one instance are told apart by their number', () => {
    const ids = [1, 2, 3].map((n) => `wadors:https://pacs/instances/1.2/frames/${n}`);
    const frames = describeWith(
      [0, 5, 10].map((z) => instance(z, { NumberOfFrames: 3 })),
      ids,
    );
    expect(frames.slices.map(({ frameNumber }) => frameNumber)).toEqual([1, 2, 3]);
    expect(describeWith(stack()).slices[0].frameNumber).toBeNull();
  });

  test('a localizer, several scans, and values that cannot be read are recognised by the check', () => {
    const check = (change: Record<string, unknown>[]) =>
      assembleSeries(
        describeWith(stack().map((item, i) => ({ ...item, ...change[i % change.length] }))),
      );
    expect(check([{ ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }])).toMatchObject({
      reason: { code: 'localizer' },
    });
    expect(check([{ ModalityLUTSequence: [{}] }])).toMatchObject({
      reason: { code: 'unsupported-pixels' },
    });
    const parts: [Record<string, unknown>, Record<string, unknown>, string][] = [
      [{ PatientID: 'A' }, { PatientID: 'B' }, 'part-patient'],
      [{ StudyInstanceUID: '1' }, { StudyInstanceUID: '2' }, 'part-study'],
      [{ FrameOfReferenceUID: '1' }, { FrameOfReferenceUID: '2' }, 'part-frame'],
      [{ EchoNumbers: 1 }, { EchoNumbers: 2 }, 'part-echo'],
      [{ TemporalPositionIdentifier: '1' }, { TemporalPositionIdentifier: '2' }, 'part-phase'],
      [{ TemporalPositionIndex: 1 }, { TemporalPositionIndex: 2 }, 'part-phase'],
    ];
    for (const [a, b, code] of parts) {
      expect(check([a, b])).toMatchObject({ series: { part: { name: [{ code }] } } });
    }
  });

  test('with what tells its scans apart where they lie over each other', () => {
    const [slice] = describeWith([
      instance(0, {
        AcquisitionNumber: '3',
        InstanceNumber: '7',
        EchoTime: '2.3',
        TriggerTime: 400,
        ConvolutionKernel: ['I30f', '2'],
        AcquisitionDate: '20250101',
        AcquisitionTime: '091500',
        SliceThickness: '5',
      }),
    ]).slices;
    expect(slice).toMatchObject({
      acquisitionNumber: 3,
      instanceNumber: 7,
      echoTime: 2.3,
      triggerTime: 400,
      convolutionKernel: 'I30f\\2',
      acquisitionTime: '20250101091500',
      sliceThickness: 5,
    });
    const [frame] = describeWith([
      instance(0, {
        FrameAcquisitionNumber: 4,
        FrameAcquisitionDateTime: '20250101091501.5',
        EffectiveEchoTime: 8,
        NominalCardiacTriggerDelayTime: 300,
      }),
    ]).slices;
    expect(frame).toMatchObject({
      acquisitionNumber: 4,
      acquisitionTime: '20250101091501.5',
      echoTime: 8,
      triggerTime: 300,
    });
  });
});
