import { axialDescription, foundIn, FRAME, undeterminedIn } from './fixtures';
import { FakePacs, othersMark } from './fakePacs';
import { foundSagittal, discsMr, sagittalMr } from './mrFixtures';
import { finder, host, resetFinder, run, settled, startHost, state } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(resetFinder);
afterEach(() => host.exitMode());

const PLANES = ['findL3-sagittal', 'findL3-coronal', 'findL3-axial'];
const shown = () => Object.fromEntries(host.shownIn);
const z = (id: string) => host.viewports.get(id)!.getCamera().focalPoint[2];
const offer = () => state().layout.offer;
const why = () => {
  const { offer } = state().layout;
  return offer?.possible === false ? offer.why.key : null;
};

/** A study of one CT, whose host makes volumes. */
async function startCt(change: object = {}) {
  await startHost();
  host.addDisplaySet('ds-1', axialDescription(), { isReconstructable: true, ...change });
  host.addDisplaySet('venous', axialDescription('1.2.3.2'), { isReconstructable: true });
  const elsewhere = { ...axialDescription('1.2.3.5'), frameOfReferenceUID: `${FRAME}.5` };
  host.addDisplaySet('elsewhere', elsewhere, { isReconstructable: true });
  const stack = host.addStack('default', 'ds-1');
  host.tools.addToGroup('mpr');
  host.enterMode();
  host.layouts.run('default');
  return stack;
}

describe('a CT', () => {
  test('is shown in three planes at L3 with the levels, and back as it was', async () => {
    await startCt();
    expect(offer()).toBeNull();
    await run('findL3');
    expect(state().layout).toEqual({ offer: { possible: true }, isOpen: false });

    await run('toggleReviewLayout');
    await settled();
    expect(shown()).toEqual(Object.fromEntries(PLANES.map((id) => [id, ['ds-1']])));
    expect(state().layout.isOpen).toBe(true);
    expect(z('findL3-axial')).toBe(-50);
    expect(host.viewports.get('findL3-sagittal')!.jumps.at(-1)![0]).toBe(4);
    expect(state().marking.ruler).toBe(true);
    // The ribs run in a slab, in a window for bone.
    expect(host.layouts.options.get('findL3-coronal')).toMatchObject({
      blendMode: 'MIP',
      slabThickness: 140,
      voi: { windowWidth: 1500 },
    });
    expect(host.layouts.options.get('findL3-sagittal')).toEqual({});

    await run('toggleReviewLayout');
    await settled();
    expect(shown()).toEqual({ default: ['ds-1'] });
    expect(state()).toMatchObject({ layout: { isOpen: false }, marking: { ruler: false } });
  });

  test('levels that a person had drawn stay drawn', async () => {
    await startCt();
    await run('findL3');
    await run('toggleLevelRuler');
    await run('toggleReviewLayout');
    await run('toggleReviewLayout');
    expect(state().marking.ruler).toBe(true);
  });

  test('undetermined: the candidate that is looked at, without a mark', async () => {
    await startCt();
    finder.answer = async ({ series }) => undeterminedIn(series);
    await run('findL3');
    await run('showAlternative', { index: 1 });
    await run('toggleReviewLayout');
    await settled();
    expect(z('findL3-axial')).toBe(-15);
    expect(state().marking.mark).toBeNull();
  });

  test('opened again with a saved level, without a search', async () => {
    await startHost();
    host.addDisplaySet('ds-1', axialDescription(), { isReconstructable: true });
    host.addStack('default', 'ds-1');
    host.tools.addToGroup('mpr');
    const pacs = new FakePacs();
    pacs.saveElsewhere([othersMark(-85)]);
    host.enterMode();
    host.layouts.run('default');
    pacs.list();
    await settled();
    await run('toggleReviewLayout');
    await settled();
    expect(z('findL3-axial')).toBe(-85);
    expect(finder.requests).toEqual([]);
  });

  test('the series that was searched is shown, whichever comes first in the study', async () => {
    await startCt();
    await run('findL3', { displaySetInstanceUID: 'venous' });
    await run('toggleReviewLayout');
    expect(shown()['findL3-axial']).toEqual(['venous']);
  });

  test('takes other series of its frame of reference, and no others', async () => {
    await startCt();
    await run('findL3');
    await run('toggleReviewLayout');
    expect(['venous', 'elsewhere'].map((uid) => host.layouts.takes(uid))).toEqual([true, false]);
  });

  test('stands in the host’s own menu, where there is L3 to review in the active viewport', async () => {
    await startCt();
    const preset = (isEnabled: boolean) => [{ id: 'findL3Review', title: 'Review L3', isEnabled }];
    expect(host.layouts.presets()).toEqual(preset(false));
    await run('findL3');
    expect(host.layouts.presets()).toEqual(preset(true));
    host.shownIn.set('default', ['elsewhere']);
    expect(host.layouts.presets()).toEqual(preset(false));
  });

  test('which the host makes no volume of is not offered, and why is said', async () => {
    await startCt({ isReconstructable: false });
    await run('findL3');
    expect(why()).toBe('layout.noPlanes');
    await run('toggleReviewLayout');
    expect(shown()).toEqual({ default: ['ds-1'] });
    expect(host.notifications.at(-1)!.message).toMatch(/cannot make other planes/);
  });

  test('is not offered in a mode without planes, nor before there is something to review', async () => {
    await startHost();
    host.addDisplaySet('ds-1', axialDescription(), { isReconstructable: true });
    host.addStack('default', 'ds-1');
    host.enterMode();
    host.layouts.run('default');
    await run('toggleReviewLayout');
    expect(host.notifications.at(-1)!.message).toMatch(/Search L3 or mark it/);
    await run('findL3');
    expect(why()).toBe('layout.notInMode');
  });

  test('goes with a person’s word that L3 is not in the scan', async () => {
    await startCt();
    await run('findL3');
    await run('setL3Absent', { absence: 'ends-above-l3' });
    expect(offer()).toBeNull();
  });
});

