import { Worker } from 'node:worker_threads';
import type { CaseRecord } from './caseCache';
import type { CaseJob, WorkerSetup } from './caseWorker';

/**
 * Does cases in worker threads, one at a time each, so that memory is bounded by `workers` scans.
 * What is done is in the cache at once; nothing else is kept.
 *
 * @throws Error when a worker fails for another reason than its case; what is done stays done.
 */
export async function runCases(
  jobs: readonly CaseJob[],
  { workers, setup }: { readonly workers: number; readonly setup: WorkerSetup },
  onDone: (record: CaseRecord) => void,
): Promise<void> {
  const left = [...jobs];
  const running: Worker[] = [];
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./startWorker.mjs', import.meta.url), {
        workerData: setup,
        execArgv: [],
      });
      running.push(worker);
      const next = () => {
        const job = left.shift();
        if (job) worker.postMessage(job);
        else resolve();
      };
      worker.on('message', (record: CaseRecord) => {
        onDone(record);
        next();
      });
      worker.on('error', reject);
      worker.on('exit', (code) => {
        if (code !== 0) reject(new Error(`A worker of prepare ended with status ${code}.`));
      });
      next();
    });
  try {
    await Promise.all(Array.from({ length: Math.min(workers, jobs.length) }, work));
  } finally {
    await Promise.all(running.map((worker) => worker.terminate()));
  }
}
