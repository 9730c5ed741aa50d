import type { Series, VoxelSource } from '../series/types';
import { ProjectionBuilder, type ProjectionOptions } from './projectionBuilder';
import type { Projection } from './types';

/**
 * Reads every slice once, in order, and projects.
 *
 * @throws the source's error when a slice cannot be read, the signal's reason when aborted.
 */
export async function projectSeries(
  series: Series,
  source: VoxelSource,
  options: ProjectionOptions & {
    readonly onProgress?: (done: number, of: number) => void;
    readonly signal?: AbortSignal;
  },
): Promise<Projection> {
  const builder = new ProjectionBuilder(series, options);
  for (let i = 0; i < series.slices.length; i++) {
    options.signal?.throwIfAborted();
    const { pixels, slope, intercept } = await source.readSlice(i, options.signal);
    builder.addSlice(i, pixels, slope, intercept);
    options.onProgress?.(i + 1, series.slices.length);
  }
  options.signal?.throwIfAborted();
  return builder.finish();
}
