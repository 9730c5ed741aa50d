import type { FakeHost } from './host';
import { answered, host, measurements, resetFinder, run, startWithStack } from './start';

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
