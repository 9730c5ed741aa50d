import { TextDecoder, TextEncoder } from 'node:util';
import { axialDescription } from './fixtures';
import { FakePacs, othersMark } from './fakePacs';
import { finder, host, resetFinder, run, settled, startHost, state } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

// jsdom has none.
Object.assign(globalThis, { TextDecoder, TextEncoder });
const STUDIES = [1, 2, 3, 4, 5].map((n) => `1.2.70.${n}`);
const PROBABILITIES = [0.9, 0.6, 0.99, 0.7, 0.8];
const ORDER = ['1.2.70.2', '1.2.70.4', '1.2.70.5', '1.2.70.1', '1.2.70.3'];
const LIST = STUDIES.map((studyInstanceUID, i) =>
  JSON.stringify({
    studyInstanceUID,
    seriesInstanceUID: `${studyInstanceUID}.1`,
    status: 'found',
    l3: { probability: PROBABILITIES[i] },
  }),
).join('\n');
const opened: string[] = [];
let pacs: FakePacs;

const review = () => state().review;
const settle = () => new Promise((resolve) => setTimeout(resolve, 700));

/** What the host does when a study's address is opened: leaves the mode, enters it anew. */
async function openStudy(study: string): Promise<void> {
  host.exitMode();
  window.history.replaceState({}, '', `/viewer?StudyInstanceUIDs=${study}&x=1`);
  host.displaySets.clear();
  const of = { StudyInstanceUID: study };
  host.addDisplaySet(`ds-${study}`, axialDescription(`${study}.1`), of, (instance) => ({
    ...instance,
    ...of,
  }));
  host.addStack('default', `ds-${study}`);
  host.enterMode();
  host.activate('default');
  await settle();
  await settled();
}

/** Goes where the queue went, as the host would. */
async function follow(): Promise<void> {
  await settled();
  await openStudy(
    new URL(opened.at(-1)!, 'https://pacs.test').searchParams.get('StudyInstanceUIDs')!,
  );
}

const listFile = (text = LIST) => ({ file: new Blob([text]) });

beforeEach(async () => {
  resetFinder();
  opened.length = 0;
  window.history.replaceState({}, '', '/viewer?StudyInstanceUIDs=1.2.7&x=1');
  class Response {
    constructor(private readonly blob: Blob) {}
    text() {
      return new Promise<string>((resolve) => {
        const reader = new FileReader();
        reader.onload = () => resolve(reader.result as string);
        reader.readAsText(this.blob);
      });
    }
  }
  Object.assign(globalThis, { Response });
  await startHost();
  pacs = new FakePacs();
  host.commandsManager.createContext('DEFAULT');
  host.commandsManager.registerCommand('DEFAULT', 'navigateHistory', {
    commandFn: ({ to }: { to: string }) => opened.push(to),
  });
  host.addDisplaySet('ds-1', axialDescription());
  host.addStack('default', 'ds-1');
  host.enterMode();
});

test('five studies: doubts first, each searched as it opens, confirmed by key, the next one opens', async () => {
  await run('openReviewList', listFile());
  expect(review()).toMatchObject({
    phase: 'open',
    total: 5,
    done: 0,
    position: null,
    hasNext: true,
  });
  await run('nextInReview');
  expect(opened).toEqual([`/viewer?StudyInstanceUIDs=${ORDER[0]}&x=1`]);
  for (const [i, study] of ORDER.entries()) {
    await follow();
    expect(review()).toMatchObject({ position: i + 1, done: i, isCurrentDone: false });
    expect(finder.requests).toHaveLength(i + 1);
    expect(state().search).toMatchObject({ phase: 'answered' });
    await run('confirmInReview', { evt: { repeat: true } });
    expect(pacs.stored).toHaveLength(i);
    await run('confirmInReview');
    await settled();
    expect(pacs.reports.at(-1)).toMatchObject({
      report: { studyInstanceUID: study, isPersons: true },
    });
    expect(review().done).toBe(i + 1);
  }
  expect(opened).toHaveLength(5);
  expect(review()).toMatchObject({ done: 5, hasNext: false });
  expect(host.notifications.at(-1)!.message).toBe('All studies of the list are done.');
}, 30_000);

