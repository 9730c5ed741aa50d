import { TextDecoder, TextEncoder } from 'node:util';
import { version } from '../../package.json';
import { decodeCorrections } from '../../src/corrections/correctionFile';
import { readLevelReport } from '../../src/sr/readLevelReport';
import type { Dataset } from '../../src/sr/types';
import { en } from '../../src/text/en';
import { FindL3Viewer } from '../../src/viewer/findL3Viewer';
import { axialDescription, undeterminedIn } from './fixtures';
import {
  answered,
  finder,
  host,
  measurements,
  resetFinder,
  run,
  settled,
  startHost,
  startWithMpr,
  startWithStack,
} from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

const SALT = 'of the tests, long enough';
// jsdom has none.
Object.assign(globalThis, { TextDecoder, TextEncoder });
const downloads: { name: string; blob: Blob }[] = [];

beforeEach(() => {
  resetFinder();
  downloads.length = 0;
  const blobs = new Map<string, Blob>();
  Object.assign(URL, {
    createObjectURL: (blob: Blob) => {
      blobs.set(`blob:${blobs.size}`, blob);
      return `blob:${blobs.size - 1}`;
    },
    revokeObjectURL: () => {},
  });
  jest.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    downloads.push({ name: this.download, blob: blobs.get(this.href)! });
  });
});
afterEach(() => jest.restoreAllMocks());

const viewer = () => FindL3Viewer.existing(host.servicesManager as never)!;
const keep = () => viewer().state.get().keep;
const lock = (uid: string) => {
  host.tools.locked.add(uid);
  host.tools.dispatch('lock', {});
};
const allowCorrections = () =>
  host.all.customizationService.setCustomizations(
    { 'findL3.corrections': { $set: { salt: SALT } } },
    'global',
  );

async function corrections() {
  await run('exportCorrection');
  const { blob } = downloads.at(-1)!;
  const bytes = await new Promise<ArrayBuffer>((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as ArrayBuffer);
    reader.readAsArrayBuffer(blob);
  });
  return decodeCorrections(new Uint8Array(bytes));
}

const textOf = (blob: Blob) =>
  new Promise<string>((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.readAsText(blob);
  });

describe('tables', () => {
  const exported = async () => {
    await run('exportLevels', { format: 'json' });
    const { name, blob } = downloads.at(-1)!;
    const { levels } = JSON.parse(await textOf(blob)) as { levels: Record<string, unknown>[] };
    return { name, levels };
  };

  test('tell the level as it is now, or that it is not in the scan; the name says the study', async () => {
    await startWithStack();
    await run('findL3');
    expect(await exported()).toMatchObject({
      name: 'find-l3_1.2.7_levels.json',
      levels: [{ state: 'found', slice_number: 31, slice_z_mm: -50, sd_mm: 1.4, warnings: '' }],
    });
    await run('moveLevelMark', { zMm: -60 });
    expect((await exported()).levels).toMatchObject([
      { state: 'moved', z_mm: -60, found_z_mm: -50, slice_number: 33, sd_mm: 1.4 },
    ]);
    await run('setL3Absent', { absence: 'ends-above-l3' });
    expect((await exported()).levels).toMatchObject([
      { state: 'not in scan', absence: 'ends-above-l3', z_mm: null },
    ]);
    host.tools.undo();
    expect((await exported()).levels).toMatchObject([{ state: 'moved' }]);
    expect((await exported()).levels[0]).not.toHaveProperty('patient_id');
  });

  test('name the patient where the admin allows it', async () => {
    await startHost();
    const accession = (instance: object) => ({ ...instance, AccessionNumber: 'A/7' });
    host.addDisplaySet('ds-1', axialDescription(), {}, accession);
    host.addStack('default', 'ds-1');
    host.all.customizationService.setCustomizations(
      { 'findL3.exportPatient': { $set: true } },
      'global',
    );
    host.enterMode();
    await run('findL3');
    expect(await exported()).toMatchObject({
      name: 'find-l3_A-7_levels.json',
      levels: [{ patient_id: 'P-1', accession_number: 'A/7' }],
    });
  });
});

