import { Worker } from 'node:worker_threads';
import type { Answer, Order, WorkerStart } from './serveJobs';

interface Task<Job, Result> {
  readonly job: Job;
  resolve(result: Result): void;
  reject(error: Error): void;
}

/** A module that answers jobs in worker threads (`serveJobs`), and how many threads. */
export interface PoolOptions {
  readonly module: URL;
  /** What every thread is given at its start. */
  readonly data: unknown;
  readonly workers: number;
  /** Jobs that lie with a thread at a time: more than one where it must not wait for the next. */
  readonly held?: number;
}

/**
 * Jobs in worker threads. A thread does its jobs in the order they were asked for; a job's answer is that
 * of its promise, so results are in order whatever the number of threads.
 */
export class WorkerPool<Job, Result> {
  private readonly threads: { readonly worker: Worker; readonly held: Set<number> }[];
  private readonly waiting: Task<Job, Result>[] = [];
  private readonly running = new Map<number, Task<Job, Result>>();
  private readonly most: number;
  private failure: Error | null = null;
  private closed = false;
  private asked = 0;

  constructor({ module, data, workers, held = 1 }: PoolOptions) {
    this.most = held;
    this.threads = Array.from({ length: Math.max(1, workers) }, () => {
      const worker = new Worker(new URL('./startWorker.mjs', import.meta.url), {
        workerData: { module: module.href, data } satisfies WorkerStart,
        execArgv: [],
      });
      const thread = { worker, held: new Set<number>() };
      worker.on('message', ({ id, result }: Answer<Result>) => {
        const task = this.running.get(id);
        this.running.delete(id);
        thread.held.delete(id);
        task?.resolve(result);
        this.handOut();
      });
      worker.on('error', (error: Error) => this.fail(error));
      worker.on('exit', (status) => {
        if (!this.closed) this.fail(new Error(`A worker thread ended with status ${status}.`));
      });
      return thread;
    });
  }

  /** @throws the error of a thread, for this and every later job */
  run(job: Job): Promise<Result> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting.push({ job, resolve, reject });
      this.handOut();
    });
  }

  /**
   * Does all jobs and closes the pool.
   *
   * @returns results in the order of the jobs
   * @throws the first error of a thread; the others are stopped
   */
  async runAll(
    jobs: readonly Job[],
    onDone: (result: Result) => void = () => {},
  ): Promise<Result[]> {
    try {
      return await Promise.all(
        jobs.map(async (job) => {
          const result = await this.run(job);
          onDone(result);
          return result;
        }),
      );
    } finally {
      await this.close();
    }
  }

  /** Stops the threads; what they were at is never answered. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  private handOut(): void {
    while (this.waiting.length > 0 && !this.failure) {
      const free = this.threads.reduce((one, other) =>
        other.held.size < one.held.size ? other : one,
      );
      if (free.held.size >= this.most) return;
      const task = this.waiting.shift()!;
      const id = this.asked++;
      this.running.set(id, task);
      free.held.add(id);
      free.worker.postMessage({ id, job: task.job } satisfies Order<Job>);
    }
  }

  private fail(error: Error): void {
    if (this.failure) return;
    this.failure = error;
    const tasks = [...this.running.values(), ...this.waiting.splice(0)];
    this.running.clear();
    for (const { reject } of tasks) reject(error);
  }
}
