import type { Series } from '../../series/types';

/** The number a person sees for a slice of `series`: 1-based, in the order of the host's stack. */
export function sliceNumberOf(series: Series, sliceIndex: number | null): number | null {
  return sliceIndex === null ? null : series.sourceIndex[sliceIndex] + 1;
}
