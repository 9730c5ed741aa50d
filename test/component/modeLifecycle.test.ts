import type { Finding } from '../../src/finder/types';
import { axialDescription, foundIn } from './fixtures';
import {
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

const PANEL_ID = 'ohif-extension-find-l3.panelModule.findL3';

describe('entering and leaving a mode', () => {
  const buttons = () =>
    (host.all.toolbarService.state.buttonSections.primary ?? []).filter(
      (id: string) => id === 'FindL3',
    );
  const panels = () =>
    host.all.panelService.getPanels('right').filter(({ id }: { id: string }) => id === PANEL_ID);
  const hotkeys = () =>
    Object.values(host.hotkeysManager.hotkeyDefinitions).filter(
      ({ commandName }) => commandName === 'findL3',
    );

  test('adds button, panel and hotkey, once each, and keeps the host’s own', async () => {
    await startWithStack();
    expect([buttons().length, panels().length, hotkeys().length]).toEqual([1, 1, 1]);
    expect(host.all.toolbarService.state.buttonSections.primary).toContain('Zoom');
    const keys = Object.values(host.hotkeysManager.hotkeyDefinitions).map(
      ({ commandName, commandOptions, keys }) => [commandName, commandOptions?.by, keys],
    );
    expect(keys).toEqual([
      ['flipViewportVertical', undefined, ['v']],
      ['findL3', undefined, ['shift+l']],
      ['confirmLevel', undefined, ['shift+enter']],
      ['shiftNumbering', 1, ['shift+up']],
      ['shiftNumbering', -1, ['shift+down']],
      ['confirmInReview', undefined, ['shift+c']],
      ['nextInReview', undefined, ['shift+n']],
      ['fixInReview', undefined, ['shift+f']],
      ['denyInReview', undefined, ['shift+a']],
      ['denyInReview', undefined, ['shift+b']],
      ['toggleLevelRuler', undefined, ['shift+r']],
    ]);
  });

  test('entering twice doubles nothing', async () => {
    await startWithStack();
    const before = host.listenerCounts();
    host.enterMode();
    await settled();
    expect([buttons().length, panels().length, hotkeys().length]).toEqual([1, 1, 1]);
    expect(host.listenerCounts()).toEqual(before);
  });

  test('leaving leaves nothing', async () => {
    await startHost();
    const before = host.listenerCounts();
    const toolListeners = host.tools.listenerCount;
    host.addDisplaySet('ds-1', axialDescription());
    host.addStack('default', 'ds-1');
    host.enterMode();
    await run('findL3');
    expect(host.tools.toolGroups.map((group) => group.hasTool('L3Level'))).toEqual([true]);
    host.exitMode();
    await settled();
    expect([buttons().length, panels().length, hotkeys().length]).toEqual([0, 0, 0]);
    expect(host.listenerCounts()).toEqual(before);
    expect(finder.disposed).toBe(1);
    expect(state().search).toEqual({ phase: 'idle', note: null });
    expect(host.tools.toolGroups.map((group) => group.hasTool('L3Level'))).toEqual([false]);
    expect(Object.keys(host.tools.toolGroups[0].toolOptions)).toEqual(['WindowLevel']);
    expect([...host.tools.registered.keys()]).toEqual([]);
    expect(host.tools.annotations).toEqual([]);
    expect(host.tools.listenerCount).toBe(toolListeners);
    const { mappings } = host.all.measurementService;
    const types = Object.values(mappings).flat() as { annotationType: string }[];
    expect(types.map(({ annotationType }) => annotationType)).toEqual(['Length']);
  });

  test('the level tool in hand goes back to what was active before', async () => {
    await startWithStack();
    await run('takeLevelTool');
    const active = () => host.tools.toolGroups[0].getActivePrimaryMouseButtonTool();
    expect([active(), state().marking.inHand]).toEqual(['L3Level', true]);
    host.exitMode();
    expect([active(), state().marking.inHand]).toEqual(['WindowLevel', false]);
  });

  test('leaving during a search cancels it, and its late answer changes nothing', async () => {
    const stack = await startWithStack();
    let answer: (finding: Finding) => void = () => {};
    finder.answer = () => new Promise((resolve) => (answer = resolve));
    const outcome = run('findL3');
    await settled();
    host.exitMode();
    expect(finder.requests[0].signal?.aborted).toBe(true);
    answer(foundIn(finder.requests[0].series));
    expect(await outcome).toBeNull();
    expect(stack.index).toBe(0);
    expect(measurements()).toEqual([]);
  });

  test('a workflow step that sets its own panels and buttons keeps Find L3', async () => {
    await startWithStack();
    host.all.panelService.setPanels({ right: [] });
    host.all.toolbarService.clearButtonSection('primary');
    await settled();
    expect([buttons().length, panels().length]).toEqual([1, 1]);
  });

  test('modes that show no CT or MR, or are not among the chosen ones, are left alone', async () => {
    await startHost();
    host.appConfig.loadedModes = [
      { id: '@ohif/mode-viewer', routeName: 'viewer', isValidMode: () => ({ valid: true }) },
      {
        id: '@ohif/mode-microscopy',
        routeName: 'microscopy',
        isValidMode: ({ modalities }: { modalities: string }) => ({ valid: modalities === 'SM' }),
      },
    ];
    const enterAt = (path: string) => {
      window.history.replaceState(null, '', path);
      host.enterMode();
      const added = [buttons().length, panels().length, hotkeys().length];
      host.exitMode();
      return added;
    };
    expect(enterAt('/ohif/microscopy/dicomweb')).toEqual([0, 0, 0]);
    expect(enterAt('/ohif/viewer/dicomweb')).toEqual([1, 1, 1]);
    host.all.customizationService.setCustomizations({ 'findL3.modes': ['microscopy'] }, 'global');
    expect(enterAt('/ohif/viewer')).toEqual([0, 0, 0]);
    expect(enterAt('/ohif/microscopy')).toEqual([1, 1, 1]);
    window.history.replaceState(null, '', '/');
  });

  test('an admin chooses the hotkey, or none', async () => {
    await startHost();
    host.all.customizationService.setCustomizations({ 'findL3.hotkey': ['ctrl+3'] }, 'global');
    host.enterMode();
    expect(hotkeys().map(({ keys }) => keys)).toEqual([['ctrl+3']]);
    host.exitMode();
    host.all.customizationService.setCustomizations({ 'findL3.hotkey': [] }, 'global');
    host.enterMode();
    expect(hotkeys()).toEqual([]);
  });
});
