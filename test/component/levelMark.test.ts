import { FindL3Viewer } from '../../src/viewer/findL3Viewer';
import { axialDescription, axialSeries, foundIn, undeterminedIn } from './fixtures';
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
  state,
} from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(resetFinder);

const store = () => FindL3Viewer.existing(host.servicesManager as never)!.session.marking!.store;
const mark = () => store().list()[0];

describe('what a mark says', () => {
  test('what was found, by what, on which instance', async () => {
    await startWithStack();
    await run('findL3');
    expect(store().list()).toEqual([
      {
        annotationUID: expect.any(String),
        level: 'L3',
        label: 'L3',
        definition: 'mid-body',
        studyInstanceUID: '1.2.7',
        seriesInstanceUID: '1.2.3.1',
        displaySetInstanceUID: 'ds-1',
        frameOfReferenceUID: '1.2.3.9',
        slice: {
          sopInstanceUID: '1.2.3.1.31',
          sopClassUID: null,
          seriesInstanceUID: '1.2.3.1',
          frameNumber: null,
          imageId: 'fake:ds-1/30',
        },
        foundPointLpsMm: [4, 10, -50],
        pointLpsMm: [4, 10, -50],
        probability: 0.94,
        countedFrom: 'sacrum',
        model: foundIn(axialSeries()).model,
        algorithm: { name: 'find-l3', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
        moved: null,
        review: null,
      },
    ]);
  });

  test('the host lists it by its own tool, on the axial instance', async () => {
    await startWithStack();
    await run('findL3');
    expect(measurements()).toEqual([
      expect.objectContaining({
        uid: mark().annotationUID,
        label: 'L3',
        toolName: 'L3Level',
        SOPInstanceUID: '1.2.3.1.31',
        referenceSeriesUID: '1.2.3.1',
        referencedImageId: 'fake:ds-1/30',
        displaySetInstanceUID: 'ds-1',
        displayText: { primary: ['L3: z -50.0 mm'], secondary: ['Slice 31, as found'] },
      }),
    ]);
  });

  test('who moved it and when, from and to', async () => {
    await startWithStack();
    host.services.userAuthenticationService?.getUser();
    await run('findL3');
    const before = Date.now();
    await run('moveLevelMark', { zMm: -62 });
    expect(mark()).toMatchObject({
      foundPointLpsMm: [4, 10, -50],
      pointLpsMm: [4, expect.any(Number), -62],
      slice: { sopInstanceUID: '1.2.3.1.33' },
      moved: { by: null },
    });
    expect(Date.parse(mark().moved!.at)).toBeGreaterThanOrEqual(before - 1);
  });

  test('each series of a study has its own', async () => {
    await startWithStack();
    await run('findL3');
    host.addDisplaySet('ds-2', axialDescription('1.2.3.2'));
    host.addStack('second', 'ds-2');
    await run('findL3', { viewportId: 'second' });
    expect(
      store()
        .list()
        .map(({ seriesInstanceUID }) => seriesInstanceUID),
    ).toEqual(['1.2.3.1', '1.2.3.2']);
    await run('moveLevelMark', { zMm: -60 });
    expect(
      store()
        .list()
        .map(({ pointLpsMm }) => pointLpsMm[2]),
    ).toEqual([-50, -60]);
  });

  test('one that was saved before is listed again, and tells who listens', async () => {
    await startWithStack();
    await run('findL3');
    const saved = { ...mark(), annotationUID: 'saved-1', label: 'L3 of last year' };
    const heard = jest.fn();
    const stop = store().onChange(heard);
    store().put(saved);
    expect(heard).toHaveBeenCalled();
    expect(store().get('saved-1')).toEqual(saved);
    expect(measurements().map(({ label }) => label)).toEqual(['L3', 'L3 of last year']);
    stop();
    heard.mockClear();
    store().remove('saved-1');
    expect(heard).not.toHaveBeenCalled();
    expect(store().get('saved-1')).toBeUndefined();
  });
});

describe('moved by hand', () => {
  test('in a sagittal view: axial view and panel follow, one step of undo', async () => {
    const { axial, sagittal } = await startWithMpr();
    const shownX = sagittal.getCamera().focalPoint[0];
    host.drag('mpr-sagittal', mark().annotationUID, [
      [4, 60, -50],
      [4, 60, -56],
      [4, 60, -62],
    ]);
    await settled();
    // z -62 shows the slice at -60.
    expect(axial.getCamera().focalPoint[2]).toBeCloseTo(-60);
    expect(sagittal.getCamera().focalPoint[0]).toBe(shownX);
    expect(answered().mark).toMatchObject({ zMm: -62, sliceNumber: 33, by: 'person' });
    expect(answered().shown).toMatchObject({ isMark: true, slice: { number: 33, count: 60 } });
    host.tools.undo();
    await settled();
    expect(axial.getCamera().focalPoint[2]).toBeCloseTo(-50);
    expect(answered().mark).toMatchObject({ zMm: -50, by: 'answer' });
    expect(mark().slice?.sopInstanceUID).toBe('1.2.3.1.31');
    host.tools.redo();
    expect(answered().mark).toMatchObject({ zMm: -62, by: 'person' });
    expect(host.tools.undoCount).toBe(1);
  });

  test('in the panel’s picture: the same, and the drag is one step of undo', async () => {
    const { axial } = await startWithMpr();
    for (const zMm of [-54, -58, -70]) await run('moveLevelMark', { zMm, isLive: true });
    await run('moveLevelMark', { zMm: -70 });
    await settled();
    expect(axial.getCamera().focalPoint[2]).toBeCloseTo(-70);
    expect(mark().pointLpsMm[2]).toBe(-70);
    expect(host.tools.undoCount).toBe(1);
    host.tools.undo();
    expect(mark().pointLpsMm[2]).toBe(-50);
  });

  test('it stays on the spine', async () => {
    await startWithStack();
    finder.answer = async ({ series }) => {
      const finding = foundIn(series);
      const [l2, ...others] = finding.levels;
      return { ...finding, levels: [{ ...l2, pointLpsMm: [4, 24, -15] }, ...others] };
    };
    await run('findL3');
    // Halfway between L2 (y 24 at -15) and L3 (y 10 at -50).
    await run('moveLevelMark', { zMm: -32.5 });
    expect(mark().pointLpsMm[1]).toBeCloseTo(17);
  });

  test('set from the slice that the axial view shows', async () => {
    const stack = await startWithStack();
    await run('findL3');
    await stack.setImageIdIndex(40);
    await run('setLevelFromCurrentSlice');
    expect(mark().pointLpsMm[2]).toBe(-100);
    expect(mark().slice?.sopInstanceUID).toBe('1.2.3.1.41');
  });

  test('without an axial view it says what to do', async () => {
    await startHost();
    host.addDisplaySet('ds-1', axialDescription());
    host.addVolume('mpr-sagittal', 'ds-1', [1, 0, 0]);
    host.enterMode();
    await run('setLevelFromCurrentSlice');
    expect(host.notifications.at(-1)?.message).toMatch(/axial view/);
    expect(store().list()).toEqual([]);
  });

  test('a locked mark stays where it is, and says why', async () => {
    await startWithStack();
    await run('findL3');
    host.tools.locked.add(mark().annotationUID);
    host.tools.dispatch('lock', {});
    expect(answered().mark?.isLocked).toBe(true);
    host.notifications.length = 0;
    await run('moveLevelMark', { zMm: -80 });
    await run('shiftNumbering', { by: 1 });
    expect(mark().pointLpsMm[2]).toBe(-50);
    expect(host.notifications.map(({ message }) => message)).toEqual([
      expect.stringMatching(/locked/),
      expect.stringMatching(/locked/),
    ]);
  });

  test('moves without a mark do nothing', async () => {
    await startWithStack();
    await run('moveLevelMark', { zMm: -80 });
    await run('moveLevelMark');
    await run('setLevelDefinition');
    expect(store().list()).toEqual([]);
  });
});

describe('marked without an answer', () => {
  test('with the tool in hand: one press, then the tool that was active before', async () => {
    await startWithStack();
    await run('takeLevelTool');
    expect(state().marking.inHand).toBe(true);
    host.press('default', [12, 20, 85]);
    expect(mark()).toMatchObject({
      seriesInstanceUID: '1.2.3.1',
      pointLpsMm: [12, 20, 85],
      slice: { sopInstanceUID: '1.2.3.1.4' },
      foundPointLpsMm: null,
      probability: null,
      model: null,
      countedFrom: null,
      moved: { by: null, at: expect.any(String) },
    });
    expect(state().marking.inHand).toBe(false);
    host.tools.undo();
    expect(store().list()).toEqual([]);
    host.tools.redo();
    expect(store().list()).toHaveLength(1);
  });

  test('of an undetermined answer: a candidate keeps what found it and says who chose', async () => {
    await startWithStack();
    finder.answer = async ({ series }) => undeterminedIn(series);
    await run('findL3');
    await run('showAlternative', { index: 1 });
    await run('setLevelFromCurrentSlice');
    expect(mark()).toMatchObject({
      pointLpsMm: [4, 10, -15],
      probability: 0.44,
      countedFrom: null,
      model: { name: 'test-net' },
      moved: { by: null },
    });
    expect(answered().mark).toMatchObject({ zMm: -15, by: 'person' });
  });

  test('an undetermined search takes no mark away that a person has placed', async () => {
    await startWithStack();
    await run('findL3');
    await run('moveLevelMark', { zMm: -70 });
    finder.answer = async ({ series }) => undeterminedIn(series);
    await run('findL3');
    expect(answered().mark).toMatchObject({ zMm: -70, by: 'person' });
  });
});

describe('numbering and definition', () => {
  test('one vertebra up and down again, each undone by itself', async () => {
    await startWithStack();
    await run('findL3');
    await run('shiftNumbering', { by: 1 });
    expect(answered().mark).toMatchObject({ zMm: -15, shift: 1, by: 'person' });
    await run('shiftNumbering', { by: -1 });
    await run('shiftNumbering', { by: -1 });
    expect(answered().mark).toMatchObject({ zMm: -85, shift: -1 });
    host.tools.undo();
    host.tools.undo();
    expect(answered().mark).toMatchObject({ zMm: -15, shift: 1 });
  });

  test('not beyond the levels that were found, and it says so', async () => {
    await startWithStack();
    await run('findL3');
    await run('shiftNumbering', { by: 2 });
    expect(answered().mark).toMatchObject({ zMm: -50, shift: 0 });
    expect(host.notifications.at(-1)?.message).toMatch(/No vertebra was found above/);
  });

  test('endplates lie 37 % of the way to the neighbour’s centre; the mark counts as found', async () => {
    await startWithStack();
    await run('findL3');
    await run('setLevelDefinition', { definition: 'superior-endplate' });
    expect(mark().pointLpsMm[2]).toBeCloseTo(-50 + 0.37 * 35);
    expect(mark().foundPointLpsMm![2]).toBeCloseTo(-50 + 0.37 * 35);
    expect(answered().mark).toMatchObject({ by: 'answer', definition: 'superior-endplate' });
    await run('setLevelDefinition', { definition: 'inferior-endplate' });
    expect(mark().pointLpsMm[2]).toBeCloseTo(-50 - 0.37 * 35);
    await run('setLevelDefinition');
    expect(mark().pointLpsMm[2]).toBeCloseTo(-50);
  });
});

describe('the measurement panel', () => {
  test('deleted, it is forgotten; undo brings it back', async () => {
    await startWithStack();
    await run('findL3');
    const { annotationUID } = mark();
    host.all.measurementService.remove(annotationUID);
    expect([store().list(), answered().mark]).toEqual([[], null]);
    host.tools.undo();
    expect(answered().mark).toMatchObject({ annotationUID, zMm: -50 });
    expect(measurements()).toHaveLength(1);
  });

  test('left, no undo or redo brings it into another study', async () => {
    await startWithStack();
    await run('findL3');
    await run('moveLevelMark', { zMm: -70 });
    host.all.measurementService.remove(mark().annotationUID);
    host.exitMode();
    for (let step = 0; step < 3; step++) host.tools.undo();
    expect(host.tools.annotations).toEqual([]);
    for (let step = 0; step < 3; step++) host.tools.redo();
    expect(host.tools.annotations).toEqual([]);
  });

  test('left without a mark, what others did can still be undone', async () => {
    await startWithStack();
    const other = {
      annotationUID: '1',
      metadata: { toolName: 'Length' },
      data: { handles: { points: [] } },
    };
    host.tools.remember(other, { newAnnotation: true });
    host.exitMode();
    expect(host.tools.undoCount).toBe(1);
  });

  test('renamed, the mark has that name everywhere, and keeps it in a second search', async () => {
    await startWithStack();
    await run('findL3');
    const { measurementService } = host.all;
    const [measurement] = measurements();
    measurementService.update(measurement.uid, { ...measurement, label: 'L3 (6 lumbar)' }, true);
    expect(mark().label).toBe('L3 (6 lumbar)');
    expect(answered().mark?.label).toBe('L3 (6 lumbar)');
    await run('findL3');
    expect(measurements().map(({ label }) => label)).toEqual(['L3 (6 lumbar)']);
  });

  test('jump to it: the axial views go to its slice', async () => {
    const stack = await startWithStack();
    await run('findL3');
    await stack.setImageIdIndex(3);
    host.all.measurementService.jumpToMeasurement('default', mark().annotationUID);
    await settled();
    expect(stack.index).toBe(30);
  });
});
