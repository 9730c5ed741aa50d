import { FindL3Viewer } from '../../src/viewer/findL3Viewer';
import { FakePacs, othersMark } from './fakePacs';
import { host, measurements, resetFinder, run, settled, startWithStack, state } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(resetFinder);
afterEach(() => {
  host.exitMode();
  document.querySelectorAll('[role=alert], [role=status]').forEach((card) => card.remove());
});

const viewer = () => FindL3Viewer.existing(host.servicesManager as never)!;
const keep = () => state().keep;
const heights = () => measurements().map(({ points }) => points[0][2]);
const lastToast = () => host.notifications.at(-1) as { message: string; type?: string };
const predecessors = (pacs: FakePacs) => pacs.reports.at(-1)!.report.predecessors;

/** Leaves the study and opens it again: the host lists what the PACS has by then. */
async function leaveAndReturn(pacs: FakePacs): Promise<void> {
  host.exitMode();
  host.enterMode();
  if (pacs.stored.length > 0) pacs.list();
  await settled();
}

/** A study in which a person has moved the mark to -60, and saved nothing. */
async function moved(): Promise<FakePacs> {
  await startWithStack();
  const pacs = new FakePacs();
  await run('findL3');
  await run('moveLevelMark', { zMm: -60 });
  return pacs;
}

/** What a colleague does meanwhile, and what is then asked. */
const OTHERS: Readonly<Record<string, (pacs: FakePacs) => string>> = {
  'another level': (pacs) => pacs.saveElsewhere([othersMark(-85)]),
  'the same mark at another place': (pacs) => {
    const [mark] = viewer().session.marking!.store.list();
    return pacs.saveElsewhere([othersMark(-85, { annotationUID: mark.annotationUID })]);
  },
  'that L3 is not in the scan': (pacs) =>
    pacs.saveElsewhere([], {
      absence: {
        reason: 'ends-above-l3',
        seriesInstanceUID: '1.2.3.1',
        by: 'Dr. Other',
        at: '2026-11-22T13:04:05.000Z',
      },
    }),
};

describe.each(Object.keys(OTHERS))('a colleague saves %s', (what) => {
  test('before one’s own save: nothing is stored until a person decides', async () => {
    const pacs = await moved();
    const uid = OTHERS[what](pacs);
    expect(await run('saveLevels')).toBe(false);
    expect(keep().conflict).toMatchObject({ seen: 'saving', reports: [{ sopInstanceUID: uid }] });
    expect(lastToast()).toMatchObject({ type: 'warning' });
    expect([pacs.stored.length, heights()]).toEqual([1, [-60]]);
    expect(await run('saveLevels')).toBe(false);
    expect(await run('resolveReports', { choice: 'mine' })).toBe(true);
    expect(predecessors(pacs)).toEqual([uid]);
    expect(lastToast()).toMatchObject({ type: 'success' });
  });

  test('a pending decision is there again after the study was left', async () => {
    const pacs = await moved();
    const uid = OTHERS[what](pacs);
    await run('saveLevels');
    await leaveAndReturn(pacs);
    expect(heights()).toEqual([-60]);
    expect(keep().conflict?.reports).toMatchObject([{ sopInstanceUID: uid }]);
    expect(keep().save).toMatchObject({ possible: false, why: { key: 'conflict.first' } });
    expect(await run('saveLevels')).toBe(false);
    expect(pacs.stored).toHaveLength(1);
  });

  test('while one is away: coming back asks, and a save replaces nothing unasked', async () => {
    const pacs = await moved();
    const save = OTHERS[what];
    host.exitMode();
    host.enterMode();
    await settled();
    save(pacs);
    await leaveAndReturn(pacs);
    expect(heights()).toEqual([-60]);
    expect(keep().conflict?.reports).toHaveLength(1);
    expect(await run('saveLevels')).toBe(false);
    expect(pacs.stored).toHaveLength(1);
  });
});

test('a save after another tab has saved asks, also after the first save of this one', async () => {
  const pacs = await moved();
  await run('saveLevels');
  const uid = pacs.saveElsewhere([othersMark(-85)]);
  await run('moveLevelMark', { zMm: -70 });
  expect(await run('saveLevels')).toBe(false);
  expect(keep().conflict?.reports).toMatchObject([{ sopInstanceUID: uid }]);
  expect(await run('resolveReports', { choice: 'both' })).toBe(true);
  expect(pacs.reports.at(-1)!.levels).toHaveLength(2);
});

test('a level that was deleted here is not withdrawn over a colleague’s newer one, also after leaving', async () => {
  const pacs = await moved();
  await run('saveLevels');
  host.all.measurementService.remove(measurements()[0].uid);
  const uid = pacs.saveElsewhere([othersMark(-85)]);
  await leaveAndReturn(pacs);
  expect(heights()).toEqual([]);
  expect(keep()).toMatchObject({
    isUnsaved: true,
    conflict: { reports: [{ sopInstanceUID: uid }] },
  });
  expect(await run('resolveReports', { choice: 'theirs' })).toBe(true);
  expect(heights()).toEqual([-85]);
  expect(pacs.stored).toHaveLength(2);
});

test('a colleague takes back the level that one has moved since', async () => {
  const pacs = await moved();
  await run('saveLevels');
  await run('moveLevelMark', { zMm: -70 });
  pacs.saveElsewhere([]);
  expect(await run('saveLevels')).toBe(false);
  expect(keep().conflict?.reports).toMatchObject([{ levels: [], absence: null }]);
  expect(await run('resolveReports', { choice: 'theirs' })).toBe(true);
  expect([heights(), pacs.stored.length]).toEqual([[], 2]);
});

