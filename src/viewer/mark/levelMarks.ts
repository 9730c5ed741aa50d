import type { Types as CoreTypes } from '@cornerstonejs/core';
import type { Vec3 } from '../../series/types';
import type { Act } from '../../sr/types';
import { say } from '../../text/say';
import type { CornerstoneLibraries, ExtensionParams } from '../host/ohif';
import {
  annotationOf,
  isLevelAnnotation,
  LEVEL_TOOL_NAME,
  markOf,
  pointOf,
  type LevelAnnotation,
  type LevelRecord,
} from './annotation';
import { HEADWARDS } from '../screen/levelPlane';
import type { Screen } from '../screen/screen';
import { addLevelMapping, measurementSource } from './measurementMapping';
import type { LevelMark, LevelMarkStore } from './types';

/** Moves smaller than this are rounding, not a person's hand, mm. */
const LEAST_MOVE_MM = 0.01;

/**
 * The level marks of the viewer: annotations in cornerstone's own state, so that the host lists,
 * renames, hides, deletes, undoes and redoes them as any other; this keeps their references, and
 * tells who listens.
 */
export class LevelMarks implements LevelMarkStore {
  private readonly listeners = new Set<() => void>();
  private readonly removeMapping: () => void;
  private readonly events: readonly string[];
  private readonly places = new Map<string, Vec3>();
  /** Whether the history may hold steps of ours. */
  private hadMarks = false;
  /** The mark that is being dragged: its state before is in the history already. */
  private inHand: string | null = null;
  /** Marks that a person made or moved, and that the host was told of as of its own measurements. */
  private readonly announced = new Set<string>();

  /** @param onMoved told a mark whose point changed, by hand, by undo or by redo */
  constructor(
    private readonly params: ExtensionParams,
    private readonly libraries: CornerstoneLibraries,
    private readonly screen: Screen,
    private readonly onMoved: (mark: LevelMark) => void,
  ) {
    const { Events } = libraries.cornerstoneTools.Enums;
    this.events = [
      Events.ANNOTATION_ADDED,
      Events.ANNOTATION_COMPLETED,
      Events.ANNOTATION_MODIFIED,
      Events.ANNOTATION_REMOVED,
      Events.ANNOTATION_LOCK_CHANGE,
    ];
    for (const event of this.events) {
      libraries.cornerstone.eventTarget.addEventListener(event, this.follow);
    }
    this.removeMapping = addLevelMapping(
      params,
      (annotation) => this.refer(annotation),
      (annotation) => this.describe(annotation),
    );
  }

  list(): readonly LevelMark[] {
    return this.annotations().map(markOf);
  }

  get(annotationUID: string): LevelMark | undefined {
    const annotation = this.annotation(annotationUID);
    return annotation && markOf(annotation);
  }

  /** The mark of a series, the last one made where there are several. */
  ofSeries(displaySetInstanceUID: string): LevelMark | undefined {
    return this.list()
      .filter((mark) => mark.displaySetInstanceUID === displaySetInstanceUID)
      .at(-1);
  }

  isLocked(annotationUID: string): boolean {
    const { locking } = this.libraries.cornerstoneTools.annotation;
    return locking.isAnnotationLocked(annotationUID);
  }

  /** @param byHand a person puts it there now */
  put(mark: LevelMark, { byHand = false }: { readonly byHand?: boolean } = {}): void {
    const { annotation: annotations } = this.libraries.cornerstoneTools;
    const existing = this.annotation(mark.annotationUID);
    if (existing) {
      this.remember(existing);
      existing.data = annotationOf(mark).data;
      this.places.set(mark.annotationUID, mark.pointLpsMm);
      this.modified(existing);
      if (byHand) this.announce(existing);
      return;
    }
    const annotation = annotationOf(mark);
    this.refer(annotation);
    annotations.state.getAnnotationManager().addAnnotation(annotation);
    this.enlist(annotation);
    this.changed();
    if (byHand) this.announce(annotation);
  }

  remove(annotationUID: string): void {
    this.params.servicesManager.services.measurementService.remove(annotationUID);
  }

