import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTables } from '../../../../src/batch/tables';
import type { JournalLine } from '../../../../src/batch/types';
import { doubtsFirst, nextItem, readReviewList } from '../../../../src/viewer/review/reviewList';
import { FOUND, lineOf } from '../../batch/lines';

const found = (study: string, series: string, probability: number): JournalLine =>
  lineOf(`/${series}`, series, {
    ...FOUND,
    studyInstanceUID: study,
    l3: { ...FOUND.l3!, probability },
  });
const undetermined = (study: string, series: string): JournalLine =>
  lineOf(`/${series}`, series, {
    status: 'undetermined',
    studyInstanceUID: study,
    reason: { code: 'ambiguous', message: '', advice: '' },
  });
const LINES = [
  found('1.1', '1.1.1', 0.99),
  found('1.2', '1.2.1', 0.8),
  undetermined('1.3', '1.3.1'),
  lineOf('/broken', null),
  // The study's other series was found.
  undetermined('1.1', '1.1.2'),
  // Searched again.
  found('1.4', '1.4.1', 0.7),
  found('1.4', '1.4.1', 0.95),
];
const jsonl = LINES.map((line) => `${JSON.stringify(line)}\n`).join('');
const EXPECTED = [
  { studyInstanceUID: '1.3', status: 'undetermined', probability: null, reason: 'ambiguous' },
  { studyInstanceUID: '1.2', status: 'found', probability: 0.8 },
  { studyInstanceUID: '1.4', seriesInstanceUID: '1.4.1', probability: 0.95 },
  { studyInstanceUID: '1.1', seriesInstanceUID: '1.1.1', probability: 0.99, reason: null },
];

test('results.jsonl: an item a study, of its surest answer, doubts first', () => {
  expect(readReviewList(jsonl)).toMatchObject(EXPECTED);
  expect(readReviewList(jsonl)).toHaveLength(4);
});

test('results.csv that the batch makes of it says the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'find-l3-review-'));
  writeFileSync(join(folder, 'results.jsonl'), jsonl);
  await makeTables(folder);
  const csv = readFileSync(join(folder, 'results.csv'), 'utf8');
  rmSync(folder, { recursive: true });
  expect(readReviewList(csv)).toEqual(readReviewList(jsonl));
  expect(readReviewList(`\uFEFF${csv}`)).toHaveLength(4);
});

test('a batch that is still writing has not finished its last line', () => {
  expect(readReviewList(jsonl.slice(0, -40))).toHaveLength(4);
});

test.each([
  ['another table', 'name,age\r\nx,1\r\n', 'no-columns'],
  ['a page', '<html></html>', 'no-columns'],
  ['nothing', '', 'no-columns'],
  ['another JSON', '{"a":1}\n{"a":2}\n', 'bad-line'],
  [
    'a status that no batch writes',
    'studyInstanceUID,seriesInstanceUID,status\r\n1,2,great\r\n',
    'bad-line',
  ],
  ['no study in it', `${JSON.stringify(lineOf('/broken', null))}\n`, 'empty'],
])('%s is no list, and why is said', (_, text, why) => {
  expect(() => readReviewList(text)).toThrow(expect.objectContaining({ why }) as Error);
});

describe('the next one', () => {
  const items = readReviewList(jsonl);
  const uid = (done: string[], after: string | null) =>
    nextItem(items, new Set(done), after)?.studyInstanceUID ?? null;

  test('is the first that is not done behind the open one, from the start again at the end', () => {
    expect(uid([], null)).toBe('1.3');
    expect(uid([], '1.3')).toBe('1.2');
    expect(uid(['1.2', '1.4'], '1.3')).toBe('1.1');
    expect(uid([], '1.1')).toBe('1.3');
    expect(uid(['1.3'], 'not listed')).toBe('1.2');
  });

  test('is none where all others are done', () => {
    expect(uid(['1.1', '1.2', '1.4'], '1.3')).toBe(null);
    expect(uid(['1.1', '1.2', '1.3', '1.4'], null)).toBe(null);
  });
});

test('refused ones come last', () => {
  const item = { studyInstanceUID: '1', seriesInstanceUID: '2', reason: null, probability: null };
  const order = doubtsFirst([
    { ...item, status: 'refused' },
    { ...item, status: 'found', probability: 1 },
    { ...item, status: 'undetermined' },
  ]);
  expect(order.map(({ status }) => status)).toEqual(['undetermined', 'found', 'refused']);
});
