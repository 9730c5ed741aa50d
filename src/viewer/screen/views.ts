import type { Types } from '@cornerstonejs/core';
import { dot, nearestSliceIndex } from '../../series/geometry';
import type { Series, Vec3 } from '../../series/types';
import { cutThrough } from './axialPlane';
import { imagePlanes } from '../host/imagePlanes';
import type { CornerstoneLibraries, Services, Viewport } from '../host/ohif';

/** How long a viewport may take to show another series, ms. */
const OPENING_LIMIT_MS = 30_000;
const OPENING_POLL_MS = 50;

/** The series a point lies in, as the viewer knows it. */
export interface ShownSeries {
  readonly series: Series;
  readonly displaySetInstanceUID: string;
  /** The host's image ids in the order of the described series (`series.sourceIndex`). */
  readonly imageIds: readonly string[];
}

export interface View {
  readonly viewportId: string;
  readonly viewport: Viewport;
  readonly plane: 'axial' | 'sagittal' | 'coronal';
  readonly kind: 'stack' | 'volume';
}

/** The axial slice of the series that is nearest to a point, or null for a sagittal series. */
export function axialSliceIndex(series: Series, point: Vec3): number | null {
  return series.plane === 'axial' ? nearestSliceIndex(series, point) : null;
}

/** The number a person sees for a slice of `series`: 1-based, in the order of the host's stack. */
export function sliceNumberOf(series: Series, sliceIndex: number | null): number | null {
  return sliceIndex === null ? null : series.sourceIndex[sliceIndex] + 1;
}

/** Moves the viewports that show a series (or its frame of reference) to a patient point. */
export class Views {
  constructor(
    private readonly services: Services,
    private readonly libraries: CornerstoneLibraries,
  ) {}

  /**
   * Stacks of the series go to the nearest slice, volume viewports of its frame of reference to the
   * point. Where none of these is axial, the axial stacks of the same frame of reference go to the
   * slice that cuts the point, each by its own planes; a stack that has none stays.
   *
   * @param point LPS mm
   * @returns the views that show the point now
   */
  async show(shown: ShownSeries, point: Vec3): Promise<readonly View[]> {
    const { series, imageIds } = shown;
    const sliceIndex = axialSliceIndex(series, point);
    const onSlice = sliceIndex === null ? point : snapToSlice(series, sliceIndex, point);
    const all = this.viewsOf(series);
    const moved: View[] = [];
    for (const view of all.filter((v) => v.kind === 'volume')) {
      (view.viewport as Types.IVolumeViewport).jumpToWorld([...onSlice]);
      view.viewport.render();
      moved.push(view);
    }
    const stacks = all.filter((v) => v.kind === 'stack');
    const own = stacks.filter((v) => this.shows(v, shown.displaySetInstanceUID));
    const wanted = imageIds[series.sourceIndex[nearestSliceIndex(series, point)]];
    for (const view of own) {
      const index = (view.viewport as Types.IStackViewport).getImageIds().indexOf(wanted);
      if (await setImage(view, index)) moved.push(view);
    }
    if (!moved.some(({ plane }) => plane === 'axial')) {
      for (const view of stacks.filter((v) => v.plane === 'axial' && !own.includes(v))) {
        if (await setImage(view, this.cutIn(view, point))) moved.push(view);
      }
    }
    return moved;
  }

  /**
   * Shows another series in a viewport, at one of its images, and waits until it is there.
   *
   * @returns whether it is there; false where the grid has no such viewport
   */
  async open(viewportId: string, displaySetInstanceUID: string, imageId: string): Promise<boolean> {
    const { viewportGridService, hangingProtocolService, cornerstoneViewportService } =
      this.services;
    if (!viewportGridService.getState().viewports.has(viewportId)) return false;
    const updates = hangingProtocolService?.getViewportsRequireUpdate?.(
      viewportId,
      displaySetInstanceUID,
    ) ?? [{ viewportId, displaySetInstanceUIDs: [displaySetInstanceUID] }];
    viewportGridService.setDisplaySetsForViewports(updates);
    const latest = performance.now() + OPENING_LIMIT_MS;
    while (performance.now() < latest) {
      const viewport = cornerstoneViewportService.getCornerstoneViewport(viewportId);
      const imageIds = viewport?.getImageIds?.() ?? [];
      if (imageIds.includes(imageId) && viewport?.getCurrentImageId()) return true;
      await new Promise((resolve) => setTimeout(resolve, OPENING_POLL_MS));
    }
    return false;
  }

  private viewsOf({ frameOfReferenceUID }: Series): readonly View[] {
    const { viewportGridService, cornerstoneViewportService } = this.services;
    const { ViewportType } = this.libraries.cornerstone.Enums;
    const views: View[] = [];
    for (const viewportId of viewportGridService.getState().viewports.keys()) {
      const viewport = cornerstoneViewportService.getCornerstoneViewport(viewportId);
      if (!viewport) continue;
      const { type } = viewport;
      if (type !== ViewportType.STACK && type !== ViewportType.ORTHOGRAPHIC) continue;
      if (viewport.getFrameOfReferenceUID() !== frameOfReferenceUID) continue;
      const normal = viewport.getCamera().viewPlaneNormal;
      if (!normal) continue;
      const kind = type === ViewportType.STACK ? 'stack' : 'volume';
      views.push({ viewportId, viewport, kind, plane: planeOf(normal) });
    }
    return views;
  }

  private shows({ viewportId }: View, displaySetInstanceUID: string): boolean {
    const uids = this.services.viewportGridService.getDisplaySetsUIDsForViewport(viewportId);
    return uids?.includes(displaySetInstanceUID) ?? false;
  }

  private cutIn(view: View, point: Vec3): number {
    const imageIds = (view.viewport as Types.IStackViewport).getImageIds();
    const cut = cutThrough(imagePlanes(imageIds, this.libraries), point);
    return cut && cut.within !== 'beyond' ? cut.index : -1;
  }
}

async function setImage(view: View, index: number): Promise<boolean> {
  if (index < 0) return false;
  const viewport = view.viewport as Types.IStackViewport;
  await viewport.setImageIdIndex(index);
  viewport.render();
  return true;
}

/** The point moved along the normal onto the slice, so that the acquired slice is shown. */
function snapToSlice(series: Series, sliceIndex: number, point: Vec3): Vec3 {
  const { normal } = series;
  const offset = dot(normal, series.slices[sliceIndex].position) - dot(normal, point);
  return [0, 1, 2].map((i) => point[i] + normal[i] * offset) as unknown as Vec3;
}

function planeOf(normal: Vec3): View['plane'] {
  const size = normal.map(Math.abs);
  const largest = Math.max(...size);
  if (size[2] === largest) return 'axial';
  return size[0] === largest ? 'sagittal' : 'coronal';
}
