import type { SlicePixels, VoxelSource } from '../series/types';
import type { ToWorker } from './messages';

/** Slices the page may have under way to the worker: about 6 MB of a usual CT. */
const CREDIT = 12;
/** So many are asked for at once, for each message wakes the page. */
const LOT = 4;

type SliceMessage = Extract<ToWorker, { type: 'slice' }>;

/**
 * The voxels of a series that come through a message port, in order: asks for so many ahead, and for
 * more as they are used, so that few are held at a time.
 */
export class PortSource implements VoxelSource {
  private readonly arrived: SliceMessage[] = [];
  private onArrival: () => void = () => undefined;

  /** @param grant tells the other end that it may send so many more slices */
  constructor(private readonly grant: (slices: number) => void) {}

  /** A slice has come. */
  push(slice: SliceMessage): void {
    this.arrived.push(slice);
    this.onArrival();
  }

  /**
   * @throws RangeError when another slice comes than the one that is due; the signal's reason when
   *   aborted, also while it waits
   */
  async readSlice(
    index: number,
    signal?: AbortSignal,
  ): Promise<{ pixels: SlicePixels; slope: number; intercept: number }> {
    signal?.throwIfAborted();
    // The slices before this one are used by now.
    if (index === 0) this.grant(CREDIT);
    else if (index % LOT === 0) this.grant(LOT);
    const slice = this.arrived.shift() ?? (await this.next(signal));
    if (slice.index !== index) {
      throw new RangeError(`Slice ${slice.index} came where ${index} was due`);
    }
    const { pixels, slope, intercept } = slice;
    return { pixels, slope, intercept };
  }

  private next(signal?: AbortSignal): Promise<SliceMessage> {
    return new Promise((resolve, reject) => {
      const stop = () => reject(signal?.reason);
      signal?.addEventListener('abort', stop, { once: true });
      this.onArrival = () => {
        this.onArrival = () => undefined;
        signal?.removeEventListener('abort', stop);
        resolve(this.arrived.shift()!);
      };
    });
  }
}