describe('L3 is not in the scan', () => {
  test('the mark goes, undo brings it back and takes the statement away', async () => {
    await startWithStack();
    await run('findL3');
    await run('setL3Absent', { absence: 'ends-above-l3' });
    expect(measurements()).toEqual([]);
    expect(answered()).toMatchObject({ mark: null, absence: 'ends-above-l3' });
    host.tools.undo();
    expect(answered()).toMatchObject({ mark: { zMm: -50 }, absence: null });
  });

  test('taken back without options, which marks the answer again; forgotten by a mark, held by a search', async () => {
    await startWithStack();
    await run('findL3');
    await run('setL3Absent', { absence: 'begins-below-l3' });
    await run('setL3Absent');
    expect(answered()).toMatchObject({ mark: { zMm: -50, review: null }, absence: null });
    await run('setL3Absent', { absence: 'begins-below-l3' });
    await run('setLevelFromCurrentSlice');
    expect(answered()).toMatchObject({ mark: { zMm: -50 }, absence: null });
    expect(viewer().session.marking!.currentMark()!.review).toMatchObject({ act: 'confirmed' });
    await run('setL3Absent', { absence: 'begins-below-l3' });
    await run('findL3');
    expect(answered()).toMatchObject({ mark: null, absence: 'begins-below-l3' });
    await run('setL3Absent');
    expect(answered()).toMatchObject({ mark: { by: 'answer' }, absence: null });
  });

  test('a locked mark stays, and with it the level', async () => {
    await startWithStack();
    await run('findL3');
    lock(measurements()[0].uid);
    await run('setL3Absent', { absence: 'ends-above-l3' });
    expect(measurements()).toHaveLength(1);
    expect(answered().absence).toBeFalsy();
    expect(host.notifications.at(-1)!.message).toMatch(/locked/);
  });

  test('without an answer, nothing happens', async () => {
    await startWithStack();
    await run('setL3Absent', { absence: 'ends-above-l3' });
    expect(viewer().state.get().search.phase).toBe('idle');
  });

  test.each(['found', 'undetermined'] as const)(
    'after an answer that was %s, it is exported as a correction',
    async (outcome) => {
      await startWithStack();
      if (outcome === 'undetermined') {
        finder.answer = ({ series }) => Promise.resolve(undeterminedIn(series));
      }
      allowCorrections();
      await run('findL3');
      if (outcome === 'undetermined') {
        expect(keep().correction).toMatchObject({ why: { key: 'keep.markOrSay' } });
      }
      await run('setL3Absent', { absence: 'ends-above-l3' });
      expect(keep().correction).toEqual({ possible: true });
      const [item, ...more] = await corrections();
      expect(more).toEqual([]);
      expect(item.final).toEqual({ action: 'ends-above-l3', levels: [] });
      expect(item.found.outcome).toBe(outcome);
      expect(downloads[0].name).toMatch(/^find-l3-[0-9a-f]{8}\.correction$/);
    },
  );
});

describe('a mark of the list', () => {
  test('is shown in every view: the axial one on its slice, the others at its point', async () => {
    const { axial, sagittal, coronal } = await startWithMpr();
    await settled();
    const [{ uid }] = measurements();
    for (const view of [axial, sagittal, coronal]) {
      view.jumpToWorld([0, 0, 40]);
      view.jumps.length = 0;
    }
    const jumped: object[] = [];
    const { measurementService } = host.all;
    measurementService.subscribe(
      measurementService.EVENTS.JUMP_TO_MEASUREMENT,
      ({ measurement }: { measurement: object }) => jumped.push(measurement),
    );
    await run('showLevelMark', { annotationUID: uid });
    await settled();
    expect(jumped).toMatchObject([{ uid }]);
    expect(axial.jumps.at(-1)).toEqual([4, 10, -50]);
    for (const { jumps } of [sagittal, coronal]) expect(jumps).toEqual([[4, 10, -50]]);
    await run('showLevelMark', { annotationUID: 'gone' });
    await settled();
    expect(jumped).toHaveLength(1);
  });
});

describe('the state', () => {
  const stringsIn = (value: unknown): readonly string[] => {
    if (typeof value === 'string') return [value];
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
    return Object.values(value).flatMap(stringsIn);
  };
  const texts = new Set<string>(Object.values(en).filter((text) => text.includes(' ')));

  test('holds no finished text, whatever was done', async () => {
    await startWithStack();
    const check = () => {
      const { search, ...rest } = viewer().state.get();
      // A finding is the finder's, with the English of the program in it.
      const about = { ...search, finding: null };
      expect(stringsIn([rest, about]).filter((text) => texts.has(text))).toEqual([]);
    };
    check();
    for (const [command, options] of [
      ['findL3'],
      ['saveLevels'],
      ['exportCorrection'],
      ['jumpToLevel', { level: 'L4' }],
      ['moveLevelMark', { zMm: -60 }],
      ['setL3Absent', { absence: 'ends-above-l3' }],
    ] as const) {
      await run(command, options);
      check();
    }
    host.shownIn.set('default', []);
    host.activate('default');
    check();
    expect(viewer().state.get().target).toMatchObject({ why: { key: 'target.empty' } });
  });

  test('has one writer a key', async () => {
    await startWithStack();
    for (const key of ['search', 'shown', 'marking', 'keep'] as const) {
      expect(() => viewer().state.writer(key)).toThrow(`The state's ${key} has a writer already.`);
    }
  });
});

