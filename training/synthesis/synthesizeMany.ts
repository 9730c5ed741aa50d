import type { TrainingItem } from '../prepare/item';
import type { SpineSeries } from './synthesisWorker';
import { Synthesizer } from './synthesizer';

export interface SynthesisOptions extends SpineSeries {
  readonly count: number;
  readonly workers: number;
  readonly onProgress?: (done: number) => void;
}

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
  const { seed, curves, variants } = series;
  const synthesizer = new Synthesizer({ seed, curves, variants }, Math.min(workers, count));
  let done = 0;
  try {
    return await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const item = await synthesizer.make(index);
        onProgress?.(++done);
        return item;
      }),
    );
  } finally {
    await synthesizer.close();
  }
}
