import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NO_HU, openBoth, type BothReaders } from './sameValues';
import { TOLERANCE_MM } from './search';

/** One kind for each way in which the host's values are not those of the file; the others are in `long`. */
const KINDS = [
  'padding of a high value',
  'signed pixels in an unsigned JPEG 2000 stream',
  'stored bits at the top',
  'another slope in each frame',
  'two phases in one series',
];

let both: BothReaders;

beforeAll(async () => {
  both = await openBoth();
}, 300_000);

afterAll(() => both?.close());

test.each(KINDS)(
  'the viewer answers as the command line does: %s',
  async (kind) => {
    const { pixels, commandLine } = both;
    const expected = commandLine.get(pixels.kinds[kind]);
    expect(expected?.status).toBe('found');
    expect(Math.abs(Number(expected?.z) - pixels.l3)).toBeLessThanOrEqual(TOLERANCE_MM);
    expect(await both.inViewer(kind)).toEqual(expected);
  },
  120_000,
);

test('the viewer refuses as the command line does: values that are no HU', async () => {
  const expected = both.commandLine.get(both.pixels.kinds[NO_HU]);
  expect(expected).toMatchObject({ status: 'refused', reason: 'values-not-hu' });
  expect(await both.inViewer(NO_HU)).toEqual(expected);
}, 120_000);