test('nothing is confirmed, and no study opened, before the slice at L3 is painted', async () => {
  await run('openReviewList', listFile());
  await run('nextInReview');
  await follow();
  const viewport = host.viewports.get('default')!;
  const painted: { imageId?: string }[] = [];
  Object.assign(viewport, { getCornerstoneImage: () => painted[0] });
  await run('confirmInReview');
  await settled();
  expect([pacs.stored.length, opened.length]).toEqual([0, 1]);
  painted.push({ imageId: viewport.getCurrentImageId() });
  await run('confirmInReview');
  await settled();
  expect([pacs.stored.length, opened.length]).toEqual([1, 2]);
});

test('fixed or said to be not in the scan by keys, then confirmed', async () => {
  await run('openReviewList', listFile());
  await run('nextInReview');
  await follow();
  await run('denyInReview', { absence: 'ends-above-l3' });
  expect(state().marking.absence).toBe('ends-above-l3');
  await run('confirmInReview');
  await settled();
  expect(pacs.reports.at(-1)).toMatchObject({ levels: [], absence: { reason: 'ends-above-l3' } });
  expect(review().done).toBe(1);
  await follow();
  await host.viewports.get('default')!.setImageIdIndex(20);
  await run('fixInReview', { evt: { repeat: true } });
  expect(state().marking.mark?.by).toBe('answer');
  await run('fixInReview');
  await settled();
  expect(state().marking.mark?.by).toBe('person');
  await run('confirmInReview');
  await settled();
  expect(pacs.reports.at(-1)!.levels[0].review!.act).toBe('moved');
});

test('a key does nothing in a study that is not in the list', async () => {
  await run('openReviewList', listFile());
  await run('findL3');
  await run('confirmInReview');
  await run('denyInReview', { absence: 'ends-above-l3' });
  expect([pacs.stored.length, opened.length]).toEqual([0, 0]);
  expect(state().marking.absence).toBe(null);
  expect(host.notifications.at(-1)!.message).toContain('not in the list');
});

test('what the PACS has of a person is done; its machine’s reports alone are a queue, too', async () => {
  const saved = (study: string, isPersons: boolean, probability: number) =>
    pacs.saveElsewhere(
      [
        othersMark(-50, {
          studyInstanceUID: study,
          foundPointLpsMm: [4, 10, -50],
          probability,
          moved: null,
          review: isPersons
            ? { act: 'confirmed', by: 'Dr. Other', at: '2026-11-22T13:04:05.000Z' }
            : null,
        }),
      ],
      { image: { StudyInstanceUID: study, PatientID: 'P-1' }, predecessors: [] },
    );
  saved(STUDIES[1], true, 0.6);
  saved(STUDIES[2], false, 0.99);
  saved(STUDIES[3], false, 0.7);
  await run('openReviewList', listFile());
  expect(review()).toMatchObject({ phase: 'open', total: 5, done: 1 });
  await run('nextInReview');
  expect(opened.at(-1)).toContain(STUDIES[3]);
  await run('closeReview');
  expect(review().phase).toBe('none');
  await run('openReviewList', { pacs: true });
  expect(review()).toMatchObject({ phase: 'open', total: 2, done: 0 });
  await run('nextInReview');
  expect(opened.at(-1)).toContain(STUDIES[3]);
});

test.each([
  ['is no list', listFile('name,age\n'), /no list of results/],
  ['lies on another server', { address: 'https://elsewhere.test/results.csv' }, /another server/],
])('a list that %s is said, and none is open', async (_, options, message) => {
  await run('openReviewList', options);
  expect(review()).toMatchObject({ phase: 'failed', total: 0 });
  expect((review().error as Error).message).toMatch(message);
  await run('nextInReview');
  expect(opened).toEqual([]);
});
