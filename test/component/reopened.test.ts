import { FindL3Viewer } from '../../src/viewer/findL3Viewer';
import { FakePacs, othersMark } from './fakePacs';
import { axialDescription, undeterminedIn } from './fixtures';
import { finder, host, resetFinder, run, settled, startHost, startWithStack, state } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(resetFinder);
afterEach(() => host.exitMode());

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const ready = async () => {
  host.broadcast('viewportGridService', 'VIEWPORTS_READY');
  await settled();
};
const z = (id: string) => host.viewports.get(id)!.getCamera().focalPoint[2];

/** A study with a colleague's saved level at -85, open in a stack and in MPR. */
async function reopened(): Promise<void> {
  await startHost();
  host.addDisplaySet('ds-1', axialDescription());
  host.addStack('default', 'ds-1');
  host.addVolume('axial', 'ds-1', [0, 0, -1]);
  host.addVolume('sagittal', 'ds-1', [1, 0, 0]);
  const pacs = new FakePacs();
  pacs.saveElsewhere([othersMark(-85)]);
  host.enterMode();
  pacs.list();
  await settled();
}

test('a study with a saved level opens at it in every view, whether or not its picture is there', async () => {
  await reopened();
  expect([z('default'), z('axial')]).toEqual([-85, -85]);
  expect(host.viewports.get('sagittal')!.jumps).toHaveLength(1);
  await frame();
  expect(state()).toMatchObject({
    shown: { isMark: true, slice: { number: 38, count: 60 } },
    marking: { mark: { isFromReport: true, review: { act: 'placed', by: 'Dr. Other' } } },
  });
});

test('a view that is ready only later comes, too; each once', async () => {
  await reopened();
  await host.viewports.get('default')!.setImageIdIndex(3);
  host.addVolume('late', 'ds-1', [0, 0, -1]);
  await ready();
  expect([z('late'), host.viewports.get('default')!.index]).toEqual([-85, 3]);
});

test('a person who has begun to scroll is not taken away from where they are', async () => {
  await startHost();
  host.addDisplaySet('ds-1', axialDescription());
  const stack = host.addStack('default', 'ds-1');
  const pacs = new FakePacs();
  pacs.saveElsewhere([othersMark(-85)]);
  host.enterMode();
  stack.element.dispatchEvent(new Event('wheel', { bubbles: true }));
  await stack.setImageIdIndex(5);
  pacs.list();
  await settled();
  expect(stack.index).toBe(5);
});

test('the host places a view after it is set up: it still starts at L3', async () => {
  await reopened();
  await host.viewports.get('default')!.setImageIdIndex(0);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(z('default')).toBe(-85);
});

test('after an answer, a layout or a series that is opened starts at L3', async () => {
  await startWithStack();
  await run('findL3');
  host.addVolume('mpr-axial', 'ds-1', [0, 0, -1]);
  host.addDisplaySet('ds-2', axialDescription('1.2.3.2'));
  host.addStack('venous', 'ds-2');
  await ready();
  expect([z('mpr-axial'), z('venous')]).toEqual([-50, -50]);
});

test('an answer moves the views once: what a person scrolls to afterwards stays', async () => {
  const stack = await startWithStack();
  await run('findL3');
  await stack.setImageIdIndex(3);
  await ready();
  expect(stack.index).toBe(3);
});

test('a viewport that was given another series during the search is not taken over', async () => {
  await startWithStack();
  host.addDisplaySet('ds-us', axialDescription('1.2.3.4'), { StudyInstanceUID: '1.2.8' });
  const searching = run('findL3');
  host.shownIn.set('default', ['ds-us']);
  host.viewports.get('default')!.getFrameOfReferenceUID = () => '9.9.9';
  await searching;
  expect(host.shownIn.get('default')).toEqual(['ds-us']);
  expect(FindL3Viewer.existing(host.servicesManager as never)!.state.get().shown).toMatchObject({
    isMark: false,
  });
});

describe('the picture of a level that came back', () => {
  const pictured = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await settled();
  };
  const marking = () => state().marking;

  test('comes by itself, moves nothing, and gives the correction tools their vertebrae', async () => {
    await reopened();
    const stack = host.viewports.get('default')!;
    stack.element.dispatchEvent(new Event('wheel', { bubbles: true }));
    await stack.setImageIdIndex(5);
    await pictured();
    expect(state().search).toMatchObject({ phase: 'answered', isQuiet: true });
    expect(stack.index).toBe(5);
    // It lies on what is found as L4 now: the names follow the mark, and nothing is proposed.
    expect(marking()).toMatchObject({
      mark: { zMm: -85, isFromReport: true, shift: -1 },
      proposal: null,
    });
    expect(state().keep.isUnsaved).toBe(false);
    await run('shiftNumbering', { by: 1 });
    expect(marking().mark).toMatchObject({ zMm: -50, shift: 0, isFromReport: false });
    expect(finder.requests).toHaveLength(1);
  });

  test('is what a search answers with at once', async () => {
    await reopened();
    await pictured();
    await run('findL3');
    expect(finder.requests).toHaveLength(1);
    expect(marking()).toMatchObject({ mark: { zMm: -85 }, proposal: { vertebrae: 1 } });
  });

  test('gives way to a search, and blocks neither button nor confirming', async () => {
    await reopened();
    finder.answer = ({ signal }) =>
      new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
    await pictured();
    expect(state()).toMatchObject({
      search: { phase: 'running', isQuiet: true },
      keep: { confirm: { possible: true } },
    });
    finder.answer = ({ series }) => Promise.resolve(undeterminedIn(series));
    expect(await run('findL3')).toMatchObject({ status: 'undetermined' });
    await settled();
    expect(state().search).toMatchObject({ phase: 'answered' });
    expect(marking().mark).toMatchObject({ zMm: -85 });
  });

  test('where it cannot be made, the level stays without it', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    await reopened();
    finder.answer = () => Promise.reject(new Error('no model'));
    await pictured();
    expect(state()).toMatchObject({ search: { phase: 'idle' }, marking: { mark: { zMm: -85 } } });
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  test('an admin can do without', async () => {
    await reopened();
    host.all.customizationService.setCustomizations({
      'findL3.pictureOfSaved': { $set: false },
    });
    await pictured();
    expect(finder.requests).toEqual([]);
  });
});
