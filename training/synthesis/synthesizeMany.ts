import type { TrainingItem } from '../items/item';
import { WorkerPool } from '../tools/workerPool';
import type { SpineCurve } from './spineCurves';

/** What all spines of a series have in common. */
export interface SpineSeries {
  readonly seed: number;
  /** Real spine curves, or null to sample them from the published steps. */
  readonly curves: readonly SpineCurve[] | null;
  /** Share of numbering variants; as among people where missing. */
  readonly variants?: number;
}

export interface SynthesisOptions extends SpineSeries {
  readonly count: number;
  readonly workers: number;
  readonly onProgress?: (done: number) => void;
}

/** Spines of a series by their index; each is seeded by itself, so the number of threads changes nothing. */
export const spinePool = (
  { seed, curves, variants }: SpineSeries,
  workers: number,
): WorkerPool<number, TrainingItem> =>
  new WorkerPool({
    module: new URL('./synthesisWorker.ts', import.meta.url),
    data: { seed, curves, variants } satisfies SpineSeries,
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
