import { planeHeightAt } from '../../series/geometry';
import type { Vec3 } from '../../series/types';
import { Grid } from '../host/grid';
import { imagePlanes } from '../host/imagePlanes';
import { cornerstoneOf, type DisplaySet, type ExtensionParams } from '../host/ohif';
import type { LevelMark } from '../mark/types';
import { SliceFinder, type SliceAt } from '../screen/sliceFinder';
import type { SeriesName } from '../state';
import { labelOf } from '../study/target';

/** The slice of a level in one series. */
export interface LevelSlice {
  readonly displaySetInstanceUID: string;
  readonly series: SeriesName;
  readonly sopInstanceUID: string;
  /** The host's image id. */
  readonly imageId: string;
  /** 1-based, in the order of the host's stack, of so many. */
  readonly number: number;
  readonly count: number;
  /** LPS z of the slice where it passes below or above the level, mm. */
  readonly zMm: number;
  /** Whether it is of the series that the level was searched or marked in. */
  readonly isOwn: boolean;
}

/**
 * The slice of a level in the series that the reader looks at: of the active viewport, where that has one
 * there; else the nearest one, of the level's own series before others.
 *
 * @returns null where no axial slice shows the level
 */
export class ReadersSlice {
  private readonly grid: Grid;
  private readonly slices: SliceFinder;

  constructor(private readonly params: ExtensionParams) {
    const { servicesManager, extensionManager } = params;
    this.grid = new Grid(servicesManager.services);
    this.slices = new SliceFinder(
      servicesManager.services,
      extensionManager,
      cornerstoneOf(extensionManager),
    );
  }

  of(mark: LevelMark): LevelSlice | null {
    const at = this.inActive(mark) ?? this.slices.nearest(mark);
    return at && this.describe(at, mark);
  }

  private inActive(mark: LevelMark): SliceAt | null {
    const { activeId } = this.grid;
    const shown = activeId ? this.grid.displaySets(activeId) : [];
    return shown.flatMap((displaySet) => this.slices.shownBy(displaySet, mark) ?? [])[0] ?? null;
  }

  private describe({ displaySet, slice, number }: SliceAt, mark: LevelMark): LevelSlice {
    const { number: seriesNumber, description, sliceCount } = labelOf(displaySet);
    return {
      displaySetInstanceUID: displaySet.displaySetInstanceUID,
      series: { number: seriesNumber, description },
      sopInstanceUID: slice.sopInstanceUID,
      imageId: slice.imageId,
      number,
      count: sliceCount,
      zMm: this.heightOf(slice.imageId, mark.pointLpsMm),
      isOwn: this.isOwn(displaySet, mark),
    };
  }

  private heightOf(imageId: string, point: Vec3): number {
    const [plane] = imagePlanes([imageId], cornerstoneOf(this.params.extensionManager));
    if (!plane) return point[2];
    return planeHeightAt({ ...plane, sopInstanceUID: null, frameNumber: null }, point);
  }

  private isOwn(displaySet: DisplaySet, mark: LevelMark): boolean {
    return this.slices.isOwn(displaySet, mark);
  }
}