describe('saving', () => {
  const stored: Dataset[] = [];
  beforeEach(() => (stored.length = 0));

  /** A PACS that takes everything. */
  const connect = () =>
    Object.assign(host.extensionManager, {
      getActiveDataSource: () => [
        { store: { dicom: async (dataset: Dataset) => void stored.push(dataset) } },
      ],
    });

  test('marks, then that all of them were deleted; undo makes a level of it again', async () => {
    await startWithStack();
    connect();
    await run('findL3');
    expect(keep()).toMatchObject({ save: { possible: true }, withdraws: false });
    expect(await run('saveLevels')).toBe(true);
    const [{ uid }] = measurements();
    await run('moveLevelMark', { zMm: -60 });
    host.all.measurementService.remove(uid);
    expect(keep()).toMatchObject({ save: { possible: true }, withdraws: true });
    expect(await run('saveLevels')).toBe(true);
    expect(keep()).toMatchObject({ save: { possible: false }, withdraws: false });
    expect(keep().note).toEqual({ kind: 'withdrawn' });
    const [first, second] = stored.map((dataset) => readLevelReport(dataset)!);
    expect(second.levels).toEqual([]);
    expect(second.report.predecessors).toEqual([first.report.sopInstanceUID]);
    expect(second.report.seriesInstanceUID).toBe(first.report.seriesInstanceUID);
    host.tools.undo();
    expect(keep()).toMatchObject({ save: { possible: true }, withdraws: false });
    await run('saveLevels');
    expect(readLevelReport(stored[2])!.levels).toHaveLength(1);
  });

  test('says the package’s version, and who looked at the level once somebody has', async () => {
    await startWithStack();
    connect();
    await run('findL3');
    await run('saveLevels');
    await run('moveLevelMark', { zMm: -60 });
    await run('saveLevels');
    const [found, moved] = stored.map((dataset) => readLevelReport(dataset)!);
    expect(stored[0].SoftwareVersions).toBe(version);
    expect(found.levels[0]).toMatchObject({ algorithm: { version }, review: null });
    expect(found.report.isPersons).toBe(false);
    expect(moved.levels[0].review).toEqual({ act: 'moved', ...moved.levels[0].moved });
    expect(moved.report.isPersons).toBe(true);
  });

  test('a mark that was never saved leaves nothing to withdraw', async () => {
    await startWithStack();
    connect();
    await run('findL3');
    host.all.measurementService.remove(measurements()[0].uid);
    expect(keep()).toMatchObject({ save: { possible: false }, withdraws: false });
    expect(await run('saveLevels')).toBe(false);
    expect(stored).toEqual([]);
  });

  test('where L3 is said not to be in the scan after it was saved, that takes the level’s place', async () => {
    await startWithStack();
    connect();
    await run('findL3');
    await run('saveLevels');
    await run('setL3Absent', { absence: 'ends-above-l3' });
    expect(keep()).toMatchObject({
      isUnsaved: true,
      withdraws: false,
      confirm: { possible: true },
    });
    await run('confirmLevel');
    const [first, second] = stored.map((dataset) => readLevelReport(dataset)!);
    expect(second).toMatchObject({
      levels: [],
      absence: { reason: 'ends-above-l3', seriesInstanceUID: '1.2.3.1', by: null },
      report: { predecessors: [first.report.sopInstanceUID], isPersons: true },
    });
    expect(keep()).toMatchObject({
      note: { kind: 'absent' },
      isUnsaved: false,
      confirm: { possible: false },
      statement: { reason: 'ends-above-l3' },
    });
    expect(answered().absence).toBe('ends-above-l3');
  });

  test('that L3 is not in the scan is saved where nothing was before, and is there on reload', async () => {
    await startWithStack();
    connect();
    finder.answer = ({ series }) => Promise.resolve(undeterminedIn(series));
    await run('findL3');
    expect(keep().confirm).toMatchObject({ possible: false });
    await run('setL3Absent', { absence: 'begins-below-l3' });
    expect(await run('confirmLevel')).toBe(true);
    host.exitMode();
    host.addDisplaySet('ds-sr', axialDescription('1.2.7.56'), {
      Modality: 'SR',
      imageIds: [],
      instances: stored,
    });
    host.enterMode();
    expect(keep()).toMatchObject({ statement: { reason: 'begins-below-l3' }, isUnsaved: false });
    // Said again, it is not saved twice; a level takes its place.
    await run('findL3');
    await run('setL3Absent', { absence: 'begins-below-l3' });
    expect(keep().confirm).toMatchObject({ possible: false, why: { key: 'keep.nothingNew' } });
    await run('setLevelFromCurrentSlice');
    await run('saveLevels');
    expect(readLevelReport(stored[1])).toMatchObject({ levels: [{ level: 'L3' }], absence: null });
    expect(keep().statement).toBeNull();
  });
});
