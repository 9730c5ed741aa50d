import { scanOf } from './sagittal';
import type { PhantomOptions, PhantomVolume } from './types';

/**
 * Makes a synthetic CT of a torso with a countable spine (T1 to L5, sacrum, coccyx), twelve pairs of
 * ribs, iliac wings and soft tissue. Anatomy is a set of signed distance functions painted slice by
 * slice with partial volume; nothing of it comes from a patient or a data set.
 *
 * @returns HU slices with their geometry in LPS mm, and the true centres of the vertebral bodies.
 * @throws RangeError for an option out of range.
 */
export function generatePhantom(options: PhantomOptions = {}): PhantomVolume {
  const scan = scanOf(options);
  return { ...scan.header, slices: scan.instanceNumbers.map((number) => scan.slice(number)) };
}
