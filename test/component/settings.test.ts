import type { SeriesDescription } from '../../src/series/types';
import { axialDescription, foundIn, undeterminedIn } from './fixtures';
import { answered, finder, host, measurements, resetFinder, run, startHost, state } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

beforeEach(() => {
  resetFinder();
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** What an admin writes into the app config. */
function set(settings: Record<string, unknown>): void {
  host.all.customizationService.setCustomizations(
    Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, { $set: value }])),
    'global',
  );
}

async function open(
  settings: Record<string, unknown>,
  description: SeriesDescription = axialDescription(),
) {
  await startHost();
  set(settings);
  host.addDisplaySet('ds-1', description);
  const stack = host.addStack('default', 'ds-1');
  host.enterMode();
  return stack;
}

/** The viewer shows something, and comes to rest. */
async function settle(): Promise<void> {
  host.broadcast('viewportGridService', 'GRID_STATE_CHANGED', {});
  await jest.advanceTimersByTimeAsync(2000);
}

const LARGE = { images: 10, megabytes: 800 };

describe('findL3.autorun', () => {
  test('is off unless an admin wants it', async () => {
    await open({});
    await settle();
    expect(finder.requests).toHaveLength(0);
  });

  test('searches what is opened, once, whatever the viewer does then', async () => {
    const stack = await open({ 'findL3.autorun': true });
    await settle();
    expect(answered().finding.status).toBe('found');
    expect(stack.index).toBe(30);
    await settle();
    host.exitMode();
    host.enterMode();
    await settle();
    expect(finder.requests).toHaveLength(1);
  });

  test('does not search again what a person has cancelled', async () => {
    await open({ 'findL3.autorun': true });
    finder.answer = ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    await settle();
    expect(state().search.phase).toBe('running');
    await run('cancelFindL3');
    await settle();
    expect(finder.requests).toHaveLength(1);
    expect(state().search).toEqual({ phase: 'idle', note: 'search.cancelled' });
  });

  test('stops when the mode is left, before it begins and while it runs', async () => {
    await open({ 'findL3.autorun': true });
    host.broadcast('viewportGridService', 'GRID_STATE_CHANGED', {});
    host.exitMode();
    await jest.advanceTimersByTimeAsync(2000);
    expect(finder.requests).toHaveLength(0);

    finder.answer = () => new Promise(() => {});
    host.enterMode();
    await settle();
    expect(finder.requests).toHaveLength(1);
    host.exitMode();
    expect(finder.requests[0].signal?.aborted).toBe(true);
  });

  test('leaves a series alone that has no lumbar spine to show, or a mark already', async () => {
    const short = axialDescription();
    await open({ 'findL3.autorun': true }, { ...short, slices: short.slices.slice(0, 20) });
    await settle();
    expect(finder.requests).toHaveLength(0);

    await open({ 'findL3.autorun': true });
    await run('setLevelFromCurrentSlice');
    await settle();
    expect(finder.requests).toHaveLength(0);
  });

  test('a mark that a person sets meanwhile stays where it is', async () => {
    const stack = await open({ 'findL3.autorun': true });
    finder.answer = async ({ series }) => {
      stack.setImageIdIndex(10);
      await run('setLevelFromCurrentSlice');
      return foundIn(series);
    };
    await settle();
    expect(answered().mark).toMatchObject({ zMm: 50, by: 'person' });
    expect(measurements()).toHaveLength(1);
  });

  test('asks before a large series is read', async () => {
    await open({ 'findL3.autorun': true, 'findL3.largeSeries': LARGE });
    await settle();
    expect(state().search.phase).toBe('asking');
    expect(finder.requests).toHaveLength(0);
    expect(host.loaded).toEqual([]);
  });
});

describe('findL3.largeSeries', () => {
  test('names images and bytes, reads when a person wants it, and not when it is cancelled', async () => {
    await open({ 'findL3.largeSeries': LARGE });
    expect(await run('findL3')).toBeNull();
    // 60 images of 200 x 200 pixels of two bytes.
    const size = { images: 60, bytes: 60 * 200 * 200 * 2 };
    expect(state().search).toMatchObject({ phase: 'asking', size });
    await run('cancelFindL3');
    expect(state().search).toEqual({ phase: 'idle', note: 'search.cancelled' });
    expect(finder.requests).toHaveLength(0);

    const search = run('findL3', { displaySetInstanceUID: 'ds-1', readLarge: true });
    await jest.advanceTimersByTimeAsync(100);
    expect((await search)?.status).toBe('found');
  });

  test('counts megabytes, too', async () => {
    await open({ 'findL3.largeSeries': { images: 1000, megabytes: 4 } });
    await run('findL3');
    expect(state().search.phase).toBe('asking');
  });
});

