import { Worker } from 'node:worker_threads';
import type { SpineCurve } from '../synthesis/spineCurves';
import type { CalibrationShare } from './calibrateWorker';
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
  const { model, count, seed, curves } = options;
  const samples = new Array<Sample>(count);
  const step = Math.max(1, Math.min(options.threads, count));
  let done = 0;
  const workers: Worker[] = [];
  const run = (first: number) =>
    new Promise<void>((resolve, reject) => {
      const workerData: CalibrationShare = { model, seed, count, curves, first, step };
      const worker = new Worker(new URL('./startWorker.mjs', import.meta.url), {
        workerData,
        execArgv: [],
      });
      workers.push(worker);
      worker.on('message', ({ index, sample }: { index: number; sample: Sample }) => {
        samples[index] = sample;
        options.onProgress?.(++done);
      });
      worker.on('error', reject);
      worker.on('exit', (code) =>
        code === 0
          ? resolve()
          : reject(new Error(`A calibration worker ended with status ${code}.`)),
      );
    });
  try {
    await Promise.all(Array.from({ length: step }, (_, first) => run(first)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return samples;
}
