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
