import type { VoxelSource } from '../series/types';

type Slice = Awaited<ReturnType<VoxelSource['readSlice']>>;

interface Begun {
  readonly slice: Promise<Slice>;
  readonly stop: AbortController;
}

/**
 * Reads slices before they are asked for, a few at a time, for one who asks for them in order: what is
 * read is the same. When a slice cannot be read, or its reader gives up, those ahead of it are given up.
 */
export class SlicesAhead implements VoxelSource {
  private readonly begun = new Map<number, Begun>();

  /**
   * @param count slices of the series.
   * @param ahead how many slices are read, or held, besides the one that is asked for.
   */
  constructor(
    private readonly source: VoxelSource,
    private readonly count: number,
    private readonly ahead: number,
  ) {}

  async readSlice(index: number, signal?: AbortSignal): Promise<Slice> {
    signal?.throwIfAborted();
    if (!this.begun.has(index)) this.giveUp();
    const { slice, stop } = this.begin(index);
    this.begun.delete(index);
    const last = Math.min(index + this.ahead, this.count - 1);
    for (let next = index + 1; next <= last; next++) this.begin(next);
    const onAbort = () => stop.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await slice;
    } catch (error) {
      this.giveUp();
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  private begin(index: number): Begun {
    const known = this.begun.get(index);
    if (known) return known;
    const stop = new AbortController();
    const slice = this.source.readSlice(index, stop.signal);
    slice.catch(() => undefined); // told to who asks for it, or to nobody
    const begun = { slice, stop };
    this.begun.set(index, begun);
    return begun;
  }

  private giveUp(): void {
    for (const { stop } of this.begun.values()) stop.abort();
    this.begun.clear();
  }
}
