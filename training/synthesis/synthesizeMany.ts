import type { TrainingItem } from '../items/item';
import { WorkerPool } from '../tools/workerPool';
import type { SpineCurve } from './spineCurves';
import { synthesizeItem } from './synthesizeItem';
import { synthesizeNegative } from './synthesizeNegative';

/** What all spines of a series have in common. */
export interface SpineSeries {
  readonly seed: number;
  /** Real spine curves, or null to sample them from the published steps. */
  readonly curves: readonly SpineCurve[] | null;
  /** Share of numbering variants; as among people where missing. */
  readonly variants?: number;
  /** Share of the series that are no spines, evenly spread; none where missing, and the spines stay what they are. */
  readonly negatives?: number;
}

/** The item of a series at an index. */
export function itemOfSeries(
  { seed, curves, variants, negatives = 0 }: SpineSeries,
  index: number,
): TrainingItem {
  const isNegative = Math.floor((index + 1) * negatives) > Math.floor(index * negatives);
  return isNegative
    ? synthesizeNegative(seed, index)
    : synthesizeItem(seed, index, curves, variants);
}

export interface SynthesisOptions extends SpineSeries {
  readonly count: number;
  readonly workers: number;
  readonly onProgress?: (done: number) => void;
}

/** Spines of a series by their index; each is seeded by itself, so the number of threads changes nothing. */
export const spinePool = (
  { seed, curves, variants, negatives }: SpineSeries,
  workers: number,
): WorkerPool<number, TrainingItem> =>
  new WorkerPool({
    module: new URL('./synthesisWorker.ts', import.meta.url),
    data: { seed, curves, variants, negatives } satisfies SpineSeries,
    workers,
    held: 2,
  });

/**
 * Synthesises the first `count` items of a series in worker threads, in order of their index.
 *
 * @throws Error when a worker fails; the other workers are stopped.
 */
export async function synthesizeMany({
  count,
  workers,
  onProgress,
  ...series
}: SynthesisOptions): Promise<TrainingItem[]> {
  let done = 0;
  const indices = Array.from({ length: count }, (_, index) => index);
  return spinePool(series, Math.min(workers, count)).runAll(indices, () => onProgress?.(++done));
}
