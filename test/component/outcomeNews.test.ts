import { axialDescription, foundIn, undeterminedIn } from './fixtures';
import {
  finder,
  host,
  measurements,
  resetFinder,
  run,
  startHost,
  startWithStack,
  state,
} from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(resetFinder);
afterEach(() => {
  host.exitMode();
  document.querySelector('[data-cy="find-l3-panel"]')?.remove();
});

const told = () => new Promise((resolve) => setTimeout(resolve, 700));
type Notice = { message: string; type: string; action?: { label: string; onClick: () => void } };
const notices = () => host.notifications as unknown as Notice[];
const button = () => {
  host.all.toolbarService.refreshToolbarState({ viewportId: host.activeViewportId });
  const { className, tooltip, disabled } = host.all.toolbarService.getButtonProps('FindL3');
  return { className, tooltip, disabled };
};

/** As it stands on the page, so wide. */
function showPanel(width: number): void {
  const panel = document.createElement('div');
  panel.dataset.cy = 'find-l3-panel';
  panel.getBoundingClientRect = () => ({ width, left: 0 }) as DOMRect;
  document.body.append(panel);
}

const OUTCOMES = [
  ['found', 'success', /^L3 was found \(94 %\)\. Look at it, then confirm it in the panel\.$/],
  ['undetermined', 'warning', /^L3 could not be determined\. .+ .+/],
  ['failed', 'error', /^The search did not finish\. .+/],
  ['refused', 'warning', /.+ .+/],
] as const;

async function search(outcome: (typeof OUTCOMES)[number][0]): Promise<void> {
  await startHost();
  const description = axialDescription();
  const isRefused = outcome === 'refused';
  const slices = description.slices.map((slice) => ({
    ...slice,
    ...(isRefused && { imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }),
  }));
  host.addDisplaySet('ds-1', { ...description, slices });
  host.addStack('default', 'ds-1');
  host.enterMode();
  if (outcome === 'undetermined') finder.answer = async ({ series }) => undeterminedIn(series);
  if (outcome === 'failed') finder.answer = () => Promise.reject(new Error('no worker'));
  await run('findL3');
}

describe('with the panel closed', () => {
  test.each(OUTCOMES)('%s: a notice says it and opens the panel', async (outcome, type, text) => {
    await search(outcome);
    await told();
    expect(notices()).toEqual([
      expect.objectContaining({ type, message: expect.stringMatching(text) }),
    ]);
    const { action } = notices()[0];
    expect(action!.label).toBe('Open the panel');
    const opened = jest.spyOn(host.all.panelService, 'activatePanel').mockImplementation(() => {});
    action!.onClick();
    expect(opened).toHaveBeenCalledWith(expect.stringMatching(/panelModule\.findL3$/), true);
  });

  test.each(OUTCOMES.map(([outcome]) => outcome))('%s: the button shows it', async (outcome) => {
    await search(outcome);
    expect(button()).toMatchObject({ className: `find-l3-search-${outcome}`, disabled: false });
    expect(button().tooltip).toMatch(/\(Shift\+L\)$/);
  });

  test('a run is seen on the button, and nothing of it is left on leaving', async () => {
    await startWithStack();
    expect(button().className).toBe('find-l3-search-none');
    finder.answer = () => new Promise(() => {});
    void run('findL3');
    await told();
    expect(button()).toMatchObject({ className: 'find-l3-search-running', disabled: true });
    expect(notices()).toEqual([]);
    host.exitMode();
    host.enterMode();
    expect(button().className).toBe('find-l3-search-none');
  });

  test('an outcome that is not there any more is not told', async () => {
    await search('found');
    finder.answer = () => new Promise(() => {});
    void run('findL3');
    await told();
    expect(notices()).toEqual([]);
  });
});

test('with the panel in sight there is no notice; behind another one it is not in sight', async () => {
  showPanel(280);
  await search('found');
  await told();
  expect(notices()).toEqual([]);
  host.exitMode();
  document.querySelector('[data-cy="find-l3-panel"]')!.remove();
  showPanel(0);
  await search('found');
  await told();
  expect(notices()).toHaveLength(1);
});

test('a panel that a person has closed is opened by its icon, one that the host opens is not', async () => {
  const icon = document.createElement('div');
  icon.dataset.cy = 'findL3-btn';
  document.body.append(icon);
  const pressed = jest.fn();
  icon.addEventListener('click', pressed);
  await search('found');
  await told();
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  notices()[0].action!.onClick();
  await frame();
  expect(pressed).toHaveBeenCalledTimes(1);
  showPanel(280);
  notices()[0].action!.onClick();
  await frame();
  expect(pressed).toHaveBeenCalledTimes(1);
  icon.remove();
});

describe('the button’s tooltip', () => {
  const set = (keys: unknown) =>
    host.all.customizationService.setCustomizations({ 'findL3.hotkey': { $set: keys } }, 'global');

  test.each([
    [['shift+l'], 'Go to the mid-L3 slice of this series (Shift+L)'],
    [['ctrl+alt+3', 'x'], 'Go to the mid-L3 slice of this series (Ctrl+Alt+3)'],
    [[], 'Go to the mid-L3 slice of this series'],
  ])('names the key %j', async (keys, text) => {
    await startWithStack();
    set(keys);
    expect(button().tooltip).toBe(text);
  });
});

describe('views that somebody changed during a search', () => {
  /** A search that nobody asked for, and what a person does meanwhile. */
  async function searchedMeanwhile(act: (stack: { element: Element; index: number }) => void) {
    await startHost();
    host.addDisplaySet('ds-1', axialDescription());
    const stack = host.addStack('default', 'ds-1');
    const settings = { 'findL3.autorun': { $set: true } };
    host.all.customizationService.setCustomizations(settings, 'global');
    finder.answer = async ({ series }) => {
      act(stack);
      return foundIn(series);
    };
    host.enterMode();
    host.broadcast('viewportGridService', 'GRID_STATE_CHANGED');
    await told();
    expect(state().search).toMatchObject({ phase: 'answered' });
    return stack;
  }

  test('stay where a person is when nobody asked; the answer is marked all the same', async () => {
    const stack = await searchedMeanwhile(({ element }) => {
      element.dispatchEvent(new Event('wheel', { bubbles: true }));
      void stackAt(5);
    });
    expect(stack.index).toBe(5);
    expect(measurements()).toHaveLength(1);
  });

  test('go to L3 where nobody touched them', async () => {
    expect((await searchedMeanwhile(() => {})).index).toBe(30);
  });

  test('go to L3 when a person asked for it', async () => {
    const stack = await startWithStack();
    finder.answer = async ({ series }) => {
      stack.element.dispatchEvent(new Event('wheel', { bubbles: true }));
      return foundIn(series);
    };
    await run('findL3');
    expect(stack.index).toBe(30);
  });

  const stackAt = (index: number) => host.viewports.get('default')!.setImageIdIndex(index);
});
