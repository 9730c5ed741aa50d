import { cross, unit } from '../../series/geometry';
import type { Vec3 } from '../../series/types';
import { cutThrough, type ImagePlane } from './axialPlane';
import { imagePlanes } from '../host/imagePlanes';
import { frameNumberOf, text } from '../host/instance';
import type { CornerstoneLibraries, DisplaySet, ExtensionParams } from '../host/ohif';
import { imageIdsOf } from '../study/target';
import { headwards } from './levelPlane';
import type { MarkedSlice } from '../mark/types';

/** A stack that is this far off shows another part of the patient, mm. */
const MAX_DISTANCE_MM = 10;

interface Stack {
  readonly imageIds: readonly string[];
  /** null: not of the frame of reference, or no usable geometry. */
  readonly planes: readonly (ImagePlane | null)[];
}

/** The axial slice beside a point. */
export interface NearSlice {
  readonly slice: MarkedSlice;
  readonly displaySetInstanceUID: string;
  /** 1-based, in the order of the host's stack. */
  readonly number: number;
  /** A point of the slice's plane, LPS mm. */
  readonly position: Vec3;
  /** Unit normal of the slice, towards the head. */
  readonly normal: Vec3;
}

/** Finds the axial slice that shows a point, by each image's own plane. */
export class AxialSlices {
  private readonly stacks = new Map<string, Stack>();

  constructor(
    private readonly params: ExtensionParams,
    private readonly libraries: CornerstoneLibraries,
  ) {}

  /**
   * The slice nearest to a point: of the preferred series where that is axial, else of the nearest
   * axial series of the same frame of reference.
   *
   * @param point LPS mm
   * @returns null where no axial slice that shows the point's surroundings lies within 10 mm
   */
  nearest(
    frameOfReferenceUID: string,
    point: Vec3,
    preferredDisplaySetUID: string,
  ): NearSlice | null {
    const { displaySetService } = this.params.servicesManager.services;
    const preferred = displaySetService.getDisplaySetByUID(preferredDisplaySetUID);
    const own = preferred && this.nearestIn(preferred, frameOfReferenceUID, point);
    if (own) return own.near;
    const others = displaySetService
      .getActiveDisplaySets()
      .flatMap((displaySet) => this.nearestIn(displaySet, frameOfReferenceUID, point) ?? [])
      .sort((a, b) => a.distanceMm - b.distanceMm);
    return others[0]?.near ?? null;
  }

  /** The image of one series that shows a point (LPS mm), or null where none is near. */
  imageOf(displaySetInstanceUID: string, frameOfReferenceUID: string, point: Vec3): string | null {
    const { displaySetService } = this.params.servicesManager.services;
    const displaySet = displaySetService.getDisplaySetByUID(displaySetInstanceUID);
    const found = displaySet && this.nearestIn(displaySet, frameOfReferenceUID, point);
    return found?.near.slice.imageId ?? null;
  }

  private nearestIn(displaySet: DisplaySet, frameOfReferenceUID: string, point: Vec3) {
    const { imageIds, planes } = this.stackOf(displaySet, frameOfReferenceUID);
    const cut = cutThrough(planes, point);
    if (!cut || cut.distanceMm > MAX_DISTANCE_MM) return null;
    const plane = planes[cut.index]!;
    const slice = this.marked(imageIds[cut.index]);
    if (!slice) return null;
    const near: NearSlice = {
      slice,
      displaySetInstanceUID: displaySet.displaySetInstanceUID,
      number: cut.index + 1,
      position: plane.position,
      normal: headwards(unit(cross(plane.rowCosines, plane.columnCosines))),
    };
    return { near, distanceMm: cut.distanceMm };
  }

  private stackOf(displaySet: DisplaySet, frameOfReferenceUID: string): Stack {
    const imageIds = imageIdsOf(displaySet, this.params.extensionManager);
    const key = `${displaySet.displaySetInstanceUID} ${frameOfReferenceUID} ${imageIds.length}`;
    let stack = this.stacks.get(key);
    if (!stack) {
      const planes = imagePlanes(imageIds, this.libraries).map((plane, i) =>
        this.instanceOf(imageIds[i])?.FrameOfReferenceUID === frameOfReferenceUID ? plane : null,
      );
      stack = { imageIds, planes };
      this.stacks.set(key, stack);
    }
    return stack;
  }

  private marked(imageId: string): MarkedSlice | null {
    const instance = this.instanceOf(imageId);
    const sopInstanceUID = text(instance?.SOPInstanceUID);
    const seriesInstanceUID = text(instance?.SeriesInstanceUID);
    if (!sopInstanceUID || !seriesInstanceUID) return null;
    return {
      sopInstanceUID,
      sopClassUID: text(instance?.SOPClassUID),
      seriesInstanceUID,
      frameNumber: Number(instance?.NumberOfFrames ?? 1) > 1 ? frameNumberOf(imageId) : null,
      imageId,
    };
  }

  private instanceOf(imageId: string) {
    return this.libraries.cornerstone.metaData.get('instance', imageId) as
      Readonly<Record<string, unknown>> | undefined;
  }
}
