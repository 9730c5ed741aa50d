import type { DataSource } from '../../../../src/viewer/host/ohif';
import { Problem } from '../../../../src/viewer/host/problem';
import { storeObstacle, storeReport } from '../../../../src/viewer/keep/storeReport';

const REPORT = {
  StudyInstanceUID: '1.2.3',
  SeriesInstanceUID: '1.2.3.7',
  InstanceNumber: '2',
};

function source(change: Partial<DataSource> = {}): DataSource {
  return { store: { dicom: async () => undefined }, ...change };
}

const listing = (list: unknown): Pick<DataSource, 'query'> => ({
  query: { series: { search: async () => list } },
});

async function problem(storing: Promise<void>): Promise<Problem> {
  const error: unknown = await storing.catch((reason: unknown) => reason);
  if (!(error instanceof Problem)) throw new Error(`no problem: ${String(error)}`);
  return error;
}

test('hands the data set to the data source, and makes the host ask again', async () => {
  const stored: object[] = [];
  const asked: string[] = [];
  await storeReport(
    source({
      store: { dicom: async (dataset) => stored.push(dataset) },
      deleteStudyMetadataPromise: (uid) => asked.push(uid),
    }),
    REPORT,
  );
  expect(stored).toEqual([REPORT]);
  expect(asked).toEqual(['1.2.3']);
});

test.each([
  [{ status: 0 }, /cannot be reached/, /once it is back/],
  [new TypeError('Failed to fetch'), /cannot be reached/, /once it is back/],
  [{ status: 502 }, /cannot be reached/, /once it is back/],
  [{ request: { status: 401 } }, /login has expired/, /Log in again/],
  [{ status: 403 }, /may not store/, /administrator/],
  [{ response: { status: 507 } }, /no room left/, /when there is room/],
  [{ status: 413 }, /no room left/, /when there is room/],
  [{ status: 405 }, /takes no reports/, /Export it as a file/],
  [{ status: 500 }, /failed to store the report \(HTTP 500\)/, /in a minute/],
  [{ status: 409 }, /refused the report \(HTTP 409\)/, /Export|export/],
])('%j is told in words, with what to do', async (error, message, advice) => {
  const failing = source({ store: { dicom: () => Promise.reject(error) } });
  const told = await problem(storeReport(failing, REPORT));
  expect(told.message).toMatch(message);
  expect(told.advice).toMatch(advice);
  expect(told.advice).toContain('Your mark stays in the viewer');
});

const failed = (...comments: string[]) => ({
  '00081198': {
    vr: 'SQ',
    Value: comments.map((text) => ({ '00000902': { vr: 'LO', Value: [text] } })),
  },
});
test.each([
  [503, '{"message":"/data is kept by another server"}', '/data is kept by another server'],
  [
    409,
    JSON.stringify(failed('another patient', 'another patient', 'no UID')),
    'another patient. no UID',
  ],
  [409, failed('another patient'), 'another patient'],
  [
    400,
    new TextEncoder().encode('{"Message":"Bad file","Details":"no tag"}').buffer,
    'Bad file. no tag',
  ],
  [500, '<html>Proxy error</html>', undefined],
  [500, '[null, 7]', undefined],
  [500, '{"message": {"00000902": 1}}', undefined],
  [500, null, undefined],
])('HTTP %i, %j: the words of the server stand beside ours', async (status, response, said) => {
  const error = Object.assign(new Error('request failed'), { status, response });
  const told = await problem(
    storeReport(source({ store: { dicom: () => Promise.reject(error) } }), REPORT),
  );
  expect(told.explanation.detail).toBe(said);
});

test('a PACS that never answers is told of after a while', async () => {
  const silent = source({ store: { dicom: () => new Promise(() => {}) } });
  const told = await problem(storeReport(silent, REPORT, 5));
  expect(told.message).toMatch(/has not answered yet/);
  expect(told.advice).toMatch(/may still store it/);
});

describe('asks back whether it is there', () => {
  test.each([
    ['not listed', []],
    ['another series', [{ seriesInstanceUid: '1.2.3.8', numSeriesInstances: 9 }]],
    ['an instance too few', [{ seriesInstanceUid: '1.2.3.7', numSeriesInstances: 1 }]],
  ])('%s: not stored, whatever the PACS answered', async (_, list) => {
    const told = await problem(storeReport(source(listing(list)), REPORT));
    expect(told.message).toMatch(/does not list it/);
  });

  test.each([
    ['listed', [{ seriesInstanceUid: '1.2.3.7', numSeriesInstances: 2 }]],
    ['listed without a count', [{ seriesInstanceUid: '1.2.3.7' }]],
    ['no list', null],
  ])('%s: stored', async (_, list) => {
    await expect(storeReport(source(listing(list)), REPORT)).resolves.toBeUndefined();
  });

  test('a list that cannot be had says nothing', async () => {
    const search = () => Promise.reject(new Error('down'));
    const deaf = source({ query: { series: { search } } });
    await expect(storeReport(deaf, REPORT)).resolves.toBeUndefined();
  });
});

test('a data source that stores nothing says so before anything is tried', async () => {
  for (const none of [undefined, {}, { store: {} }]) {
    expect(storeObstacle(none)).toEqual({ key: 'keep.noPacs' });
    expect((await problem(storeReport(none, REPORT))).message).toMatch(/do not come from a PACS/);
  }
  expect(storeObstacle(source())).toBeNull();
});
