import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openBoth, type BothReaders } from './sameValues';
import { TOLERANCE_MM } from './search';

/** One kind for each way in which the host's values are not those of the file; the others are in `long`. */
const KINDS = [
  'padding of a high value',
  'signed pixels in an unsigned JPEG 2000 stream',
  'stored bits at the top',
  'signed stored bits at the top',
  'overlay in the unused bits',
  'another slope in each frame',
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
