import { TextDecoder, TextEncoder } from 'node:util';
import { readLevelReport } from '../../src/sr/readLevelReport';
import type { Dataset } from '../../src/sr/types';
import type { SeriesDescription } from '../../src/series/types';
import { FindL3Viewer } from '../../src/viewer/findL3Viewer';
import { axialDescription } from './fixtures';
import {
  answered,
  finder,
  host,
  measurements,
  resetFinder,
  run,
  settled,
  startHost,
  state,
} from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

// jsdom has none.
Object.assign(globalThis, { TextDecoder, TextEncoder });

const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';
const saved: Blob[] = [];

beforeEach(() => {
  resetFinder();
  saved.length = 0;
  Object.assign(URL, {
    createObjectURL: (blob: Blob) => `blob:${saved.push(blob)}`,
    revokeObjectURL: () => {},
  });
  jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => {});
});
afterEach(() => jest.restoreAllMocks());

/** What a scanner writes of a CT beside what places its pixels: types 2 and 3, and the frame of reference. */
const OPTIONAL: Readonly<Record<string, unknown>> = {
  FrameOfReferenceUID: '1.2.3.9',
  PatientName: 'Phantom^Anna',
  PatientID: 'P-1',
  PatientBirthDate: '19700101',
  PatientSex: 'F',
  PatientAge: '056Y',
  StudyDate: '20261122',
  StudyTime: '101112',
  StudyID: '7',
  StudyDescription: 'CT abdomen',
  AccessionNumber: 'A-7',
  ReferringPhysicianName: 'Referrer^R',
  InstitutionName: 'Hospital',
  SeriesNumber: 3,
  SeriesDescription: 'Abdomen',
  SeriesDate: '20261122',
  SeriesTime: '101113',
  ProtocolName: 'Abdomen',
  BodyPartExamined: 'ABDOMEN',
  PatientPosition: 'HFS',
  PositionReferenceIndicator: '',
  Laterality: '',
  Manufacturer: 'Maker',
  InstanceNumber: 1,
  AcquisitionNumber: 1,
  ContentDate: '20261122',
  ContentTime: '101114',
  ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
  SliceThickness: 5,
  SliceLocation: 0,
  KVP: 120,
  ConvolutionKernel: 'B30f',
  GantryDetectorTilt: 0,
  RescaleType: 'HU',
  WindowCenter: 40,
  WindowWidth: 400,
  SpecificCharacterSet: 'ISO_IR 100',
};

function without(...names: readonly string[]) {
  return (instance: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries({ ...instance, ...OPTIONAL, SOPClassUID: CT_IMAGE }).filter(
        ([name]) => !names.includes(name),
      ),
    );
}

/** A viewer of one CT, and a PACS that takes everything. */
async function open(names: readonly string[], reports: readonly Dataset[] = []) {
  await startHost();
  const change = Object.fromEntries(
    ['SeriesNumber', 'SeriesDescription']
      .filter((name) => names.includes(name))
      .map((name) => [name, undefined]),
  );
  host.addDisplaySet('ds-1', axialDescription(), change, without(...names));
  if (reports.length > 0) {
    host.addDisplaySet(
      'sr',
      { ...axialDescription('1.2.3.8'), slices: [] },
      {
        Modality: 'SR',
        instances: reports,
      },
    );
  }
  const stored: Dataset[] = [];
  Object.assign(host.extensionManager, {
    getActiveDataSource: () => [
      { store: { dicom: async (dataset: Dataset) => void stored.push(dataset) } },
    ],
  });
  const stack = host.addStack('default', 'ds-1');
  host.enterMode();
  await settled();
  return { stack, stored };
}

const marks = () =>
  FindL3Viewer.existing(host.servicesManager as never)!.session.marking!.store.list();

test.each([...Object.keys(OPTIONAL).map((name) => [name]), Object.keys(OPTIONAL)])(
  'without %s: found, moved, saved, back again and exported',
  async (...names: string[]) => {
    const { stack, stored } = await open(names);
    expect((await run('findL3'))?.status).toBe('found');
    expect(stack.index).toBe(30);
    expect(answered().shown).toMatchObject({ isMark: true, level: 'L3' });
    expect(measurements()).toHaveLength(1);
    await run('moveLevelMark', { zMm: -62 });
    await settled();
    expect(stack.index).toBe(32);
    expect(await run('saveLevels')).toBe(true);
    const [before] = marks();
    expect(before).toMatchObject({
      frameOfReferenceUID: names.includes('FrameOfReferenceUID') ? null : '1.2.3.9',
      slice: { sopInstanceUID: '1.2.3.1.33' },
    });
    expect(readLevelReport(stored[0])?.levels).toMatchObject([{ pointLpsMm: [4, 10, -62] }]);

    const again = await open(names, stored);
    expect(marks()).toEqual([
      { ...before, moved: before.moved, review: expect.anything(), fromReport: true },
    ]);
    await run('showLevelMark');
    await settled();
    expect(again.stack.index).toBe(32);
    for (const format of ['csv', 'json']) await run('exportLevels', { format });
    expect(saved).toHaveLength(2);
  },
);

