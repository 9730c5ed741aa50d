import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { DICOM } from '../../fuzz/dicomKind';
import { fuzz, type Kind } from '../../fuzz/fuzz';
import { FRAMES } from '../../fuzz/frameKind';
import { NIFTI } from '../../fuzz/niftiKind';
import { CORRECTIONS, MANIFESTS, REPORTS } from '../../fuzz/recordKinds';

const KINDS: readonly Kind[] = [NIFTI, DICOM, FRAMES, REPORTS, CORRECTIONS, MANIFESTS];
/** Behind those of the sample in `npm test`. */
const FIRST_SEED = 10_001;
const BUDGET = { seconds: 5, bytes: 512 * 1024 ** 2 };

beforeEach(() => {
  // The decoders write what they think of a stream.
  for (const level of ['error', 'warn', 'log'] as const) {
    jest.spyOn(console, level).mockImplementation(() => undefined);
  }
});
afterEach(() => {
  jest.restoreAllMocks();
});

test.each(KINDS)(
  'odd $name are read or refused with words, and a healthy one after each as ever',
  async (kind) => {
    const { outcomes, failures } = await fuzz(kind, kind.count, {
      firstSeed: FIRST_SEED,
      budget: BUDGET,
    });
    expect(failures).toEqual([]);
    expect(outcomes.accepted).toBeGreaterThan(0);
    expect(outcomes.accepted + outcomes.refused).toBe(kind.count);
  },
  1_200_000,
);
