import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NO_HU, openBoth, type BothReaders } from '../sameValues';
import { TOLERANCE_MM } from '../search';

let both: BothReaders;

beforeAll(async () => {
  both = await openBoth();
}, 300_000);

afterAll(() => both?.close());

test('the viewer answers as the command line does, whatever way the pixels are stored', async () => {
  const { pixels, commandLine } = both;
  for (const [kind, uid] of Object.entries(pixels.kinds)) {
    const expected = commandLine.get(uid);
    if (kind === NO_HU) {
      expect(expected).toMatchObject({ status: 'refused', reason: 'values-not-hu' });
    } else {
      expect([kind, expected?.status]).toEqual([kind, 'found']);
      expect(Math.abs(Number(expected?.z) - pixels.l3)).toBeLessThanOrEqual(TOLERANCE_MM);
    }
    expect([kind, await both.inViewer(kind)]).toEqual([kind, expected]);
  }
}, 600_000);
