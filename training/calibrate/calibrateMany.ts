import type { SpineCurve } from '../synthesis/spineCurves';
import { WorkerPool } from '../tools/workerPool';
import type { CalibrationSetup } from './calibrateWorker';
import type { Sample } from './sample';

export interface CalibrationOptions {
  /** Folder of the model package. */
  readonly model: string;
  readonly count: number;
  readonly seed: number;
  readonly threads: number;
  readonly curves: readonly SpineCurve[] | null;
  readonly onProgress?: (done: number) => void;
}

/**
 * Makes samples in worker threads, each with a session of its own, in order of their index; the
 * result does not depend on the number of threads.
 *
 * @throws Error when a worker fails; the others are stopped.
 */
export async function calibrateMany(options: CalibrationOptions): Promise<Sample[]> {
  const { model, count, seed, threads, curves } = options;
  const pool = new WorkerPool<number, Sample>({
    module: new URL('./calibrateWorker.ts', import.meta.url),
    data: { model, seed, curves } satisfies CalibrationSetup,
    workers: Math.min(threads, count),
    held: 2,
  });
  let done = 0;
  const indices = Array.from({ length: count }, (_, index) => index);
  return pool.runAll(indices, () => options.onProgress?.(++done));
}
