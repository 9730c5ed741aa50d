import type { FakeHost } from './host';
import { levelReport } from '../../src/sr/levelReport';
import { MOVED, source } from '../unit/sr/levels';
import { answered, host, measurements, resetFinder, run, settled, startWithStack } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(resetFinder);

const CONTEXT = 'CORNERSTONE_STRUCTURED_REPORT';

interface Stored {
  readonly measurementData: readonly { readonly uid: string; readonly toolName: string }[];
}

/** The host's own command, which keeps what it was called with and what annotations there were. */
function hostStore(of: FakeHost, answer: () => Promise<unknown>) {
  const calls: { options: Stored; probes: object[] }[] = [];
  of.commandsManager.createContext(CONTEXT);
  const commandFn = (options: Stored) => {
    const probes = of.tools.annotations.filter(({ metadata }) => metadata.toolName === 'Probe');
    calls.push({ options, probes: structuredCloned(probes) });
    return answer();
  };
  of.commandsManager.registerCommand(CONTEXT, 'storeMeasurements', { commandFn });
  return { calls, commandFn };
}

const structuredCloned = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

async function started(answer: () => Promise<unknown>) {
  await startWithStack();
  host.exitMode();
  const store = hostStore(host, answer);
  host.enterMode();
  await run('findL3');
  return store;
}

const storeAll = () =>
  host.commandsManager.runCommand(
    'storeMeasurements',
    { measurementData: measurements(), dataSource: 'pacs' },
    CONTEXT,
  ) as Promise<unknown>;

test('the host saves a probe on the axial image of the mark, and finds none afterwards', async () => {
  const { calls } = await started(async () => 'report');
  const [{ uid }] = measurements();
  expect(await storeAll()).toBe('report');
  const [{ options, probes }] = calls;
  expect(options).toMatchObject({ dataSource: 'pacs' });
  expect(options.measurementData).toHaveLength(1);
  expect(options.measurementData[0]).toMatchObject({ toolName: 'Probe', label: 'L3' });
  expect(options.measurementData[0].uid).not.toBe(uid);
  // L3 at z -50: the image with index 30 of the stack.
  expect(probes).toMatchObject([
    {
      annotationUID: options.measurementData[0].uid,
      metadata: { referencedImageId: 'fake:ds-1/30', FrameOfReferenceUID: '1.2.3.9' },
      data: { label: 'L3', handles: { points: [[4, 10, -50]] } },
    },
  ]);
  await run('moveLevelMark', { zMm: -15 });
  await storeAll();
  expect(calls[1].probes).toMatchObject([{ metadata: { referencedImageId: 'fake:ds-1/23' } }]);
  expect(host.tools.annotations.map(({ metadata }) => metadata.toolName)).toEqual(['L3Level']);
  expect(measurements().map((one) => one.uid)).toEqual([uid]);
});

test('a save that fails leaves the mark and no probe', async () => {
  await started(() => Promise.reject(new Error('PACS down')));
  await expect(storeAll()).rejects.toThrow('PACS down');
  expect(host.tools.annotations.map(({ metadata }) => metadata.toolName)).toEqual(['L3Level']);
  expect(answered().mark).toMatchObject({ zMm: -50 });
});

test('what others hung on the host’s save is still called, and all is undone with the mode', async () => {
  const seen: object[] = [];
  const own = (event: object) => (seen.push(event), 'their own');
  await startWithStack();
  host.exitMode();
  const { commandFn } = hostStore(host, async () => undefined);
  const { customizationService } = host.all;
  customizationService.setCustomizations({ onBeforeDicomStore: { $set: own } }, 'global');
  host.enterMode();
  const now = () => host.commandsManager.getCommand('storeMeasurements', CONTEXT).commandFn;
  expect(now()).not.toBe(commandFn);
  const event = { naturalizedReport: { ContentSequence: [] }, measurementData: [] };
  expect(customizationService.getCustomization('onBeforeDicomStore')(event)).toBe('their own');
  expect(seen).toEqual([event]);
  host.exitMode();
  expect(now()).toBe(commandFn);
  expect(customizationService.getCustomization('onBeforeDicomStore')).toBe(own);
  expect(customizationService.getCustomization('onBeforeSRHydration')).toBeUndefined();
});

describe('a mark that a person has a hand in', () => {
  const added = () => {
    const seen: string[] = [];
    const { measurementService } = host.all;
    measurementService.subscribe(
      measurementService.EVENTS.MEASUREMENT_ADDED,
      ({ measurement }: { measurement: { uid: string } }) => seen.push(measurement.uid),
    );
    return seen;
  };
  const typeOf = (uid: string) => host.all.measurementService.getMeasurement(uid).type as string;
  const [POINT, POLYLINE] = ['value_type::point', 'value_type::polyline'];

  test('is announced to the host once, as its own measurements are; what was found is not', async () => {
    await startWithStack();
    const seen = added();
    await run('findL3');
    const [{ uid }] = measurements();
    expect(seen).toEqual([]);
    // Among the additional findings, where the host offers no save without tracking.
    expect(typeOf(uid)).toBe(POINT);
    await run('moveLevelMark', { zMm: -45, isLive: true });
    expect(seen).toEqual([]);
    await run('moveLevelMark', { zMm: -40, isLive: false });
    expect(seen).toEqual([uid]);
    expect(typeOf(uid)).toBe(POLYLINE);
    await run('moveLevelMark', { zMm: -30 });
    expect(seen).toEqual([uid]);
  });

  test('is announced when a person makes it', async () => {
    await startWithStack();
    const seen = added();
    await run('setLevelFromCurrentSlice');
    const [{ uid }] = measurements();
    expect(seen).toEqual([uid]);
    expect(typeOf(uid)).toBe(POLYLINE);
  });
});

describe('the host takes all measurements off the page', () => {
  const saved = async () => {
    await started(async () => {
      const report = levelReport(
        source({ levels: [{ ...MOVED, annotationUID: measurements()[0].uid }] }),
      );
      host.all.customizationService.getCustomization('onBeforeDicomStore')({
        naturalizedReport: report,
      });
    });
    await storeAll();
    return measurements()[0];
  };
  const clear = () => host.all.measurementService.clearMeasurements();

  test('after its own save: the marks come back', async () => {
    const { uid, points } = await saved();
    clear();
    await settled();
    expect(measurements()).toMatchObject([{ uid, points }]);
    expect(answered().mark).toMatchObject({ annotationUID: uid });
    // Once: the next time it is a person who clears them.
    clear();
    await settled();
    expect(measurements()).toEqual([]);
  });

  test('because a person wants it so: they stay away', async () => {
    await saved();
    window.dispatchEvent(new Event('pointerdown'));
    clear();
    await settled();
    expect(measurements()).toEqual([]);
  });

  test('in a mode that was left: nothing comes back', async () => {
    await saved();
    host.exitMode();
    clear();
    await settled();
    expect(measurements()).toEqual([]);
  });
});
