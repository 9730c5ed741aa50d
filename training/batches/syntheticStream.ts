import { availableParallelism } from 'node:os';
import type { TrainingItem } from '../items/item';
import { readSpineCurves } from '../synthesis/spineCurves';
import { spinePool } from '../synthesis/synthesizeMany';
import type { WorkerPool } from '../tools/workerPool';

/** Synthetic spines that are made in worker threads while the network trains. */
export interface StreamOptions {
  /** How many spines batches are drawn from at most: 0.1 MB each. */
  readonly pool: number;
  /** How many new ones a step brings; when the pool is full, each takes the oldest one's place. */
  readonly fresh: number;
  /** Share of numbering variants. */
  readonly variants: number;
  /** Share of pictures without a lumbar spine among them; none where missing. */
  readonly negatives?: number;
  /** Table of real spine curves; sampled from published distances where there is none. */
  readonly curves: string;
}

export const DEFAULT_STREAM = { fresh: 2, variants: 0.5 } as const;

/** Spines that are there before the first step; the pool grows from them. */
const FIRST = 192;
/** Spines made before they are needed. */
const AHEAD = 32;
const MOST_WORKERS = 8;

/** How many spines a run of so many steps draws from in all. */
export const spinesUntil = ({ pool, fresh }: StreamOptions, step: number): number =>
  Math.min(pool, FIRST) + Math.floor(step * fresh);

type Spines = Pick<WorkerPool<number, TrainingItem>, 'run' | 'close'>;

/**
 * The spines to draw from at each step. Which ones is a function of the step alone, so that a run goes
 * on exactly, and does not depend on how fast they are made.
 */
export class SyntheticStream {
  private readonly pool: Spines;
  private readonly made = new Map<number, Promise<TrainingItem>>();

  /** @param pool for tests; else one of its own, with a thread less than there are cores */
  constructor(
    private readonly options: StreamOptions & { readonly seed: number },
    pool?: Spines,
  ) {
    const { seed, variants, negatives } = options;
    const threads = Math.min(MOST_WORKERS, Math.max(1, availableParallelism() - 1));
    this.pool =
      pool ??
      spinePool({ seed, variants, negatives, curves: readSpineCurves(options.curves) }, threads);
  }

  /**
   * The pool of a step, oldest first; waits where spines are not there yet.
   *
   * @param step from 0 on (before the first); may go up only
   */
  async at(step: number): Promise<readonly TrainingItem[]> {
    const [from, to] = this.window(step);
    for (const index of this.made.keys()) if (index < from) this.made.delete(index);
    for (let index = from; index < to + AHEAD; index++) {
      if (!this.made.has(index)) this.made.set(index, this.make(index));
    }
    return Promise.all(Array.from({ length: to - from }, (_, i) => this.made.get(from + i)!));
  }

  async close(): Promise<void> {
    await this.pool.close();
  }

  private window(step: number): [from: number, to: number] {
    const to = spinesUntil(this.options, step);
    return [Math.max(0, to - this.options.pool), to];
  }

  private make(index: number): Promise<TrainingItem> {
    const item = this.pool.run(index);
    // Who waits for it is told; made ahead, nobody may be waiting yet.
    item.catch(() => {});
    return item;
  }
}
