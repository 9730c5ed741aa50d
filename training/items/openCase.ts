import { checkInput } from '../../src/io/checkInput';
import { openInput } from '../../src/io/openInput';
import type { LoadedSeries } from '../../src/io/types';
import { projectSeries } from '../../src/projection/projectSeries';
import type { Projection } from '../../src/projection/types';
import type { Series, VoxelSource } from '../../src/series/types';
import type { Case } from './cases';
import { CHANNELS, WINDOWS } from './toItem';

export interface OpenCase {
  readonly series: Series;
  readonly source: VoxelSource;
}

/**
 * Opens a case through the same readers and checks as the command line.
 *
 * @param part of the series to open alone
 * @throws Error saying why when the files cannot be read, hold more than one series, or the series
 *   is refused.
 */
export async function openCase(
  truth: Case,
  part: (series: Series) => Series = (series) => series,
): Promise<OpenCase> {
  const all: LoadedSeries[] = [];
  // Cases are many at a time already.
  const options = { modality: truth.modality, threads: 1 };
  for await (const loaded of openInput(truth.path, options)) {
    if (loaded.kind === 'failure') throw new Error(loaded.message);
    all.push(loaded);
  }
  if (all.length !== 1) throw new Error(`${truth.path} holds ${all.length} series instead of one.`);
  const check = checkInput(all[0]);
  if (!check.ok) throw new Error(`${truth.path}: ${check.reason.message}`);
  const series = part(check.series);
  return { series, source: all[0].openVoxels(series) };
}

/** One way to look at a series: the usual one, or another sagittal slab. */
export interface View {
  readonly name: string;
  readonly slab?: { readonly offsetMm: number; readonly widthMm: number };
}

const OFFSETS = [-3, -2, -1, 0, 1, 2, 3];
const HALF_WIDTHS = [0, 1, 2];

/** The usual view of a CT or a single slice; of a sagittal stack, slabs of 1, 3 and 5 slices about the 7 middle ones. */
export function viewsOf(series: Series): View[] {
  if (series.plane !== 'sagittal' || series.slices.length < 2) return [{ name: '' }];
  const mm = series.spacingMm;
  return OFFSETS.flatMap((offset) =>
    HALF_WIDTHS.map((half) => ({
      name: `slab${offset >= 0 ? '+' : ''}${offset}w${half}`,
      slab: { offsetMm: offset * mm, widthMm: 2 * half * mm },
    })),
  );
}

export function projectView({ series, source }: OpenCase, view: View): Promise<Projection> {
  return projectSeries(series, source, {
    channels: CHANNELS,
    window: WINDOWS[series.modality],
    slab: view.slab,
  });
}
