import { failureToJson } from '../../../src/finder/findingJson';
import type { JournalLine } from '../../../src/batch/types';

const MODEL = { name: 'tiny', version: '1', sha256: 'aa', manifestSha256: 'bb' };

/** A line of a journal as the batch writes it. */
export function lineOf(
  path: string,
  uid: string | null,
  changes: Partial<JournalLine> = {},
): JournalLine {
  const series =
    uid === null ? null : { uid, modality: 'CT', frameOfReferenceUID: null, slices: [] };
  const failure = { message: `${path}: is damaged`, advice: 'Copy it again.' };
  const line = failureToJson({ input: '/data', path, series, model: MODEL }, failure);
  return {
    ...line,
    answered_at: '2026-01-01T00:00:00.000Z',
    files: 3,
    fingerprint: 'f1',
    lines: 1,
    picture: null,
    ...changes,
  };
}

export const FOUND: Partial<JournalLine> = {
  status: 'found',
  reason: null,
  counted_from: 'both',
  l3: {
    z_mm: -12.5,
    point_lps_mm: [1, 2, -12.5],
    sopInstanceUID: '1.2.3.4.5',
    slice_index: 6,
    slice_number: 7,
    slice_z_mm: -12,
    frame_number: null,
    probability: 0.9876,
    sd_mm: 0.91,
  },
};
