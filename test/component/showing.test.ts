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
    expect(answered().shown).toEqual({ kind: 'alternative', index: 0, viewports: 1 });
    expect(measurements()[0].points[0][2]).toBe(-50);
    await run('markShownLevel');
    expect(measurements().map(({ points }) => points[0][2])).toEqual([-15]);
    expect(answered().mark).toMatchObject({ zMm: -15, sliceNumber: 24, by: 'person' });
  });

  test('before an answer they do nothing', async () => {
    const stack = await startWithStack();
    await run('jumpToLevel', { level: 'L3' });
    await run('showAlternative', { index: 4 });
    await run('markShownLevel');
    await run('cancelFindL3');
    expect([stack.index, measurements().length]).toEqual([0, 0]);
    expect(state().search).toEqual({ phase: 'idle', note: null });
  });

  test('a candidate of an undetermined answer can be marked', async () => {
    await startWithStack();
    finder.answer = async ({ series }) => undeterminedIn(series);
    await run('findL3');
    await run('showAlternative', { index: 1 });
    await run('markShownLevel');
    expect(measurements().map(({ label, points }) => [label, points[0][2]])).toEqual([['L3', -15]]);
  });

  test('a series that no viewport shows is marked, and shown once it can be', async () => {
    const stack = await startWithStack();
    host.viewports.delete('default');
    await run('findL3', { displaySetInstanceUID: 'ds-1' });
    expect(answered().shown).toEqual({ kind: 'level', name: 'L3', viewports: 0 });
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
