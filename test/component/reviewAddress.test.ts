import { axialDescription } from './fixtures';
import { FakePacs } from './fakePacs';
import { host, resetFinder, run, settled, startHost, state } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

const STUDY = '1.2.7';
const line = (study: string, probability: number) =>
  JSON.stringify({
    studyInstanceUID: study,
    seriesInstanceUID: `${study}.1`,
    status: 'found',
    l3: { probability },
  });
const SHORT = line(STUDY, 0.9);
const LONG = [SHORT, line('1.2.70.2', 0.5), line('1.2.70.3', 0.7)].join('\n');
const CSV = `studyInstanceUID,seriesInstanceUID,status,probability\n${STUDY},${STUDY}.1,found,0.9\n`;

const served = new Map<string, string | number>();
const asked: string[] = [];
const opened: string[] = [];

/** The viewer's own server. */
async function answer(address: string | URL) {
  const url = new URL(String(address), window.location.href);
  if (url.pathname.endsWith('/models/index.json')) return { ok: true, json: async () => ({}) };
  asked.push(url.href);
  const body = served.get(url.pathname) ?? 404;
  const status = typeof body === 'number' ? body : 200;
  return { ok: status === 200, status, text: async () => String(body) };
}

beforeEach(() => {
  resetFinder();
  Object.assign(globalThis, { fetch: answer });
  served.clear();
  asked.length = 0;
  opened.length = 0;
});
afterEach(() => {
  host.exitMode();
  window.history.replaceState({}, '', '/');
});

/** The page at an address, under an admin's setting. */
async function open(query: string, setting?: string): Promise<void> {
  window.history.replaceState({}, '', `/viewer?StudyInstanceUIDs=${STUDY}${query}`);
  await startHost();
  new FakePacs();
  if (setting !== undefined) {
    const customizations = { 'findL3.reviewList': { $set: setting } };
    host.all.customizationService.setCustomizations(customizations, 'global');
  }
  host.commandsManager.registerCommand('DEFAULT', 'navigateHistory', {
    commandFn: ({ to }: { to: string }) => opened.push(to),
  });
  host.addDisplaySet('ds-1', axialDescription(`${STUDY}.1`));
  host.addStack('default', 'ds-1');
  host.enterMode();
  await settled();
  await settled();
}

const review = () => state().review;
const at = (path: string) => new URL(path, window.location.href).href;

describe('a list by its address opens with the first study', () => {
  test.each([
    ['of the page', '&findL3Review=/lists/results.jsonl', undefined],
    ['of a setting', '', '/lists/results.jsonl'],
    ['beside the page', '&findL3Review=lists/results.jsonl', undefined],
  ])('%s', async (_, query, setting) => {
    served.set('/lists/results.jsonl', LONG);
    await open(query, setting);
    expect(asked).toEqual([at('/lists/results.jsonl')]);
    expect(review()).toMatchObject({ phase: 'open', total: 3, done: 0, position: 3 });
    await run('nextInReview');
    const next = new URL(opened[0], window.location.href);
    // Whoever loads that address anew gets the list, too.
    expect(next.searchParams.get('StudyInstanceUIDs')).toBe('1.2.70.2');
    expect(next.searchParams.get('findL3Review')).toBe(
      new URLSearchParams(query).get('findL3Review'),
    );
  });

  test('as a table', async () => {
    served.set('/results.csv', CSV);
    await open('&findL3Review=/results.csv');
    expect(review()).toMatchObject({ phase: 'open', total: 1, position: 1 });
  });

  test('the page’s goes before the setting’s', async () => {
    served.set('/short.jsonl', SHORT).set('/long.jsonl', LONG);
    await open('&findL3Review=/short.jsonl', '/long.jsonl');
    expect([asked, review().total]).toEqual([[at('/short.jsonl')], 1]);
  });

  test('once: what a person closed stays closed with the next study', async () => {
    served.set('/short.jsonl', SHORT);
    await open('', '/short.jsonl');
    await run('closeReview');
    host.exitMode();
    host.enterMode();
    await settled();
    expect([asked.length, review().phase]).toEqual([1, 'none']);
  });
});

test('without an address nothing is asked for', async () => {
  await open('');
  expect([asked, review().phase]).toEqual([[], 'none']);
});

describe('what cannot be had is said', () => {
  test.each<[string, string, string | number, RegExp]>([
    ['not there', '/lists/none.jsonl', 404, /HTTP 404/],
    ['not allowed', '/lists/none.jsonl', 403, /HTTP 403/],
    [
      'the viewer’s page in its place',
      '/lists/none.jsonl',
      '<!doctype html>',
      /no list of results/,
    ],
    ['nothing in it', '/lists/none.jsonl', SHORT.replace('found', 'failed'), /no study/],
  ])('%s', async (_, path, body, message) => {
    served.set(path, body);
    await open(`&findL3Review=${path}`);
    expect(review()).toMatchObject({ phase: 'failed', total: 0 });
    expect((review().error as Error).message).toMatch(message);
  });

  test.each([
    ['https://elsewhere.test/results.jsonl'],
    ['//elsewhere.test/results.jsonl'],
    ['data:application/json,{}'],
  ])('%s is on another server, and is not asked', async (address) => {
    await open(`&findL3Review=${encodeURIComponent(address)}`);
    expect(asked).toEqual([]);
    expect(review().phase).toBe('failed');
    expect((review().error as Error).message).toMatch(/another server/);
  });
});
