import type { Types } from '@cornerstonejs/core';
import { unit } from '../../series/geometry';
import type { Vec3 } from '../../series/types';
import { Grid } from '../host/grid';
import type { ImageReference } from '../host/instance';
import {
  cornerstoneOf,
  type CornerstoneLibraries,
  type DisplaySet,
  type ExtensionParams,
  type Services,
  type Viewport,
} from '../host/ohif';
import type { AxialNote, Shown } from '../state';
import { imagesOfStudy, labelOf } from '../study/target';
import { axialNoteOf } from './axialNote';
import { along, distanceFrom, isAxial } from './levelPlane';
import { SliceFinder, type Place, type SeriesFrame, type SliceAt } from './sliceFinder';

/** How long a viewport may take to show another series, ms. */
const OPENING_LIMIT_MS = 30_000;
const OPENING_POLL_MS = 50;
/** A plane that is this near to a point, where no slice is, shows it, mm. */
const SAME_PLANE_MM = 1;

/** A viewport that shows images of patients in planes. */
export interface View {
  readonly viewportId: string;
  readonly viewport: Viewport;
  readonly plane: 'axial' | 'sagittal' | 'coronal';
  readonly kind: 'stack' | 'volume';
}

/**
 * What is on screen, and the one who moves it: to a place in the views as they are, or by opening a
 * series in one.
 */
export class Screen {
  private readonly services: Services;
  private readonly libraries: CornerstoneLibraries;
  private readonly grid: Grid;
  private readonly slices: SliceFinder;

  constructor({ servicesManager, extensionManager }: ExtensionParams) {
    this.services = servicesManager.services;
    this.libraries = cornerstoneOf(extensionManager);
    this.grid = new Grid(this.services);
    this.slices = new SliceFinder(this.services, extensionManager, this.libraries);
  }

  /** The views that are open, the active one first; with a frame: those that show images in it. */
  views(frame?: SeriesFrame): readonly View[] {
    const { activeId } = this.grid;
    const others = this.grid.ids().filter((id) => id !== activeId);
    return (activeId ? [activeId, ...others] : others).flatMap((id) => {
      const view = this.viewOf(id);
      return view && (!frame || this.isInFrame(view, frame)) ? view : [];
    });
  }

  /**
   * Moves the views of a place's frame of reference there. A view goes to the acquired slice of the
   * series that it shows; where that has none there, a volume is cut at the point itself and a stack
   * stays. Axial stacks of other series go there only where no axial view of the place's own does.
   *
   * @param axialOnly sagittal and coronal views stay, as they do while a level is dragged in them
   * @param only the viewports that go there; the others stay
   * @returns the views that show the place now, those that were to stay included
   */
  async show(
    place: Place,
    {
      axialOnly = false,
      only,
    }: { readonly axialOnly?: boolean; readonly only?: ReadonlySet<string> } = {},
  ): Promise<readonly View[]> {
    const shown: View[] = [];
    const others: View[] = [];
    for (const view of this.views(place)) {
      if (only && !only.has(view.viewportId)) continue;
      if (axialOnly && view.plane !== 'axial') shown.push(view);
      else if (view.kind === 'volume') {
        this.jump(view, place);
        shown.push(view);
      } else if (!this.showsOwn(view, place)) others.push(view);
      else if (await this.scroll(view, place)) shown.push(view);
    }
    if (shown.some(({ plane }) => plane === 'axial')) return shown;
    for (const view of others) {
      if (view.plane === 'axial' && (await this.scroll(view, place))) shown.push(view);
    }
    return shown;
  }

  /**
   * Opens in the active viewport what shows a place: the axial series that cuts it, else its own.
   *
   * @returns whether it is there
   */
  async open(place: Place): Promise<boolean> {
    const { activeId } = this.grid;
    if (!activeId) return false;
    const axial = this.axialNote(place);
    if (axial?.kind === 'cut') {
      return this.openIn(activeId, axial.displaySetInstanceUID, axial.imageId);
    }
    const own = this.displaySet(place.displaySetInstanceUID);
    const image = own && this.slices.imageFor(own, place);
    return image ? this.openIn(activeId, place.displaySetInstanceUID, image.imageId) : false;
  }

  /**
   * Opens the axial series that cuts a place beside the place's own, or in its stead where the grid
   * has no other viewport.
   *
   * @returns whether it is there; false where none cuts the place
   */
  async openAxial(place: Place): Promise<boolean> {
    const axial = this.axialNote(place);
    const { activeId } = this.grid;
    if (axial?.kind !== 'cut' || !activeId) return false;
    const others = this.grid
      .ids()
      .filter((id) => !this.grid.displaySetUIDs(id).includes(place.displaySetInstanceUID));
    const viewportId = others.includes(activeId) ? activeId : (others[0] ?? activeId);
    return this.openIn(viewportId, axial.displaySetInstanceUID, axial.imageId);
  }

