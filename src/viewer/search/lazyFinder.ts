import type { Finding } from '../../finder/types';
import type { Progress } from '../../projection/types';
import type { Series, VoxelSource } from '../../series/types';

/** The finder behind the message port (`FinderClient` of the worker), or a stand-in. */
export interface Finder {
  find(request: {
    series: Series;
    source: VoxelSource;
    onProgress?: (progress: Progress) => void;
    signal?: AbortSignal;
  }): Promise<Finding>;
  dispose(): unknown;
}

/** @throws Problem when no model is installed */
export type FinderFactory = () => Promise<Finder>;

/** Progress is shown at most this often, ms. */
const PROGRESS_INTERVAL_MS = 100;

/** The finder, made with the first search and kept for the next ones. */
export class LazyFinder {
  private finder: Promise<Finder> | null = null;

  constructor(private readonly create: FinderFactory) {}

  get(): Promise<Finder> {
    this.finder ??= this.create().catch((error: unknown) => {
      this.finder = null;
      throw error;
    });
    return this.finder;
  }

  dispose(): void {
    void this.finder?.then((finder) => finder.dispose()).catch(() => {});
    this.finder = null;
  }
}

/** Passes progress on as often as people can read it, and every stage's beginning and end. */
export function readable(report: (progress: Progress) => void): (progress: Progress) => void {
  let stage = '';
  let last = -Infinity;
  return (progress) => {
    const now = performance.now();
    const due = progress.stage !== stage || progress.done === progress.of;
    if (!due && now - last < PROGRESS_INTERVAL_MS) return;
    [stage, last] = [progress.stage, now];
    report(progress);
  };
}