  /**
   * Moves a mark by a person's hand; each move is one step of undo.
   *
   * @param point LPS mm
   * @param isLive one of the moves of a drag, which `endMove` makes one step of undo
   * @param isRenumbered the count is corrected, not the place
   * @returns whether it was moved: a locked mark stays
   */
  moveTo(
    annotationUID: string,
    point: Vec3,
    { isLive = false, isRenumbered = false }: MoveOptions = {},
  ): boolean {
    const annotation = this.annotation(annotationUID);
    if (!annotation || this.isLocked(annotationUID)) return false;
    if (this.inHand !== annotationUID) this.remember(annotation);
    this.inHand = isLive ? annotationUID : null;
    annotation.data.handles.points = [[...point]];
    const { level: before } = annotation.data;
    const act = actOf(before, isRenumbered);
    annotation.data.level = { ...before, ...this.acted(act), fromReport: false };
    this.modified(annotation);
    if (!isLive) this.announce(annotation);
    return true;
  }

  /** What a mark says of the person who makes, chooses or moves it now. */
  acted(act: Act): Pick<LevelMark, 'moved' | 'review'> {
    const moved = { by: this.user(), at: new Date().toISOString() };
    return { moved, review: { act, ...moved } };
  }

  /**
   * A person has looked at a mark and agrees with it as it lies; one step of undo. What that person did
   * with it says so already.
   */
  confirm(annotationUID: string): void {
    const annotation = this.annotation(annotationUID);
    if (!annotation) return;
    const { level } = annotation.data;
    if (level.review && !level.fromReport) return;
    this.remember(annotation);
    const { review } = this.acted('confirmed');
    annotation.data.level = { ...level, review, fromReport: false };
    this.modified(annotation);
    this.announce(annotation);
  }

  endMove(): void {
    const annotation = this.inHand === null ? undefined : this.annotation(this.inHand);
    this.inHand = null;
    if (annotation) this.announce(annotation);
  }

  /** A person has made this mark: undo takes it away. */
  made(annotation: LevelAnnotation): void {
    this.remember(annotation, { newAnnotation: true });
    this.announce(annotation);
  }

