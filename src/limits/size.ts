import { phrase, type Phrase } from '../reasons/phrases';
import { reason, type Reason } from '../reasons/reasons';

/** What lies between two neighbouring samples of a scan of a person, mm. */
export const SAMPLE_MM = { least: 0.05, most: 20 } as const;
/** What a scan of a person reaches over at most, mm. */
const MOST_EXTENT_MM = 2500;

/** What is between the samples: neighbours within a slice, or slices. */
export type Samples = 'pixels' | 'slices';

/**
 * Why a distance between neighbouring samples is none of a person's scan, or null.
 *
 * @param mm their distance, the larger or smaller than any other of the series.
 */
export function implausibleSample(mm: number, between: Samples): Reason | null {
  if (mm >= SAMPLE_MM.least && mm <= SAMPLE_MM.most) return null;
  return implausible(
    phrase(between === 'pixels' ? 'size-pixels' : 'size-slices', { mm: short(mm) }),
  );
}

/** Why no person reaches that far, or null. @param mm extents along any axes. */
export function implausibleExtent(mm: readonly number[]): Reason | null {
  if (mm.every((extent) => extent <= MOST_EXTENT_MM)) return null;
  return implausible(phrase('size-extent', { mm: mm.map(short).join(' x ') }));
}

/** The refusal of a series for its size, of which `found` is named. */
export function implausible(found: Phrase): Reason {
  return reason('implausible-size', { detail: found });
}

/** Three digits of a length, without an exponent where one can be avoided. */
export function short(mm: number): string {
  return String(Number(mm.toPrecision(3)));
}
