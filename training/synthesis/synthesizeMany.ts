import { Worker } from 'node:worker_threads';
import type { TrainingItem } from '../prepare/item';
import type { SpineCurve } from './spineCurves';
import type { SynthesisResult, SynthesisShare } from './synthesisWorker';

export interface SynthesisOptions {
  readonly count: number;
  readonly seed: number;
  /** Real spine curves, or null to sample them from the published steps. */
  readonly curves: readonly SpineCurve[] | null;
  readonly workers: number;
  /** Share of numbering variants; as among people where missing. */
  readonly variants?: number;
  readonly onProgress?: (done: number) => void;
}

/**
 * Synthesises `count` items in worker threads, in order of their index. Each item is seeded by
 * itself, so the result does not depend on the number of workers.
 *
 * @throws Error when a worker fails; the other workers are stopped.
 */
export async function synthesizeMany(options: SynthesisOptions): Promise<TrainingItem[]> {
  const items = new Array<TrainingItem>(options.count);
  const step = Math.max(1, Math.min(options.workers, options.count));
  let done = 0;
  const workers: Worker[] = [];
  const run = (first: number) =>
    new Promise<void>((resolve, reject) => {
      const share: SynthesisShare = {
        seed: options.seed,
        count: options.count,
        curves: options.curves,
        variants: options.variants,
        first,
        step,
      };
      const worker = new Worker(new URL('./startWorker.mjs', import.meta.url), {
        workerData: share,
        execArgv: [],
      });
      workers.push(worker);
      worker.on('message', (result: SynthesisResult) => {
        items[result.index] = result.item;
        options.onProgress?.(++done);
      });
      worker.on('error', reject);
      worker.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`A synthesis worker ended with status ${code}.`)),
      );
    });
  try {
    await Promise.all(Array.from({ length: step }, (_, first) => run(first)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return items;
}
