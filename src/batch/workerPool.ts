import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { CREDENTIALS } from '../dicomweb/credentials';
import { BatchError } from './batchError';
import type { FromWorker, SearchedSeries, SearchTask, ToWorker } from './workerMessages';

export interface PoolOptions {
  /** The program of a worker process. */
  readonly script: string;
  readonly jobs: number;
  readonly open: Omit<Extract<ToWorker, { kind: 'open' }>, 'threads'>;
}

/** How a series was searched, or how its worker ended, twice. */
export type Outcome = SearchedSeries | { readonly crashed: string };

/** How long workers may take to end when they are told to, ms. */
const PATIENCE = 3_000;
/** What is kept of what a worker says before it ends, characters. */
const LAST_WORDS = 2_000;

/** Worker processes, each with a model of its own; one that crashes costs its series alone. */
export class WorkerPool {
  private readonly idle: Worker[] = [];
  private readonly all = new Set<Worker>();
  private readonly waiting: (() => void)[] = [];
  private busy = 0;
  private closed = false;

  constructor(private readonly options: PoolOptions) {}

  /**
   * Waits for a free worker, then starts a search.
   *
   * @returns at once when the search has begun, with the promise of its outcome.
   */
  async begin(task: SearchTask): Promise<{ readonly outcome: Promise<Outcome> }> {
    while (this.busy >= this.options.jobs) {
      await new Promise<void>((resume) => this.waiting.push(resume));
    }
    this.busy++;
    const outcome = this.search(task).finally(() => {
      this.busy--;
      this.waiting.shift()?.();
    });
    outcome.catch(() => undefined); // seen by who awaits it, or by nobody after a stop
    return { outcome };
  }

  /** Ends all workers, and with them what they are searching. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.all].map((worker) => worker.end()));
  }

  /** @throws BatchError when no worker can be started or the model cannot be opened. */
  private async search(task: SearchTask): Promise<Outcome> {
    let crashed = '';
    for (let attempt = 0; attempt < 2 && !this.closed; attempt++) {
      const worker = this.idle.pop() ?? (await this.start());
      const outcome = await worker.search(task);
      if (!('crashed' in outcome)) {
        this.idle.push(worker);
        return outcome;
      }
      crashed = outcome.crashed;
      this.all.delete(worker);
    }
    return { crashed };
  }

  private async start(): Promise<Worker> {
    const { script, jobs, open } = this.options;
    const share = Math.max(1, Math.floor(availableParallelism() / jobs));
    const worker = new Worker(script, share);
    this.all.add(worker);
    const fault = await worker.open({ ...open, threads: share });
    if (fault === null) return worker;
    this.all.delete(worker);
    await worker.end();
    throw new BatchError(fault, false);
  }
}

class Worker {
  private readonly child: ChildProcess;
  private readonly ended: Promise<string>;
  private lastWords = '';

  constructor(script: string, threads: number) {
    this.child = fork(script, {
      execArgv: [`--v8-pool-size=${threads}`],
      // It has nothing to ask of a PACS.
      env: {
        ...process.env,
        [CREDENTIALS]: undefined,
        UV_THREADPOOL_SIZE: String(Math.min(4, Math.max(2, threads))),
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.lastWords = (this.lastWords + chunk.toString()).slice(-LAST_WORDS);
    });
    this.ended = new Promise((done) => {
      this.child.once('error', (error) => done(error.message));
      this.child.once('exit', (code, signal) => done(signal ?? `exit status ${code}`));
    });
  }

  /** @returns null when the model is open, or why it is not. */
  async open(message: Extract<ToWorker, { kind: 'open' }>): Promise<string | null> {
    const answer = await this.ask(message);
    if ('crashed' in answer) {
      return `a worker process ended before its first series (${answer.crashed}). ${this.lastWords.trim()}`;
    }
    return answer.kind === 'not-opened' ? answer.message : null;
  }

  async search(task: SearchTask): Promise<Outcome> {
    const answer = await this.ask({ kind: 'search', ...task });
    if ('crashed' in answer) return answer;
    if (answer.kind !== 'answered') throw new Error(`A worker answered ${answer.kind} to a search`);
    return answer;
  }

  async end(): Promise<void> {
    if (this.child.connected) this.tell({ kind: 'stop' });
    const deadline = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE);
    await this.ended;
    clearTimeout(deadline);
  }

  /** Sends one message and waits for the answer to it, or the end of the process. */
  private async ask(message: ToWorker): Promise<FromWorker | { readonly crashed: string }> {
    const answer = new Promise<FromWorker>((done) => this.child.once('message', done));
    if (this.child.connected) this.tell(message);
    return Promise.race([answer, this.ended.then((crashed) => ({ crashed }))]);
  }

  private tell(message: ToWorker): void {
    // A process that is ending takes no message; its end is seen by `ended`.
    this.child.send(message, () => undefined);
  }
}