  /**
   * The axial slice nearest to a place: of its own series where that is axial, else of the nearest
   * axial series in its frame of reference.
   *
   * @returns null where no axial slice that shows the point's surroundings lies within 10 mm
   */
  sliceAt(place: Place): SliceAt | null {
    return this.slices.nearest(place);
  }

  /** The image of the place's own series nearest to it, of whatever orientation. */
  imageAt(place: Place): ImageReference | null {
    const own = this.displaySet(place.displaySetInstanceUID);
    return own ? this.slices.imageIn(own, place) : null;
  }

  /** Whether a series has images in the frame of reference of a place. */
  sharesFrame(displaySet: DisplaySet, place: Place): boolean {
    return this.slices.isInFrame(displaySet, place);
  }

  /** How the axial series of the study lie to a place; null where the place's own series is axial. */
  axialNote(place: Place): AxialNote | null {
    const own = this.displaySet(place.displaySetInstanceUID);
    if (!own || this.slices.hasAxial(own)) return null;
    const others = imagesOfStudy(own, this.services).filter((displaySet) => displaySet !== own);
    const shown = new Set(this.views().map(({ viewport }) => viewport.getCurrentImageId()));
    return axialNoteOf(place, others, this.slices, (imageId) => shown.has(imageId));
  }

  /** Whether a viewport shows images in a frame. */
  isShownIn(viewportId: string, frame: SeriesFrame): boolean {
    const view = this.viewOf(viewportId);
    return view !== null && this.isInFrame(view, frame);
  }

  /**
   * The first series that a viewport shows, and its frame of reference.
   *
   * @returns null where there is none, or none whose images say where they lie in the patient
   */
  seriesIn(viewportId: string): {
    readonly displaySet: DisplaySet;
    readonly frameOfReferenceUID: string | null;
  } | null {
    const view = this.viewOf(viewportId);
    const [displaySet] = this.grid.displaySets(viewportId);
    if (!view || !displaySet) return null;
    const { displaySetInstanceUID } = displaySet;
    const frameOfReferenceUID = frameOf(view);
    const isPlaced = this.slices.isInFrame(displaySet, {
      displaySetInstanceUID,
      frameOfReferenceUID,
    });
    return isPlaced ? { displaySet, frameOfReferenceUID } : null;
  }

  /** Whether a view has its images, and can be moved. */
  isReady({ viewport, kind }: View): boolean {
    if (kind === 'stack') return Boolean(viewport.getCurrentImageId());
    return (viewport as Types.IVolumeViewport).getActors().length > 0;
  }

  /** A viewport with the series in it: another text where either is another. */
  contentOf({ viewportId, kind }: View): string {
    return [viewportId, kind, ...this.grid.displaySetUIDs(viewportId)].join(' ');
  }

  /** Whether a view shows the slice that a place lies on; not while that is still being loaded. */
  showsSlice(view: View, place: Place): boolean {
    const { viewport } = view;
    if (view.kind === 'stack') {
      const imageId = paintedIn(viewport as Types.IStackViewport);
      return this.grid
        .displaySets(view.viewportId)
        .some((displaySet) => this.slices.imageFor(displaySet, place)?.imageId === imageId);
    }
    const { viewPlaneNormal, focalPoint } = viewport.getCamera();
    const plane = { point: focalPoint as Vec3, normal: unit(viewPlaneNormal as Vec3) };
    const distance = distanceFrom(plane, place.pointLpsMm);
    const inView = along(place.pointLpsMm, plane.normal, -distance);
    const sliceOf = (at: Place) =>
      this.grid
        .displaySets(view.viewportId)
        .flatMap((displaySet) => this.slices.shownBy(displaySet, at) ?? [])[0]?.slice.imageId;
    const slice = sliceOf(place);
    if (slice === undefined) return Math.abs(distance) < SAME_PLANE_MM;
    return slice === sliceOf({ ...place, pointLpsMm: inView });
  }

  /** The slice that an axial view shows, 1-based, of so many, in the order of the host's stack. */
  sliceIn({ viewportId, viewport, kind }: View): Shown['slice'] {
    if (kind === 'stack') {
      const stack = viewport as Types.IStackViewport;
      return { number: stack.getCurrentImageIdIndex() + 1, count: stack.getImageIds().length };
    }
    const [displaySet] = this.grid.displaySets(viewportId);
    if (!displaySet) return null;
    const { displaySetInstanceUID } = displaySet;
    const frameOfReferenceUID = viewport.getFrameOfReferenceUID() || null;
    const pointLpsMm = viewport.getCamera().focalPoint as Vec3;
    const place = { pointLpsMm, displaySetInstanceUID, frameOfReferenceUID };
    const number = this.slices.axialIn(displaySet, place)?.number;
    return number === undefined ? null : { number, count: labelOf(displaySet).sliceCount };
  }

  /** Display Set Instance UIDs of what the active viewport shows. */
  activeDisplaySetUIDs(): readonly string[] {
    const { activeId } = this.grid;
    return activeId ? this.grid.displaySetUIDs(activeId) : [];
  }