  annotation(annotationUID: string): LevelAnnotation | undefined {
    const { state } = this.libraries.cornerstoneTools.annotation;
    const annotation: unknown = state.getAnnotation(annotationUID);
    return isLevelAnnotation(annotation) ? annotation : undefined;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The language changed: the host lists what it was told of a mark. */
  sayAgain(): void {
    for (const annotation of this.annotations()) this.modified(annotation);
  }

  /** Draws the viewports' annotations again. */
  render(): void {
    const ids = this.screen.views().map(({ viewportId }) => viewportId);
    this.libraries.cornerstoneTools.utilities.triggerAnnotationRenderForViewportIds(ids);
  }

  /**
   * Takes every mark, listener and mapping back, and empties the history, as one step cannot be taken
   * out of it: undone in another study, it would bring a mark of this one there, and until then it
   * keeps the viewports of this one in memory.
   */
  dispose(): void {
    for (const event of this.events) {
      this.libraries.cornerstone.eventTarget.removeEventListener(event, this.follow);
    }
    for (const { annotationUID } of this.annotations()) {
      this.libraries.cornerstoneTools.annotation.state.removeAnnotation(annotationUID);
    }
    if (this.hadMarks) {
      const { DefaultHistoryMemo: history } = this.libraries.cornerstone.utilities.HistoryMemo;
      const { size } = history;
      history.size = size;
    }
    this.removeMapping();
    this.listeners.clear();
  }

  private annotations(): readonly LevelAnnotation[] {
    const { state } = this.libraries.cornerstoneTools.annotation;
    return state.getAllAnnotations().filter(isLevelAnnotation);
  }

  /** Puts the annotation's present state into the history of cornerstone. */
  private remember(annotation: LevelAnnotation, options: { newAnnotation?: boolean } = {}): void {
    const element = this.elementOf(annotation);
    if (!element) return;
    const { AnnotationTool } = this.libraries.cornerstoneTools;
    AnnotationTool.createAnnotationMemo(element, annotation, options);
  }

  /** Of a view that shows the mark. */
  private elementOf(annotation: LevelAnnotation): HTMLDivElement | undefined {
    return this.screen.views(markOf(annotation))[0]?.viewport.element;
  }

  private modified(annotation: LevelAnnotation): void {
    const { annotation: annotations, Enums } = this.libraries.cornerstoneTools;
    annotations.state.triggerAnnotationModified(
      annotation,
      this.elementOf(annotation) as HTMLDivElement,
      Enums.ChangeTypes.HandlesUpdated,
    );
  }

  /** The host lists an annotation that no event announced once it is mapped and updated. */
  private enlist(annotation: LevelAnnotation): void {
    const { measurementService } = this.params.servicesManager.services;
    const uid = annotation.annotationUID;
    const source = measurementSource(this.params);
    measurementService.annotationToMeasurement(source, LEVEL_TOOL_NAME, { uid, annotation });
    const measurement = measurementService.getMeasurement(uid);
    if (measurement) measurementService.update(uid, measurement, false);
    this.places.set(uid, pointOf(annotation));
  }

  /**
   * Tells the host, once, of a mark that a person has made or moved, as it is told of what its own
   * tools draw: it asks whether to track the series, and saves the mark with the others.
   */
  private announce(annotation: LevelAnnotation): void {
    const uid = annotation.annotationUID;
    if (this.announced.has(uid)) return;
    this.announced.add(uid);
    const { measurementService } = this.params.servicesManager.services;
    const source = measurementSource(this.params);
    measurementService.annotationToMeasurement(source, LEVEL_TOOL_NAME, { uid, annotation });
  }

  private readonly follow = (event: Event): void => {
    const { annotation } = (event as CustomEvent<{ annotation?: unknown }>).detail;
    const { Events } = this.libraries.cornerstoneTools.Enums;
    if (event.type === (Events.ANNOTATION_LOCK_CHANGE as string)) return this.changed();
    if (!isLevelAnnotation(annotation)) return;
    const uid = annotation.annotationUID;
    const isRemoved = event.type === (Events.ANNOTATION_REMOVED as string);
    const before = this.places.get(uid);
    if (isRemoved) this.places.delete(uid);
    else {
      this.refer(annotation);
      this.places.set(uid, pointOf(annotation));
    }
    this.changed();
    if (!isRemoved && before && distance(before, pointOf(annotation)) > LEAST_MOVE_MM) {
      this.onMoved(markOf(annotation));
    }
  };

  private changed(): void {
    this.render();
    for (const listener of [...this.listeners]) listener();
  }

  /** Undo brings back where a mark lay, not what it referred to: both follow from its point. */
  private refer(annotation: LevelAnnotation): void {
    this.hadMarks = true;
    const { metadata, data } = annotation;
    const point = pointOf(annotation);
    const mark = markOf(annotation);
    const near = this.screen.sliceAt(mark);
    const own = () => (mark.frameOfReferenceUID === null ? this.screen.imageAt(mark) : null);
    const slice = near?.slice ?? own();
    data.level = { ...data.level, slice };
    data.normal = near?.normal ?? HEADWARDS;
    metadata.referencedImageId = slice?.imageId;
    // Cornerstone keeps what it made of the id before.
    metadata.referencedImageURI = undefined;
    metadata.cameraFocalPoint = [...point] as CoreTypes.Point3;
  }

  private describe(annotation: LevelAnnotation) {
    const { level, moved, displaySetInstanceUID } = annotation.data.level;
    const point = pointOf(annotation);
    const near = this.screen.sliceAt(markOf(annotation));
    const how = say(moved ? 'mark.movedByHand' : 'mark.asFound');
    const mm = `${point[2].toFixed(1)} mm`;
    return {
      isMeasurement: this.announced.has(annotation.annotationUID),
      displaySetInstanceUID: near?.displaySet.displaySetInstanceUID ?? displaySetInstanceUID,
      displayText: {
        primary: [
          say('series.described', { series: level, description: say('mark.place', { mm }) }),
        ],
        secondary: [near ? say('mark.onSlice', { number: near.number, how }) : how],
      },
    };
  }

  /** Who moves marks now, where the viewer knows. */
  user(): string | null {
    const { userAuthenticationService } = this.params.servicesManager.services;
    const profile = userAuthenticationService?.getUser()?.profile;
    const name = profile?.preferred_username ?? profile?.name ?? profile?.email ?? profile?.sub;
    return typeof name === 'string' && name !== '' ? name : null;
  }
}

interface MoveOptions {
  readonly isLive?: boolean;
  /** The count was corrected, not the place. */
  readonly isRenumbered?: boolean;
}

function distance(a: Vec3, b: Vec3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** What a person does who moves a mark. */
function actOf({ foundPointLpsMm, review }: LevelRecord, isRenumbered: boolean): Act {
  if (foundPointLpsMm === null) return 'placed';
  return isRenumbered || review?.act === 'renumbered' ? 'renumbered' : 'moved';
}
