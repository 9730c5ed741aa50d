import type { Finding } from '../../src/finder/types';
import { axialDescription, foundIn, undeterminedIn } from './fixtures';
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

describe('the button says why it is disabled', () => {
  const button = () => {
    host.all.toolbarService.refreshToolbarState({ viewportId: host.activeViewportId });
    const { disabled, disabledText } = host.all.toolbarService.getButtonProps('FindL3');
    return { disabled, disabledText };
  };

  test('enabled on a CT', async () => {
    await startWithStack();
    expect(button()).toEqual({ disabled: false, disabledText: undefined });
  });

  test('no viewport, no series, another modality', async () => {
    await startHost();
    host.enterMode();
    expect(button()).toMatchObject({
      disabled: true,
      disabledText: expect.stringMatching(/Open a CT or MR/),
    });
    host.addDisplaySet('ds-us', axialDescription(), { Modality: 'US' });
    host.addStack('default', 'ds-us');
    expect(button()).toMatchObject({
      disabled: true,
      disabledText: expect.stringMatching(/shows US/),
    });
    host.shownIn.set('default', []);
    expect(button()).toMatchObject({
      disabled: true,
      disabledText: expect.stringMatching(/shows no series/),
    });
  });

  test('while a search runs', async () => {
    await startWithStack();
    let answer: (finding: Finding) => void = () => {};
    finder.answer = () => new Promise((resolve) => (answer = resolve));
    const outcome = run('findL3');
    await settled();
    expect(button()).toMatchObject({
      disabled: true,
      disabledText: expect.stringMatching(/running/),
    });
    answer(foundIn(finder.requests[0].series));
    await outcome;
    expect(button().disabled).toBe(false);
  });

  test('the command on such a viewport says the same and searches nothing', async () => {
    await startHost();
    host.enterMode();
    expect(await run('findL3')).toBeNull();
    expect(host.notifications.map(({ message }) => message)).toEqual([
      expect.stringMatching(/Open a CT or MR/),
    ]);
  });

  test('the panel follows the active viewport', async () => {
    await startWithStack();
    host.addDisplaySet('ds-sr', axialDescription(), { Modality: 'SR', StudyInstanceUID: '1.2.8' });
    host.addStack('second', 'ds-sr');
    host.activate('second');
    expect(state().target).toMatchObject({ ready: false });
    host.activate('default');
    expect(state().target).toMatchObject({
      ready: true,
      series: { displaySetInstanceUID: 'ds-1' },
    });
  });
});

describe('what the panel’s commands show', () => {
  test('a level, an alternative, and the mark moved there by choice', async () => {
    const stack = await startWithStack();
    await run('findL3');
    await run('jumpToLevel', { level: 'L4' });
    expect(stack.index).toBe(37);
    await run('jumpToLevel');
    expect(stack.index).toBe(30);
    await run('showAlternative');
    expect(stack.index).toBe(23);
    expect(answered().shown).toEqual({
      isMark: false,
      level: 'L2',
      alternative: 0,
      slice: { number: 24, count: 60 },
    });
    expect(measurements()[0].points[0][2]).toBe(-50);
    await run('setLevelFromCurrentSlice');
    expect(measurements().map(({ points }) => points[0][2])).toEqual([-15]);
    expect(answered().mark).toMatchObject({ zMm: -15, sliceNumber: 24, by: 'person' });
  });

  test('before an answer they do nothing', async () => {
    const stack = await startWithStack();
    await run('jumpToLevel', { level: 'L3' });
    await run('showAlternative', { index: 4 });
    await run('cancelFindL3');
    expect([stack.index, measurements().length]).toEqual([0, 0]);
    expect(state().search).toEqual({ phase: 'idle', note: null });
  });

  test('a candidate of an undetermined answer can be marked', async () => {
    await startWithStack();
    finder.answer = async ({ series }) => undeterminedIn(series);
    await run('findL3');
    await run('showAlternative', { index: 1 });
    await run('setLevelFromCurrentSlice');
    expect(measurements().map(({ label, points }) => [label, points[0][2]])).toEqual([['L3', -15]]);
  });

  test('a series that no viewport shows is marked, and shown once it can be', async () => {
    const stack = await startWithStack();
    host.viewports.delete('default');
    await run('findL3', { displaySetInstanceUID: 'ds-1' });
    expect(answered().shown).toBeNull();
    expect(measurements()).toHaveLength(1);
    host.viewports.set('default', stack);
    await run('jumpToLevel');
    expect(stack.index).toBe(30);
    expect(measurements()).toHaveLength(1);
  });
});

