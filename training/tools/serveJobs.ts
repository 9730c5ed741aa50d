import { parentPort, workerData, type Transferable } from 'node:worker_threads';

/** What a thread of a `WorkerPool` is started with. */
export interface WorkerStart {
  /** Address of the module that calls `serveJobs`. */
  readonly module: string;
  readonly data: unknown;
}

export interface Order<Job> {
  readonly id: number;
  readonly job: Job;
}

export interface Answer<Result> {
  readonly id: number;
  readonly result: Result;
}

/** What the pool gave this thread at its start. */
export const givenData = <Data>(): Data => (workerData as WorkerStart).data as Data;

/**
 * Answers the jobs of a `WorkerPool` one after the other. An error ends the thread, and the pool with it: a
 * job that may fail answers with its failure.
 *
 * @param moved what of a result is handed over rather than copied
 */
export function serveJobs<Job, Result>(
  answer: (job: Job) => Result | Promise<Result>,
  moved: (result: Result) => readonly Transferable[] = () => [],
): void {
  const port = parentPort!;
  let last = Promise.resolve();
  port.on('message', ({ id, job }: Order<Job>) => {
    last = last.then(async () => {
      const result = await answer(job);
      port.postMessage({ id, result } satisfies Answer<Result>, [...moved(result)]);
    });
    last.catch((error: unknown) =>
      setImmediate(() => {
        throw error;
      }),
    );
  });
}