/** A sagittal MR series of 15 slices about x = 0 without a frame of reference. */
function sagittal(): SeriesDescription {
  const { slices, ...series } = axialDescription('1.2.3.5');
  return {
    ...series,
    frameOfReferenceUID: null,
    slices: Array.from({ length: 15 }, (_, i) => ({
      ...slices[0],
      sopInstanceUID: `1.2.3.5.${i + 1}`,
      imagePositionPatient: [-28 + 4 * i, -140, 90],
      imageOrientationPatient: [0, 1, 0, 0, 0, -1],
      pixelSpacing: [1, 1],
      rows: 280,
      columns: 280,
    })),
  };
}

describe('series without a frame of reference', () => {
  const edit = without('FrameOfReferenceUID');

  test('two of them are not one: neither moves with the other, nor shows its mark', async () => {
    await startHost();
    host.addDisplaySet('ds-1', axialDescription(), {}, edit);
    host.addDisplaySet('ds-2', axialDescription('1.2.3.2'), {}, edit);
    const own = host.addStack('own', 'ds-1');
    const other = host.addStack('other', 'ds-2');
    host.enterMode();
    await run('findL3');
    await run('moveLevelMark', { zMm: -70 });
    await settled();
    expect([own.index, other.index]).toEqual([34, 0]);
    expect(host.render('own').length).toBeGreaterThan(0);
    expect(host.render('other')).toEqual([]);
    host.viewports.delete('own');
    await run('moveLevelMark', { zMm: -80 });
    await settled();
    expect([other.index, answered().shown?.isMark]).toEqual([0, false]);
  });

  test('one that has it and one that has not are not one', async () => {
    await startHost();
    host.addDisplaySet('ds-1', axialDescription());
    host.addDisplaySet('ds-2', axialDescription('1.2.3.2'), {}, edit);
    host.addStack('own', 'ds-1');
    const other = host.addStack('other', 'ds-2');
    host.enterMode();
    await run('findL3');
    host.viewports.delete('own');
    await run('jumpToLevel');
    expect(other.index).toBe(0);
  });

  test('in MPR all three views go to L3, and draw it', async () => {
    await startHost();
    host.addDisplaySet('ds-1', axialDescription(), {}, edit);
    const axial = host.addVolume('mpr-axial', 'ds-1', [0, 0, -1]);
    const side = host.addVolume('mpr-sagittal', 'ds-1', [1, 0, 0]);
    host.enterMode();
    await run('findL3');
    expect([axial.jumps.at(-1), side.jumps.at(-1)]).toEqual([
      [4, 10, -50],
      [4, 10, -50],
    ]);
    expect(host.render('mpr-sagittal').some(({ id }) => id === 'level')).toBe(true);
  });

  test('of a sagittal one, the report refers to the image through the level, to no axial series', async () => {
    const stored: Dataset[] = [];
    await startHost();
    host.addDisplaySet('ax', axialDescription(), {}, edit);
    host.addDisplaySet('sag', sagittal(), { Modality: 'MR' }, (instance) => ({
      ...instance,
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
    }));
    host.addStack('sag', 'sag', [1, 0, 0]);
    Object.assign(host.extensionManager, {
      getActiveDataSource: () => [
        { store: { dicom: async (dataset: Dataset) => void stored.push(dataset) } },
      ],
    });
    host.enterMode();
    await run('takeLevelTool');
    host.press('sag', [4, 10, -50]);
    expect(await run('saveLevels')).toBe(true);
    expect(readLevelReport(stored[0])?.levels).toMatchObject([
      {
        frameOfReferenceUID: null,
        pointLpsMm: [4, 10, -50],
        slice: { sopInstanceUID: '1.2.3.5.9', seriesInstanceUID: '1.2.3.5' },
      },
    ]);
    expect(JSON.stringify(stored[0])).not.toContain('SCOORD3D');
  });

  test('a picture that says nothing of where it lies is not marked', async () => {
    await startHost();
    const { slices, ...series } = axialDescription();
    const bare = slices.map((slice) => ({ ...slice, imagePositionPatient: null }));
    host.addDisplaySet('ds-1', { ...series, slices: bare }, {}, edit);
    host.addStack('default', 'ds-1');
    host.enterMode();
    await run('takeLevelTool');
    host.press('default', [4, 10, -50]);
    expect(measurements()).toEqual([]);
    expect(host.notifications.at(-1)?.message).toMatch(/position/);
    expect(finder.requests).toEqual([]);
    expect(state().search.phase).toBe('idle');
  });
});