  /**
   * Calls back when another viewport is active, or when the viewports or what they show change.
   *
   * @returns a function that ends the subscription
   */
  onChange(listener: () => void): () => void {
    return this.grid.onChange(listener);
  }

  /**
   * Calls back when a viewport shows another slice, at most once a frame.
   *
   * @returns a function that ends the subscription
   */
  onScroll(listener: () => void): () => void {
    const { Events } = this.libraries.cornerstone.Enums;
    const names = [Events.STACK_NEW_IMAGE, Events.VOLUME_NEW_IMAGE, Events.CAMERA_MODIFIED];
    let frame: number | null = null;
    const later = () => {
      frame ??= requestAnimationFrame(() => {
        frame = null;
        listener();
      });
    };
    // They do not bubble; viewports come and go.
    for (const name of names) document.addEventListener(name, later, true);
    return () => {
      for (const name of names) document.removeEventListener(name, later, true);
      if (frame !== null) cancelAnimationFrame(frame);
    };
  }

  get activeViewportId(): string | null {
    return this.grid.activeId;
  }

  private viewOf(viewportId: string): View | null {
    const { ViewportType } = this.libraries.cornerstone.Enums;
    const viewport = this.grid.viewport(viewportId);
    if (!viewport) return null;
    const { type } = viewport;
    if (type !== ViewportType.STACK && type !== ViewportType.ORTHOGRAPHIC) return null;
    const normal = viewport.getCamera().viewPlaneNormal as Vec3 | undefined;
    if (!normal) return null;
    const kind = type === ViewportType.STACK ? 'stack' : 'volume';
    return { viewportId, viewport, kind, plane: planeOf(unit(normal)) };
  }

  private isInFrame(view: View, frame: SeriesFrame): boolean {
    const { frameOfReferenceUID } = frame;
    if (frameOf(view) !== frameOfReferenceUID) return false;
    return frameOfReferenceUID !== null || this.showsOwn(view, frame);
  }

  private showsOwn({ viewportId }: View, frame: SeriesFrame): boolean {
    return this.grid
      .displaySets(viewportId)
      .some((displaySet) => this.slices.isOwn(displaySet, frame));
  }

  private jump({ viewportId, viewport }: View, place: Place): void {
    const point = place.pointLpsMm;
    const [at] = this.grid
      .displaySets(viewportId)
      .flatMap((displaySet) => this.slices.shownBy(displaySet, place) ?? []);
    const onSlice = at
      ? along(point, at.normal, -distanceFrom({ point: at.position, normal: at.normal }, point))
      : point;
    (viewport as Types.IVolumeViewport).jumpToWorld([...onSlice]);
    viewport.render();
  }

  private async scroll({ viewportId, viewport }: View, place: Place): Promise<boolean> {
    const stack = viewport as Types.IStackViewport;
    const imageIds = stack.getImageIds();
    for (const displaySet of this.grid.displaySets(viewportId)) {
      const image = this.slices.imageFor(displaySet, place);
      const index = image ? imageIds.indexOf(image.imageId) : -1;
      if (index < 0) continue;
      if (index !== stack.getCurrentImageIdIndex()) {
        await stack.setImageIdIndex(index);
        stack.render();
      }
      return true;
    }
    return false;
  }

  /** Shows a series in a viewport, at one of its images, and waits until it is there. */
  private async openIn(
    viewportId: string,
    displaySetInstanceUID: string,
    imageId: string,
  ): Promise<boolean> {
    const { viewportGridService, hangingProtocolService } = this.services;
    if (!this.grid.ids().includes(viewportId)) return false;
    const updates = hangingProtocolService?.getViewportsRequireUpdate?.(
      viewportId,
      displaySetInstanceUID,
    ) ?? [{ viewportId, displaySetInstanceUIDs: [displaySetInstanceUID] }];
    viewportGridService.setDisplaySetsForViewports(updates);
    const latest = performance.now() + OPENING_LIMIT_MS;
    while (performance.now() < latest) {
      const viewport = this.grid.viewport(viewportId);
      const imageIds = viewport?.getImageIds?.() ?? [];
      if (imageIds.includes(imageId) && viewport?.getCurrentImageId()) return true;
      await new Promise((resolve) => setTimeout(resolve, OPENING_POLL_MS));
    }
    return false;
  }

  private displaySet(uid: string): DisplaySet | undefined {
    return this.services.displaySetService.getDisplaySetByUID(uid);
  }
}

/** The image that a stack has in its picture; the host names the one that it is to show before it has it. */
function paintedIn(stack: Types.IStackViewport): string | undefined {
  const image = stack.getCornerstoneImage as (() => { imageId: string } | undefined) | undefined;
  return image ? image.call(stack)?.imageId : stack.getCurrentImageId();
}

/** Null where the images of a view have none. */
function frameOf({ viewport }: View): string | null {
  return viewport.getFrameOfReferenceUID() || null;
}

function planeOf(normal: Vec3): View['plane'] {
  if (isAxial(normal)) return 'axial';
  return Math.abs(normal[0]) >= Math.abs(normal[1]) ? 'sagittal' : 'coronal';
}
