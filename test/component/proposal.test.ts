import { FindL3Viewer } from '../../src/viewer/findL3Viewer';
import { foundIn, undeterminedIn } from './fixtures';
import {
  finder,
  host,
  measurements,
  resetFinder,
  run,
  startWithStack,
  startWithMpr,
  state,
} from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(resetFinder);

const store = () => FindL3Viewer.existing(host.servicesManager as never)!.session.marking!.store;
const heights = () => measurements().map(({ points }) => points[0][2]);
const proposal = () => state().marking.proposal;

/** What a person does before somebody clicks Find L3 (which finds L3 at -50), and where the mark then lies. */
const HANDS: Readonly<Record<string, () => Promise<number>>> = {
  moved: async () => {
    await run('findL3');
    await run('moveLevelMark', { zMm: -72 });
    return -72;
  },
  renumbered: async () => {
    await run('findL3');
    await run('shiftNumbering', { by: 1 });
    return -15;
  },
  placed: async () => {
    await run('takeLevelTool');
    host.press('default', [4, 10, -85]);
    return -85;
  },
  'taken from the slice on screen': async () => {
    await host.viewports.get('default')!.setImageIdIndex(34);
    await run('setLevelFromCurrentSlice');
    return -70;
  },
  'of a colleague, saved and restored untouched': async () => {
    await run('findL3');
    const [mark] = store().list();
    store().remove(mark.annotationUID);
    store().put({ ...mark, pointLpsMm: [4, 10, -85], fromReport: true });
    return -85;
  },
  locked: async () => {
    await run('findL3');
    const [mark] = store().list();
    store().put({ ...mark, pointLpsMm: [4, 10, -85] });
    host.tools.locked.add(mark.annotationUID);
    host.tools.dispatch('lock', {});
    return -85;
  },
};

describe.each(Object.keys(HANDS))('a mark that was %s', (kind) => {
  test('is not moved by a search: the answer is proposed beside it', async () => {
    await startWithStack();
    const zMm = await HANDS[kind]();
    await run('findL3');
    expect(heights()).toEqual([zMm]);
    expect(proposal()).toMatchObject({
      pointLpsMm: [4, 10, -50],
      probability: 0.94,
      differenceMm: -50 - zMm,
    });
    expect(host.tools.undoCount).toBeLessThan(2);
  });

  test('stays after a search that finds nothing, too', async () => {
    await startWithStack();
    const zMm = await HANDS[kind]();
    finder.answer = async ({ series }) => undeterminedIn(series);
    await run('findL3');
    expect([heights(), proposal()]).toEqual([[zMm], null]);
  });
});

test('"Use it" takes the proposal, and undo brings the person’s mark back', async () => {
  await startWithStack();
  await HANDS.moved();
  await run('findL3');
  await run('useProposal');
  expect([heights(), proposal()]).toEqual([[-50], null]);
  expect(state().marking.mark).toMatchObject({ zMm: -50, by: 'answer', shift: 0 });
  host.tools.undo();
  expect(heights()).toEqual([-72]);
  expect(state().marking.mark).toMatchObject({ zMm: -72, by: 'person' });
});

test('"Keep mine" puts it away; the next search proposes it again', async () => {
  await startWithStack();
  await HANDS.moved();
  await run('findL3');
  await run('keepMark');
  expect([heights(), proposal()]).toEqual([[-72], null]);
  await run('findL3');
  expect(proposal()).not.toBeNull();
});

test('the difference follows the mark, in mm and vertebrae', async () => {
  await startWithStack();
  await HANDS.renumbered();
  await run('findL3');
  expect(proposal()).toMatchObject({ differenceMm: -35, vertebrae: -1 });
  await run('moveLevelMark', { zMm: -86 });
  expect(proposal()).toMatchObject({ differenceMm: 36, vertebrae: 1 });
  await run('moveLevelMark', { zMm: -53 });
  expect(proposal()).toMatchObject({ differenceMm: 3, vertebrae: 0 });
});

test('an answer at the mark’s own place proposes nothing', async () => {
  await startWithStack();
  await run('findL3');
  await run('moveLevelMark', { zMm: -51.5 });
  await run('findL3');
  expect([heights(), proposal()]).toEqual([[-51.5], null]);
});

test('nothing is proposed by a search that nobody asked for, and a locked mark stays under "Use it"', async () => {
  await startWithStack();
  await HANDS.locked();
  await run('findL3');
  await run('useProposal');
  expect(heights()).toEqual([-85]);
  expect(host.notifications.at(-1)!.message).toMatch(/locked/);
  await run('keepMark');
  await run('useProposal');
  expect(heights()).toEqual([-85]);
});

test('it is drawn dashed beside the mark, and goes with the choice', async () => {
  await startWithMpr();
  await run('moveLevelMark', { zMm: -85 });
  const dashed = () =>
    host
      .render('mpr-sagittal')
      .filter(({ uid, kind }) => uid === 'find-l3-proposal' && kind === 'line');
  expect(dashed()).toEqual([]);
  await run('findL3');
  expect(dashed()).toHaveLength(1);
  const labels = host.render('mpr-sagittal').filter(({ kind }) => kind === 'text');
  expect(labels.map(({ what }) => what)).toContainEqual(['L3? 94 %']);
  await run('keepMark');
  expect(dashed()).toEqual([]);
});

test('the levels are counted by what the answer found, else by the usual distance', async () => {
  await startWithStack();
  finder.answer = async ({ series }) => ({ ...foundIn(series), levels: [] });
  await run('findL3');
  await run('moveLevelMark', { zMm: -190 });
  await run('findL3');
  expect(proposal()).toMatchObject({ differenceMm: 140, vertebrae: 4 });
});