describe('findL3.minProbability', () => {
  const find = async () => {
    const search = run('findL3');
    await jest.advanceTimersByTimeAsync(100);
    return search;
  };

  test('asks for more than the model: a likely L3 is a candidate and is not marked', async () => {
    await open({ 'findL3.minProbability': 0.95 });
    const finding = await find();
    expect(finding?.status).toBe('undetermined');
    if (finding?.status !== 'undetermined') throw new Error();
    expect(finding.reason).toMatchObject({ code: 'not-sure-enough' });
    expect(finding.reason.message).toContain('94 % where 95 % is asked for');
    expect(finding.alternatives.map(({ zMm }) => zMm)).toEqual([-50, -15]);
    expect(measurements()).toEqual([]);
  });

  test('a lower one changes nothing: what the model doubts stays in doubt', async () => {
    await open({ 'findL3.minProbability': 0.1 });
    finder.answer = async ({ series }) => undeterminedIn(series);
    expect((await find())?.status).toBe('undetermined');
    finder.answer = async ({ series }) => foundIn(series);
    expect((await find())?.status).toBe('found');
  });
});

test('findL3.definition is what is marked, until a person chooses another', async () => {
  await open({ 'findL3.definition': 'superior-endplate' });
  const search = run('findL3');
  await jest.advanceTimersByTimeAsync(100);
  await search;
  // 37 % of the 35 mm to L2, above the middle at -50.
  expect(answered().mark).toMatchObject({ definition: 'superior-endplate', zMm: -50 + 0.37 * 35 });
  await run('setLevelDefinition', { definition: 'mid-body' });
  expect(answered().mark).toMatchObject({ definition: 'mid-body' });
});

describe('settings that are not usable', () => {
  beforeEach(() => void jest.spyOn(console, 'warn').mockImplementation(() => {}));

  test('are named with what is allowed, once, and the default is used', async () => {
    await open({ 'findL3.autorun': 'yes', 'findL3.minProbability': 75 });
    const told = host.notifications.map(({ message }) => message);
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('findL3.minProbability');
    expect(told[0]).toContain('75');
    expect(told[0]).toContain('a number from 0 to 1');
    expect(told[1]).toContain('findL3.autorun');
    expect(told[1]).toContain('true or false');
    host.exitMode();
    host.enterMode();
    expect(host.notifications).toHaveLength(2);
    await settle();
    expect(finder.requests).toHaveLength(0);
  });

  test('a secret is not repeated', async () => {
    await open({ 'findL3.corrections': { salt: 'short' } });
    expect(host.notifications[0].message).toContain('findL3.corrections');
    expect(host.notifications[0].message).not.toContain('short');
  });

  test('a name that is none of ours is named', async () => {
    Object.assign((await startHost()).appConfig, {
      customizationService: [{ 'findL3.autoRun': { $set: true }, 'ohif.tours': {} }, 'a.reference'],
    });
    host.addDisplaySet('ds-1', axialDescription());
    host.addStack('default', 'ds-1');
    host.enterMode();
    expect(host.notifications.map(({ message }) => message)).toEqual([
      expect.stringContaining('findL3.autoRun'),
    ]);
  });
});

describe('the model card', () => {
  const answer = (body: string, ok = true) => ({
    ok,
    json: async () => ({ default: 'net' }),
    text: async () => body,
  });

  test('comes from the package’s own folder', async () => {
    const asked: string[] = [];
    await open({});
    globalThis.fetch = (async (url: URL) => {
      asked.push(String(url));
      return answer('# net');
    }) as unknown as typeof fetch;
    await run('showModelCard');
    expect(state().modelCard).toEqual({ phase: 'open', text: '# net' });
    expect(asked).toContain('https://pacs.test/ohif/plugins/find-l3/models/net/MODEL_CARD.md');
    expect(state().installed?.folder).toBe('https://pacs.test/ohif/plugins/find-l3/');
    await run('hideModelCard');
    expect(state().modelCard).toEqual({ phase: 'closed' });
  });

  test('looks at the settings again each time that it is opened', async () => {
    jest.spyOn(console, 'warn').mockImplementation(() => {});
    await open({});
    await run('showModelCard');
    expect(state().installed?.problems).toEqual([]);
    await run('hideModelCard');
    set({ 'findL3.runtime': 'cuda' });
    await run('showModelCard');
    expect(state().installed?.problems).toMatchObject([{ name: 'findL3.runtime' }]);
  });

  test.each([
    ['a page of the viewer instead', '<!doctype html><html></html>', true],
    ['nothing', '', false],
  ])('%s is said to be missing, with the address', async (_, body, ok) => {
    await open({ 'findL3.modelUrl': 'https://pacs.test/models/ours' });
    globalThis.fetch = (async () => answer(body, ok)) as unknown as typeof fetch;
    await run('showModelCard');
    expect(state().modelCard).toEqual({
      phase: 'missing',
      address: 'https://pacs.test/models/ours/MODEL_CARD.md',
    });
  });
});
