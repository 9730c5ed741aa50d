import type { Vec3 } from '../../series/types';
import { cutThrough, isAxialPlane, type Cut, type ImagePlane } from './axialPlane';
import { imagePlanes } from '../host/imagePlanes';
import { text } from '../host/instance';
import {
  cornerstoneOf,
  type CornerstoneLibraries,
  type DisplaySet,
  type ExtensionManager,
  type Services,
} from '../host/ohif';
import type { AxialNote } from '../state';
import { imageIdsOf, imagesOfStudy, labelOf } from '../study/target';
import type { ShownSeries } from './views';

/** An axial series of the study, and the image of it that cuts a point. */
interface Candidate {
  readonly displaySet: DisplaySet;
  readonly imageIds: readonly string[];
  readonly cut: Cut | null;
  readonly isShown: boolean;
}

/** The axial series beside a sagittal one that was searched. */
export class AxialSeries {
  private readonly libraries: CornerstoneLibraries;
  private readonly planes = new Map<string, readonly (ImagePlane | null)[]>();

  constructor(
    private readonly services: Services,
    private readonly extensionManager: ExtensionManager,
  ) {
    this.libraries = cornerstoneOf(extensionManager);
  }

  /**
   * How the axial series of the study lie to a point of the searched series.
   *
   * @param point LPS mm
   * @returns null for an axial search, whose own slices show the point.
   */
  note(shown: ShownSeries, point: Vec3): AxialNote | null {
    if (shown.series.plane === 'axial') return null;
    const searched = this.services.displaySetService.getDisplaySetByUID(
      shown.displaySetInstanceUID,
    );
    if (!searched) return null;
    const others = imagesOfStudy(searched, this.services).filter(
      (displaySet) => displaySet !== searched && this.hasAxialPlanes(displaySet),
    );
    if (others.length === 0) return { kind: 'no-axial' };
    const inFrame = others.filter((displaySet) => this.isInFrame(displaySet, shown));
    if (inFrame.length === 0) return { kind: 'other-frame' };
    const [best] = inFrame
      .map((displaySet) => this.candidate(displaySet, point))
      .sort((a, b) => rank(a) - rank(b) || distance(a) - distance(b));
    const { number, description } = labelOf(best.displaySet);
    const series = { number, description };
    if (best.cut === null || best.cut.within === 'beyond') {
      return { kind: 'none-cuts', series, distanceMm: best.cut?.distanceMm ?? null };
    }
    const { index, distanceMm, within } = best.cut;
    return {
      kind: 'cut',
      series,
      displaySetInstanceUID: best.displaySet.displaySetInstanceUID,
      imageId: best.imageIds[index],
      sliceNumber: index + 1,
      distanceMm,
      isGap: within === 'gap',
      isShown: best.isShown,
    };
  }

  private hasAxialPlanes(displaySet: DisplaySet): boolean {
    return this.planesOf(displaySet).some((plane) => plane !== null && isAxialPlane(plane));
  }

  private isInFrame(displaySet: DisplaySet, { series }: ShownSeries): boolean {
    const [imageId] = imageIdsOf(displaySet, this.extensionManager);
    const instance = this.libraries.cornerstone.metaData.get('instance', imageId) as
      { FrameOfReferenceUID?: unknown } | undefined;
    const frame = text(instance?.FrameOfReferenceUID);
    return frame !== null && frame === series.frameOfReferenceUID;
  }

  private candidate(displaySet: DisplaySet, point: Vec3): Candidate {
    const { viewportGridService, cornerstoneViewportService } = this.services;
    const imageIds = imageIdsOf(displaySet, this.extensionManager);
    const cut = cutThrough(this.planesOf(displaySet), point);
    const cutImageId = cut && imageIds[cut.index];
    const isShown = [...viewportGridService.getState().viewports.keys()].some(
      (id) =>
        cornerstoneViewportService.getCornerstoneViewport(id)?.getCurrentImageId() === cutImageId,
    );
    return { displaySet, imageIds, cut, isShown };
  }

  private planesOf(displaySet: DisplaySet): readonly (ImagePlane | null)[] {
    const imageIds = imageIdsOf(displaySet, this.extensionManager);
    const key = `${displaySet.displaySetInstanceUID} ${imageIds.length}`;
    let planes = this.planes.get(key);
    if (!planes) {
      planes = imagePlanes(imageIds, this.libraries);
      this.planes.set(key, planes);
    }
    return planes;
  }
}

/** What shows the point comes first, and of that what a viewport shows already. */
function rank({ cut, isShown }: Candidate): number {
  if (cut === null) return 4;
  if (cut.within === 'beyond') return 3;
  if (isShown) return 0;
  return cut.within === 'slice' ? 1 : 2;
}

function distance({ cut }: Candidate): number {
  return cut?.distanceMm ?? Infinity;
}