describe('which viewports move', () => {
  test('a stack of another series of the same frame follows only where no axial view moved', async () => {
    const stack = await startWithStack();
    host.addDisplaySet('ds-2', axialDescription('1.2.3.2'));
    const other = host.addStack('second', 'ds-2');
    await run('findL3');
    expect([stack.index, other.index]).toEqual([30, 0]);
    host.viewports.delete('default');
    await run('jumpToLevel');
    expect(other.index).toBe(30);
  });

  test('another frame of reference never moves', async () => {
    const stack = await startWithStack();
    const foreign = host.addVolume('foreign', 'ds-1', [0, 0, -1]);
    foreign.getFrameOfReferenceUID = () => '9.9.9';
    await run('findL3');
    expect(foreign.jumps).toEqual([]);
    expect(stack.index).toBe(30);
  });
});

describe('what is on screen', () => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const shown = () => state().shown;

  test('follows every scroll, whoever scrolls', async () => {
    const stack = await startWithStack();
    await run('findL3');
    expect(shown()).toMatchObject({ isMark: true, level: 'L3' });
    await stack.setImageIdIndex(31);
    await frame();
    expect(shown()).toEqual({
      isMark: false,
      level: null,
      alternative: null,
      slice: { number: 32, count: 60 },
    });
    await stack.setImageIdIndex(37);
    await frame();
    expect(shown()).toMatchObject({ level: 'L4' });
  });

  test('follows a volume view, too', async () => {
    const { axial } = await startWithMpr();
    expect(shown()).toMatchObject({ isMark: true, level: 'L3', slice: { number: 31, count: 60 } });
    axial.jumpToWorld([0, 0, -84]);
    await frame();
    expect(shown()).toMatchObject({ isMark: false, level: 'L4', slice: { number: 38 } });
  });

  test('follows the layout and the active viewport', async () => {
    const stack = await startWithStack();
    await run('findL3');
    const second = host.addStack('second', 'ds-1');
    await second.setImageIdIndex(23);
    host.activate('second');
    expect(shown()).toMatchObject({ isMark: false, level: 'L2' });
    host.viewports.delete('second');
    host.activate('default');
    expect(stack.index).toBe(30);
    expect(shown()).toMatchObject({ isMark: true });
    host.viewports.delete('default');
    host.broadcast('viewportGridService', 'GRID_STATE_CHANGED');
    expect(shown()).toBeNull();
  });

  test('follows a correction and its undo', async () => {
    await startWithStack();
    await run('findL3');
    await run('moveLevelMark', { zMm: -70 });
    await settled();
    expect(shown()).toMatchObject({ isMark: true, level: null, slice: { number: 35 } });
    host.tools.undo();
    await settled();
    expect(shown()).toMatchObject({ isMark: true, level: 'L3', slice: { number: 31 } });
  });

  test('is what "Make this slice L3" marks, never what was shown before', async () => {
    const stack = await startWithStack();
    await run('findL3');
    await run('jumpToLevel', { level: 'L4' });
    await stack.setImageIdIndex(33);
    await frame();
    await run('setLevelFromCurrentSlice');
    await settled();
    expect(measurements().map(({ points }) => points[0][2])).toEqual([-65]);
    expect(stack.index).toBe(33);
    expect(state().marking.mark).toMatchObject({ by: 'person', shift: 0 });
  });

  test('a level that is made L3 takes the numbering with it, also back again', async () => {
    await startWithStack();
    await run('findL3');
    await run('jumpToLevel', { level: 'L4' });
    await run('setLevelFromCurrentSlice');
    expect(state().marking.mark).toMatchObject({ zMm: -85, shift: -1 });
    await run('jumpToLevel', { level: 'L3' });
    await run('setLevelFromCurrentSlice');
    expect(state().marking.mark).toMatchObject({ zMm: -50, shift: 0 });
  });

  test('without an axial view, it is the line that was chosen last', async () => {
    await startHost();
    host.addDisplaySet('ds-1', axialDescription());
    host.addVolume('sagittal', 'ds-1', [1, 0, 0]);
    host.enterMode();
    await run('findL3');
    expect(shown()).toEqual({ isMark: true, level: 'L3', alternative: null, slice: null });
    await run('showAlternative', { index: 0 });
    expect(shown()).toMatchObject({ isMark: false, level: 'L2', alternative: 0, slice: null });
    await run('setLevelFromCurrentSlice');
    expect(measurements().map(({ points }) => points[0][2])).toEqual([-15]);
  });

  test('nobody listens any more after leaving', async () => {
    const stack = await startWithStack();
    await run('findL3');
    host.exitMode();
    await stack.setImageIdIndex(3);
    await frame();
    expect(shown()).toBeNull();
  });
});

test('a numbering that a person chooses is marked and shown, by one step of undo', async () => {
  const stack = await startWithStack();
  await run('findL3');
  await run('chooseNumbering', { index: 0 });
  expect(state().marking.mark).toMatchObject({
    zMm: -15,
    shift: 1,
    review: { act: 'renumbered' },
  });
  expect(stack.index).toBe(23);
  await run('chooseNumbering');
  expect(state().marking.mark).toMatchObject({ zMm: -50, shift: 0 });
});
