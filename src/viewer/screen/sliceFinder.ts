import type { Vec3 } from '../../series/types';
import { imagePlanes, type ImagePlane } from '../host/imagePlanes';
import { referenceTo, type ImageReference } from '../host/instance';
import type { CornerstoneLibraries, DisplaySet, ExtensionManager, Services } from '../host/ohif';
import { imageIdsOf } from '../study/target';
import { sliceAtPoint, isAxialPlane, normalOf, type SliceAtPoint } from './axialPlane';
import { headwards } from './levelPlane';

/** A slice that is this far off shows another part of the patient, mm. */
const MAX_DISTANCE_MM = 10;

/** The coordinates of a series. */
export interface SeriesFrame {
  readonly displaySetInstanceUID: string;
  /** Null: the series has none, so no other series is known to share its coordinates. */
  readonly frameOfReferenceUID: string | null;
}

/** Whether two series are known to share their coordinates. */
export function isSameFrame(a: SeriesFrame, b: SeriesFrame): boolean {
  if (a.frameOfReferenceUID !== b.frameOfReferenceUID) return false;
  return a.frameOfReferenceUID !== null || a.displaySetInstanceUID === b.displaySetInstanceUID;
}

/** A point of a series. */
export interface Place extends SeriesFrame {
  /** LPS mm */
  readonly pointLpsMm: Vec3;
}

/** The axial slice of a series that lies nearest to a place. */
export interface SliceAt {
  readonly slice: ImageReference;
  readonly displaySet: DisplaySet;
  /** 1-based, in the order of the host's stack. */
  readonly number: number;
  /** A point of the slice's plane, LPS mm. */
  readonly position: Vec3;
  /** Unit normal of the slice, towards the head. */
  readonly normal: Vec3;
  /** Distance of the point from the slice's plane, mm. */
  readonly distanceMm: number;
  readonly within: SliceAtPoint['within'];
}

interface Stack {
  readonly imageIds: readonly string[];
  readonly planes: readonly (ImagePlane | null)[];
}

/** Finds the slice of a series that shows a place, by each image's own plane. */
export class SliceFinder {
  private readonly stacks = new Map<string, Stack>();

  constructor(
    private readonly services: Services,
    private readonly extensionManager: ExtensionManager,
    private readonly libraries: CornerstoneLibraries,
  ) {}

  /**
   * The axial slice nearest to a place: of its own series where that is axial, else of the nearest
   * axial series in its frame of reference.
   *
   * @returns null where no axial slice that shows the point's surroundings lies within 10 mm
   */
  nearest(place: Place): SliceAt | null {
    const { displaySetService } = this.services;
    const own = displaySetService.getDisplaySetByUID(place.displaySetInstanceUID);
    const isNear = (at: SliceAt | null): at is SliceAt =>
      at !== null && at.distanceMm <= MAX_DISTANCE_MM;
    const inOwn = own ? this.axialIn(own, place) : null;
    if (isNear(inOwn)) return inOwn;
    const [best] = displaySetService
      .getActiveDisplaySets()
      .map((displaySet) => this.axialIn(displaySet, place))
      .filter(isNear)
      .sort((a, b) => a.distanceMm - b.distanceMm);
    return best ?? null;
  }

  /** The axial slice of one series nearest to a place, however far; null where none is in its frame. */
  axialIn(displaySet: DisplaySet, place: Place): SliceAt | null {
    const cut = this.cut(displaySet, place, isAxialPlane);
    if (!cut) return null;
    const { plane, slice, index, distanceMm, within } = cut;
    const { position } = plane;
    const normal = headwards(normalOf(plane));
    return { slice, displaySet, number: index + 1, position, normal, distanceMm, within };
  }

  /**
   * The image of a series that a stack of it shows for a place: the slice of an axial one, of the
   * place's own series in another orientation the nearest image; null where there is none.
   */
  imageFor(displaySet: DisplaySet, place: Place): ImageReference | null {
    if (this.hasAxial(displaySet)) return this.shownBy(displaySet, place)?.slice ?? null;
    return this.isOwn(displaySet, place) ? this.imageIn(displaySet, place) : null;
  }

  /** The image nearest to a place in one series, of whatever orientation; null where none shows it. */
  imageIn(displaySet: DisplaySet, place: Place): ImageReference | null {
    return this.cut(displaySet, place, () => true)?.slice ?? null;
  }

  /**
   * The slice of a series that a view of it shows for a place. Of the place's own series any slice
   * nearby, of others only one that cuts the point or is beside it in the gap.
   */
  shownBy(displaySet: DisplaySet, place: Place): SliceAt | null {
    const at = this.axialIn(displaySet, place);
    if (!at || at.within !== 'beyond') return at;
    return this.isOwn(displaySet, place) && at.distanceMm <= MAX_DISTANCE_MM ? at : null;
  }

  hasAxial(displaySet: DisplaySet): boolean {
    return this.stackOf(displaySet).planes.some((plane) => plane !== null && isAxialPlane(plane));
  }

  /** Whether a series has images in a frame. */
  isInFrame(displaySet: DisplaySet, frame: SeriesFrame): boolean {
    return this.stackOf(displaySet).planes.some(
      (plane) => plane !== null && this.sharesFrame(plane, displaySet, frame),
    );
  }

  /** Whether a display set is the frame's series, or another part of it. */
  isOwn(displaySet: DisplaySet, { displaySetInstanceUID }: SeriesFrame): boolean {
    if (displaySet.displaySetInstanceUID === displaySetInstanceUID) return true;
    const own = this.services.displaySetService.getDisplaySetByUID(displaySetInstanceUID);
    return (
      own?.SeriesInstanceUID !== undefined && own.SeriesInstanceUID === displaySet.SeriesInstanceUID
    );
  }

  private cut(displaySet: DisplaySet, place: Place, counts: (plane: ImagePlane) => boolean) {
    const { imageIds, planes } = this.stackOf(displaySet);
    const inFrame = planes.map((plane) =>
      plane && this.sharesFrame(plane, displaySet, place) ? plane : null,
    );
    const cut = sliceAtPoint(inFrame, place.pointLpsMm, counts);
    const slice = cut && referenceTo(imageIds[cut.index], this.libraries);
    return cut && slice ? { ...cut, slice, plane: planes[cut.index]! } : null;
  }

  /** A series is in one frame with itself, whether its header names that or not. */
  private sharesFrame(plane: ImagePlane, displaySet: DisplaySet, frame: SeriesFrame): boolean {
    if (plane.frameOfReferenceUID !== frame.frameOfReferenceUID) return false;
    return frame.frameOfReferenceUID !== null || this.isOwn(displaySet, frame);
  }

  private stackOf(displaySet: DisplaySet): Stack {
    const imageIds = imageIdsOf(displaySet, this.extensionManager);
    const key = `${displaySet.displaySetInstanceUID} ${imageIds.length}`;
    let stack = this.stacks.get(key);
    if (!stack) {
      stack = { imageIds, planes: imagePlanes(imageIds, this.libraries) };
      this.stacks.set(key, stack);
    }
    return stack;
  }
}
