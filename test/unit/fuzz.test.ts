import { DICOM } from '../fuzz/dicomKind';
import { fuzz } from '../fuzz/fuzz';
import { FRAMES } from '../fuzz/frameKind';
import { NIFTI } from '../fuzz/niftiKind';
import { CORRECTIONS, MANIFESTS, REPORTS } from '../fuzz/recordKinds';

beforeEach(() => {
  // The decoders write what they think of a stream.
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

/** A sample of what `npm run test:long fuzz` reads. */
it.each([
  [NIFTI, 80],
  [DICOM, 80],
  [FRAMES, 40],
  [REPORTS, 150],
  [CORRECTIONS, 300],
  [MANIFESTS, 100],
])(
  'odd $name are read or refused with words, and a healthy one after each as ever',
  async (kind, count) => {
    const { outcomes, failures } = await fuzz(kind, count);
    expect(failures).toEqual([]);
    expect(outcomes.refused).toBeGreaterThan(0);
  },
  120_000,
);
