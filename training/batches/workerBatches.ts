import { WorkerPool } from '../tools/workerPool';
import type { Batch, BatchSource } from './batch';
import type { BatchJob, BatchWorkerData, OpenedItems } from './batchWorker';

/** Batches ready before they are asked for. */
const AHEAD = 3;

/** Makes batches in a worker thread, a few steps ahead of the trainer. */
export class WorkerBatches implements BatchSource {
  private readonly made = new Map<number, Promise<Batch>>();
  private requested = 0;

  private constructor(
    private readonly pool: WorkerPool<BatchJob, OpenedItems | Batch>,
    private readonly lastStep: number,
  ) {}

  /** @throws the worker's error when items cannot be read or nothing is left to train on */
  static async open(
    data: BatchWorkerData,
    lastStep: number,
  ): Promise<OpenedItems & { batches: WorkerBatches }> {
    const module = new URL('./batchWorker.ts', import.meta.url);
    const pool = new WorkerPool<BatchJob, OpenedItems | Batch>({
      ...{ module, data, workers: 1, held: AHEAD + 1 },
    });
    try {
      const opened = (await pool.run('open')) as OpenedItems;
      return { batches: new WorkerBatches(pool, lastStep), ...opened };
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  next(step: number): Promise<Batch> {
    const to = Math.min(step + AHEAD, this.lastStep);
    for (let ahead = Math.max(step, this.requested + 1); ahead <= to; ahead++) {
      const batch = this.pool.run(ahead) as Promise<Batch>;
      // Who waits for it is told; made ahead, nobody may be waiting yet.
      batch.catch(() => {});
      this.made.set(ahead, batch);
      this.requested = ahead;
    }
    const batch = this.made.get(step)!;
    this.made.delete(step);
    return batch;
  }

  async close(): Promise<void> {
    await this.pool.close();
  }
}