describe('an MR', () => {
  async function startMr(axial: readonly number[], change: object = {}) {
    await startHost();
    host.addDisplaySet('sagittal', sagittalMr(), { SeriesNumber: 4, ...change });
    axial.forEach((topZ, i) =>
      host.addDisplaySet(`axial-${topZ}`, discsMr(topZ), { SeriesNumber: 5 + i }),
    );
    host.addStack('default', 'sagittal', [1, 0, 0]);
    host.tools.addToGroup('mpr');
    host.enterMode();
    host.layouts.run('default');
    finder.answer = async ({ series }) => foundSagittal(series);
    await run('findL3');
    await run('toggleReviewLayout');
    await settled();
  }

  test('as acquired: the sagittal series and the axial slice that cuts L3', async () => {
    // The first of them lies above.
    await startMr([90, -30]);
    expect(shown()).toEqual({ 'findL3-own': ['sagittal'], 'findL3-axial': ['axial--30'] });
    expect(z('findL3-axial')).toBe(-50);
    await run('toggleReviewLayout');
    expect(shown()).toEqual({ default: ['sagittal'] });
  });

  test('without an axial slice at L3, in planes where the host makes a volume', async () => {
    await startMr([90], { isReconstructable: true });
    expect(shown()).toEqual(Object.fromEntries(PLANES.map((id) => [id, ['sagittal']])));
    expect(host.layouts.options.get('findL3-coronal')).not.toHaveProperty('voi');
  });

  test('with neither, it is not offered', async () => {
    await startMr([90]);
    expect(shown()).toEqual({ default: ['sagittal'] });
    expect(why()).toBe('layout.noAxial');
  });
});

describe('by itself, where the admin wants it', () => {
  const settle = () => new Promise((resolve) => setTimeout(resolve, 1_300));

  async function open(settings: object) {
    await startHost();
    host.addDisplaySet('ds-1', axialDescription(), { isReconstructable: true });
    const stack = host.addStack('default', 'ds-1');
    host.tools.addToGroup('mpr');
    const set = Object.entries(settings).map(([name, value]) => [name, { $set: value }]);
    host.all.customizationService.setCustomizations(Object.fromEntries(set), 'global');
    host.enterMode();
    host.layouts.run('default');
    return stack;
  }
  const BOTH = { 'findL3.autorun': true, 'findL3.reviewLayout': true };

  test.each([
    ['with what autorun found', BOTH, true],
    ['not without the setting', { 'findL3.autorun': true }, false],
  ])('%s', async (_, settings, isOpen) => {
    await open(settings);
    host.broadcast('viewportGridService', 'GRID_STATE_CHANGED');
    await settle();
    expect(state().search).toMatchObject({ phase: 'answered' });
    expect(state().layout.isOpen).toBe(isOpen);
  });

  test('not after a search that a person asked for', async () => {
    await open({ 'findL3.reviewLayout': true });
    await run('findL3');
    await settle();
    expect(state().layout).toEqual({ offer: { possible: true }, isOpen: false });
  });

  test('not where a person has a hand in the views while it is searched', async () => {
    const stack = await open(BOTH);
    finder.answer = async ({ series }) => {
      stack.element.dispatchEvent(new Event('wheel', { bubbles: true }));
      return foundIn(series);
    };
    host.broadcast('viewportGridService', 'GRID_STATE_CHANGED');
    await settle();
    expect(state()).toMatchObject({ search: { phase: 'answered' }, layout: { isOpen: false } });
  });

  test('with a level that came back, once: who leaves it has left it', async () => {
    await open({ 'findL3.reviewLayout': true });
    const pacs = new FakePacs();
    pacs.saveElsewhere([othersMark(-85)]);
    pacs.list();
    await settle();
    expect(state().layout.isOpen).toBe(true);
    await run('toggleReviewLayout');
    await settle();
    expect(state().layout.isOpen).toBe(false);
  });
});
