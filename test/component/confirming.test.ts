import { readLevelReport } from '../../src/sr/readLevelReport';
import { FindL3Viewer } from '../../src/viewer/findL3Viewer';
import { FakePacs, othersMark } from './fakePacs';
import { undeterminedIn } from './fixtures';
import {
  finder,
  host,
  measurements,
  resetFinder,
  run,
  settled,
  startWithStack,
  state,
} from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(resetFinder);
afterEach(() => {
  host.exitMode();
  document.querySelectorAll('[role=alert]').forEach((card) => card.remove());
});

const mark = () =>
  FindL3Viewer.existing(host.servicesManager as never)!.session.marking!.currentMark()!;
const review = (pacs: FakePacs) => pacs.reports.at(-1)!.levels[0].review;
const signIn = (name: string) =>
  Object.assign(host.servicesManager.services, {
    userAuthenticationService: { getUser: () => ({ profile: { name } }) },
  });

async function found() {
  const stack = await startWithStack();
  const pacs = new FakePacs();
  signIn('Dr. Me');
  await run('findL3');
  return { stack, pacs };
}

test('what was found and is on screen is confirmed and saved, with who and when', async () => {
  const { pacs } = await found();
  expect(await run('confirmLevel')).toBe(true);
  expect(review(pacs)).toMatchObject({ act: 'confirmed', by: 'Dr. Me' });
  expect(pacs.reports[0].levels[0].moved).toBeNull();
  expect(state().keep).toMatchObject({
    isUnsaved: false,
    confirm: { why: { key: 'keep.nothingNew' } },
  });
  expect(await run('confirmLevel')).toBe(false);
  expect(pacs.stored).toHaveLength(1);
});

test('a key that is held down confirms nothing', async () => {
  const { pacs } = await found();
  expect(await run('confirmLevel', { evt: { repeat: true } })).toBe(false);
  expect([pacs.stored.length, mark().review]).toEqual([0, null]);
  expect(await run('confirmLevel', { evt: { repeat: false } })).toBe(true);
});

test('L3 out of sight is not confirmed but brought on screen; the next time it is', async () => {
  const { stack, pacs } = await found();
  await stack.setImageIdIndex(4);
  expect(await run('confirmLevel')).toBe(false);
  await settled();
  expect([stack.index, pacs.stored.length, mark().review]).toEqual([30, 0, null]);
  expect(host.notifications.at(-1)!.message).toMatch(/not on screen/);
  expect(await run('confirmLevel')).toBe(true);
});

test.each([
  ['moved', async () => run('moveLevelMark', { zMm: -60 })],
  ['renumbered', async () => run('shiftNumbering', { by: 1 })],
] as const)('what a person did stays what it is: %s', async (act, change) => {
  const { pacs } = await found();
  await change();
  await settled();
  await run('confirmLevel');
  expect(review(pacs)).toMatchObject({ act, by: 'Dr. Me' });
});

test('undo takes the confirmation back, and it is unsaved again', async () => {
  await found();
  await run('confirmLevel');
  host.tools.undo();
  expect(mark().review).toBeNull();
  expect(state().keep.confirm).toEqual({ possible: true });
});

test('a second reader confirms a colleague’s level: who and when are theirs, the place is not', async () => {
  await startWithStack();
  signIn('Dr. Me');
  const pacs = new FakePacs();
  pacs.saveElsewhere([othersMark(-85)]);
  pacs.list();
  await settled();
  expect(state().keep.confirm).toEqual({ possible: true });
  expect(await run('confirmLevel')).toBe(true);
  expect(pacs.reports.at(-1)!.levels).toMatchObject([
    {
      pointLpsMm: [4, 10, -85],
      moved: { by: 'Dr. Other' },
      review: { act: 'confirmed', by: 'Dr. Me' },
    },
  ]);
  expect(pacs.reports.at(-1)!.report.predecessors).toEqual(['1.2.7.55.1']);
});

test('a colleague’s level that one has moved is saved as moved, by oneself', async () => {
  await startWithStack();
  signIn('Dr. Me');
  const pacs = new FakePacs();
  pacs.saveElsewhere([othersMark(-85)]);
  pacs.list();
  await settled();
  await run('moveLevelMark', { zMm: -90 });
  await settled();
  const moved = mark().review;
  expect(await run('confirmLevel')).toBe(true);
  expect(review(pacs)).toEqual(moved);
  expect(moved).toMatchObject({ act: 'placed', by: 'Dr. Me' });
});

test('one’s own saved level is not confirmed twice', async () => {
  await startWithStack();
  signIn('Dr. Other');
  const pacs = new FakePacs();
  pacs.saveElsewhere([othersMark(-85)]);
  pacs.list();
  await settled();
  expect(await run('confirmLevel')).toBe(false);
  expect(pacs.stored).toHaveLength(1);
});

test('nothing is confirmed while two places are offered, without a mark, or while a search runs', async () => {
  const { pacs } = await found();
  await run('moveLevelMark', { zMm: -85 });
  await run('findL3');
  expect(state().keep.confirm).toMatchObject({ why: { key: 'confirm.decideFirst' } });
  await run('keepMark');
  expect(state().keep.confirm).toEqual({ possible: true });
  let end: (finding: never) => void = () => {};
  finder.answer = () => new Promise((resolve) => (end = resolve as never));
  const searching = run('findL3');
  await settled();
  expect(state().keep.confirm).toMatchObject({ why: { key: 'search.running' } });
  end(undeterminedIn(finder.requests[0].series) as never);
  await searching;
  host.all.measurementService.remove(measurements()[0].uid);
  expect(state().keep.confirm).toMatchObject({ why: { key: 'keep.markOrSay' } });
  expect(await run('confirmLevel')).toBe(false);
  expect(pacs.stored).toEqual([]);
});

test('beside a colleague’s newer report it asks first', async () => {
  const { pacs } = await found();
  pacs.saveElsewhere([othersMark(-85)]);
  expect(await run('confirmLevel')).toBe(false);
  expect(state().keep.conflict?.reports).toHaveLength(1);
  expect(pacs.stored).toHaveLength(1);
});

test('where nothing can be stored, it is confirmed for the exports', async () => {
  await startWithStack();
  await run('findL3');
  expect(await run('confirmLevel')).toBe(true);
  expect(mark().review).toMatchObject({ act: 'confirmed', by: null });
  expect(state().keep.confirm).toMatchObject({ possible: false, why: { key: 'keep.noPacs' } });
});

test('a report says so to a reader that knows only reports', async () => {
  const { pacs } = await found();
  await run('confirmLevel');
  expect(readLevelReport(pacs.stored[0])!.report).toMatchObject({
    isPersons: true,
    author: 'Dr. Me',
  });
});