test('a session that ended, then a colleague’s save: the next attempt asks', async () => {
  const pacs = await moved();
  pacs.status = 401;
  expect(await run('saveLevels')).toBe(false);
  expect(lastToast()).toMatchObject({ type: 'error' });
  pacs.status = null;
  pacs.saveElsewhere([othersMark(-85)]);
  await leaveAndReturn(pacs);
  expect(keep().conflict?.reports).toHaveLength(1);
});

test('a report that was stored although no answer came is not taken for a colleague’s', async () => {
  const pacs = await moved();
  pacs.losesAnswer = true;
  expect(await run('saveLevels')).toBe(false);
  expect(keep().isUnsaved).toBe(true);
  expect(await run('saveLevels')).toBe(true);
  expect(keep()).toMatchObject({ conflict: null, isUnsaved: false });
  expect(pacs.stored).toHaveLength(1);
});

test('the same, where the study was left in between', async () => {
  const pacs = await moved();
  pacs.losesAnswer = true;
  await run('saveLevels');
  await leaveAndReturn(pacs);
  expect(heights()).toEqual([-60]);
  expect(keep()).toMatchObject({ conflict: null, isUnsaved: false });
});

test('that L3 is not in the scan, unsaved: the next page says it, and it comes back with the study', async () => {
  await startWithStack();
  const pacs = new FakePacs();
  await run('findL3');
  await run('setL3Absent', { absence: 'ends-above-l3' });
  host.exitMode();
  expect(document.body.textContent).toContain('Not saved yet: L3 is not in this scan');
  host.enterMode();
  await settled();
  expect(state().marking).toMatchObject({ mark: null, statement: { reason: 'ends-above-l3' } });
  expect(keep()).toMatchObject({ isUnsaved: true, note: { kind: 'unsaved-restored' } });
  expect(await run('saveLevels')).toBe(true);
  expect(pacs.reports).toMatchObject([{ levels: [], absence: { reason: 'ends-above-l3' } }]);
  host.exitMode();
  expect(document.body.textContent).not.toContain('Not saved yet');
  host.enterMode();
});

test('a mark that was renumbered and not saved comes back with its numbering', async () => {
  await startWithStack();
  new FakePacs();
  await run('findL3');
  await run('shiftNumbering', { by: 1 });
  host.exitMode();
  host.enterMode();
  await settled();
  expect(heights()).toEqual([-15]);
  await run('findL3');
  expect(state().marking).toMatchObject({ mark: { shift: 1, review: { act: 'renumbered' } } });
});

test('a save that ends after the study was left leaves nothing unsaved', async () => {
  const pacs = await moved();
  const saving = run('saveLevels');
  host.exitMode();
  expect(await saving).toBe(true);
  host.enterMode();
  pacs.list();
  await settled();
  expect(heights()).toEqual([-60]);
  expect(keep()).toMatchObject({ conflict: null, isUnsaved: false, isSaving: false });
  expect(document.body.textContent).not.toContain('Not saved yet');
});

test('a colleague’s saved level opens untouched: no question, nothing unsaved', async () => {
  await startWithStack();
  const pacs = new FakePacs();
  pacs.saveElsewhere([othersMark(-85)]);
  await leaveAndReturn(pacs);
  expect(heights()).toEqual([-85]);
  expect(keep()).toMatchObject({ conflict: null, isUnsaved: false });
});

test('what is not saved has a dot on the host’s buttons and says so at the mark, until it is saved', async () => {
  const dot = () => document.documentElement.hasAttribute('data-find-l3-unsaved');
  const texts = () =>
    host
      .render('default')
      .filter(({ kind }) => kind === 'text')
      .flatMap(({ what }) => what);
  await startWithStack();
  new FakePacs();
  await run('findL3');
  expect([dot(), texts()]).toEqual([false, ['L3 · 94 %']]);
  await run('moveLevelMark', { zMm: -60 });
  await settled();
  expect([dot(), texts()]).toEqual([true, ['L3 · moved · not saved']]);
  await run('saveLevels');
  expect([dot(), texts()]).toEqual([false, ['L3 · moved']]);
  await run('moveLevelMark', { zMm: -65 });
  host.exitMode();
  expect(dot()).toBe(false);
  host.enterMode();
});

test.each([true, false])(
  'that a saved level is back is a notice only where the panel does not show it (%s)',
  async (isShown) => {
    await startWithStack();
    const pacs = new FakePacs();
    pacs.saveElsewhere([othersMark(-85)]);
    pacs.list();
    await settled();
    const footer = document.createElement('div');
    footer.dataset.cy = 'find-l3-footer';
    footer.getBoundingClientRect = () => ({ width: 280, left: 700 }) as DOMRect;
    if (isShown) document.body.append(footer);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(host.notifications.map(({ message }) => message)).toEqual(
      isShown ? [] : ['Saved level restored: L3.'],
    );
    footer.remove();
  },
);

test('what is said in the panel’s footer is not said again over its buttons', async () => {
  const pacs = await moved();
  const footer = document.body.appendChild(document.createElement('div'));
  footer.dataset.cy = 'find-l3-footer';
  const at = (left: number) => () => ({ width: 280, left }) as DOMRect;
  footer.getBoundingClientRect = at(700);
  const before = host.notifications.length;
  expect(await run('saveLevels')).toBe(true);
  expect(host.notifications).toHaveLength(before);
  // The panel is folded away: it lies beside the page.
  footer.getBoundingClientRect = at(window.innerWidth);
  pacs.status = 500;
  await run('moveLevelMark', { zMm: -70 });
  await run('saveLevels');
  expect(lastToast()).toMatchObject({ type: 'error' });
  footer.remove();
});
