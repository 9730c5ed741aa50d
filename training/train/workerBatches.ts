import { Worker } from 'node:worker_threads';
import type { Batch, BatchSource } from './batch';
import type { BatchWorkerData, OpenedItems } from './batchWorker';

/** Batches ready before they are asked for. */
const AHEAD = 3;

/** Makes batches in a worker thread, a few steps ahead of the trainer. */
export class WorkerBatches implements BatchSource {
  private readonly ready = new Map<number, Batch>();
  private readonly waiting = new Map<number, (batch: Batch) => void>();
  private failure: Error | null = null;
  private fail: (error: Error) => void = () => {};
  private requested = 0;

  private constructor(
    private readonly worker: Worker,
    private readonly lastStep: number,
  ) {
    worker.on('message', (batch: Batch) => {
      const resolve = this.waiting.get(batch.step);
      this.waiting.delete(batch.step);
      if (resolve) resolve(batch);
      else this.ready.set(batch.step, batch);
    });
    worker.on('error', (error: Error) => {
      this.failure = error;
      this.fail(error);
    });
  }

  /** @throws the worker's error when items cannot be read or nothing is left to train on */
  static async open(
    data: BatchWorkerData,
    lastStep: number,
  ): Promise<OpenedItems & { batches: WorkerBatches }> {
    const worker = new Worker(new URL('./batchWorkerEntry.mjs', import.meta.url), {
      workerData: data,
    });
    const opened = await new Promise<OpenedItems>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    return { batches: new WorkerBatches(worker, lastStep), ...opened };
  }

  next(step: number): Promise<Batch> {
    if (this.failure) return Promise.reject(this.failure);
    const from = Math.max(step, this.requested + 1);
    const to = Math.min(step + AHEAD, this.lastStep);
    for (let ahead = from; ahead <= to; ahead++) {
      this.worker.postMessage(ahead);
      this.requested = ahead;
    }
    const batch = this.ready.get(step);
    this.ready.delete(step);
    if (batch) return Promise.resolve(batch);
    return new Promise((resolve, reject) => {
      this.fail = reject;
      this.waiting.set(step, resolve);
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }
}
