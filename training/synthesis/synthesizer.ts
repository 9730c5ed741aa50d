import { Worker } from 'node:worker_threads';
import type { TrainingItem } from '../prepare/item';
import type { SpineSeries, SynthesisResult } from './synthesisWorker';

/** Synthesises single items in worker threads; each is seeded by itself, so their number changes nothing. */
export class Synthesizer {
  private readonly workers: Worker[];
  private readonly wanted = new Map<
    number,
    { resolve(item: TrainingItem): void; reject(error: Error): void }
  >();
  private failure: Error | null = null;
  private next = 0;

  constructor(series: SpineSeries, workers: number) {
    this.workers = Array.from({ length: Math.max(1, workers) }, () => {
      const worker = new Worker(new URL('./startWorker.mjs', import.meta.url), {
        workerData: series,
        execArgv: [],
      });
      worker.on('message', ({ index, item }: SynthesisResult) => {
        this.wanted.get(index)?.resolve(item);
        this.wanted.delete(index);
      });
      worker.on('error', (error: Error) => this.fail(error));
      return worker;
    });
  }

  /**
   * @param index of the item in its series, asked for once at a time
   * @throws the worker's error, for this and every later item
   */
  make(index: number): Promise<TrainingItem> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.wanted.set(index, { resolve, reject });
      this.workers[this.next++ % this.workers.length]!.postMessage(index);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private fail(error: Error): void {
    this.failure = error;
    for (const { reject } of this.wanted.values()) reject(error);
    this.wanted.clear();
  }
}
