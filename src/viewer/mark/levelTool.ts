import type { Types as CoreTypes } from '@cornerstonejs/core';
import type { AnnotationTool, Types } from '@cornerstonejs/tools';
import type { Vec3 } from '../../series/types';
import type { CornerstoneLibraries } from '../host/ohif';
import { isLevelAnnotation, LEVEL_TOOL_NAME, planeOf, type LevelAnnotation } from './annotation';
import {
  LevelDrawing,
  lineOf,
  viewPlaneOf,
  type LevelViewport,
  type SceneLine,
} from './levelDrawing';
import { distanceFrom, HEADWARDS, type LevelPlane } from '../screen/levelPlane';

/** What the tool leaves to those who know marks, answers and the host. */
export interface LevelToolOwner {
  /** The label with its note, for example "L3 · 97 %". */
  labelOf(annotation: LevelAnnotation): string;
  /** Ruler and other places for L3, as far as they belong into a viewport. */
  scene(viewportId: string): readonly SceneLine[];
  /** Marks the level at a point of a viewport (LPS mm); null where it cannot be marked there. */
  place(viewportId: string, point: Vec3): { annotation: LevelAnnotation; isNew: boolean } | null;
  /** Moves a mark so that its plane holds a point (LPS mm): one of the moves of a drag. */
  drag(annotationUID: string, point: Vec3): void;
  /** The drag or the drawing is over. */
  dropped(annotation: LevelAnnotation, isNew: boolean): void;
}

type Libraries = Pick<CornerstoneLibraries, 'cornerstone' | 'cornerstoneTools'>;
type Interaction = Types.EventTypes.InteractionEventType;
export type LevelToolClass = { new (): AnnotationTool; toolName: string };

/** How near a pointer has to come to the line beyond the host's own proximity, pixels. */
const GRIP_PX = 2;

/**
 * The host's annotation tool for levels, made of the host's own base class: a level belongs to
 * every viewport of its frame of reference, whatever slice that shows.
 */
export function createLevelTool(
  { cornerstone, cornerstoneTools }: Libraries,
  owner: LevelToolOwner,
): LevelToolClass {
  const { annotation: annotations, AnnotationTool: Base, drawing, utilities } = cornerstoneTools;
  const { ViewportType } = cornerstone.Enums;

  return class LevelTool extends Base {
    static override toolName = LEVEL_TOOL_NAME;

    constructor(
      toolProps: Types.PublicToolProps = {},
      defaultToolProps: Types.ToolProps = {
        supportedInteractionTypes: ['Mouse', 'Touch'] as unknown as undefined,
        configuration: { shadow: true },
      },
    ) {
      super(toolProps, defaultToolProps);
    }

    override filterInteractableAnnotationsForElement(
      _element: HTMLDivElement,
      all: Types.Annotations,
    ): Types.Annotations {
      return all.filter(
        (annotation) =>
          isLevelAnnotation(annotation) &&
          annotations.visibility.isAnnotationVisible(annotation.annotationUID),
      );
    }

    override addNewAnnotation(event: Interaction): Types.Annotation {
      const { element, currentPoints } = event.detail;
      const { viewport } = cornerstone.getEnabledElement(element)!;
      const placed = owner.place(viewport.id, currentPoints.world as Vec3);
      // The host selects what it gets; nothing placed is nothing to select.
      if (!placed) return { annotationUID: undefined } as unknown as Types.Annotation;
      this.grip(element, placed.annotation, placed.isNew);
      event.preventDefault();
      return placed.annotation;
    }

    override toolSelectedCallback(event: Interaction, annotation: Types.Annotation): void {
      this.grip(event.detail.element, annotation, false);
      event.preventDefault();
    }

    override handleSelectedCallback(event: Interaction, annotation: Types.Annotation): void {
      this.toolSelectedCallback(event, annotation);
    }

    override getHandleNearImagePoint(): undefined {
      return undefined;
    }

    override isPointNearTool(
      element: HTMLDivElement,
      annotation: Types.Annotation,
      [x, y]: CoreTypes.Point2,
      proximity: number,
    ): boolean {
      if (!isLevelAnnotation(annotation)) return false;
      const { viewport } = cornerstone.getEnabledElement(element)!;
      const line = lineOf(viewport as LevelViewport, planeOf(annotation));
      if (!line) return false;
      const { a, b } = line;
      const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
      const share = ((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy || 1);
      const at = Math.min(1, Math.max(0, share));
      return Math.hypot(x - a[0] - at * dx, y - a[1] - at * dy) <= proximity + GRIP_PX;
    }

    override cancel(element: HTMLDivElement): string | undefined {
      const { annotation, newAnnotation = false } = this.editData ?? {};
      if (!annotation) return undefined;
      this.letGo(element, annotation, newAnnotation);
      return annotation.annotationUID;
    }

    override renderAnnotation(
      { viewport: shown }: CoreTypes.IEnabledElement,
      svg: ConstructorParameters<typeof LevelDrawing>[1],
    ): boolean {
      const viewport = shown as unknown as LevelViewport & CoreTypes.IViewport;
      if (viewport.type !== ViewportType.STACK && viewport.type !== ViewportType.ORTHOGRAPHIC) {
        return false;
      }
      if (!viewPlaneOf(viewport)) return false;
      const { element } = viewport;
      const all = annotations.state.getAnnotations(LEVEL_TOOL_NAME, element) ?? [];
      const marks = this.filterInteractableAnnotationsForElement(element, all);
      const picture = new LevelDrawing(drawing, svg, viewport);
      const normal = marks.filter(isLevelAnnotation)[0]?.data.normal ?? HEADWARDS;
      const scene = owner.scene(viewport.id);
      for (const line of scene) picture.sceneLine(line, normal);
      marks.filter(isLevelAnnotation).forEach((annotation, row) => {
        const { annotationUID: uid, highlighted = false } = annotation;
        const isActive = highlighted || annotations.selection.isAnnotationSelected(uid);
        const mark = { ...planeOf(annotation), uid, label: owner.labelOf(annotation), isActive };
        picture.mark(mark, (plane) => showsSliceOf(viewport, plane), row);
      });
      return marks.length + scene.length > 0;
    }

    protected override _dragCallback = (event: Interaction): void => {
      const { annotation } = this.editData ?? {};
      if (!annotation?.annotationUID) return;
      this.isDrawing = true;
      owner.drag(annotation.annotationUID, event.detail.currentPoints.world as Vec3);
    };

    protected override _endCallback = (event: Interaction): void => {
      const { annotation, newAnnotation = false } = this.editData ?? {};
      if (annotation) this.letGo(event.detail.element, annotation, newAnnotation);
    };

    private grip(element: HTMLDivElement, annotation: Types.Annotation, isNew: boolean): void {
      annotation.highlighted = true;
      this.editData = { annotation, newAnnotation: isNew };
      this.follow(element, true);
    }

    /** The host's own for this came with cornerstone 5 only. */
    private follow(element: HTMLDivElement, on: boolean): void {
      cornerstoneTools.state.isInteractingWithTool = on;
      const { MOUSE_DRAG, MOUSE_UP, MOUSE_CLICK, TOUCH_DRAG, TOUCH_END, TOUCH_TAP } =
        cornerstoneTools.Enums.Events;
      const change = on ? 'addEventListener' : 'removeEventListener';
      for (const event of [MOUSE_DRAG, TOUCH_DRAG]) {
        element[change](event, this._dragCallback as unknown as EventListener);
      }
      for (const event of [MOUSE_UP, MOUSE_CLICK, TOUCH_END, TOUCH_TAP]) {
        element[change](event, this._endCallback as unknown as EventListener);
      }
    }

    private letGo(element: HTMLDivElement, annotation: Types.Annotation, isNew: boolean): void {
      this.follow(element, false);
      this.editData = null;
      this.isDrawing = false;
      annotation.highlighted = false;
      if (isLevelAnnotation(annotation)) owner.dropped(annotation, isNew);
      utilities.triggerAnnotationRender(element);
    }
  } as unknown as LevelToolClass;

  /** Whether the slice that an axial view shows is the level's: none beside it is nearer. */
  function showsSliceOf(viewport: LevelViewport & CoreTypes.IViewport, plane: LevelPlane): boolean {
    const view = viewPlaneOf(viewport)!;
    const off = Math.abs(distanceFrom(plane, view.point));
    return off <= halfStep(viewport, view.normal);
  }

  /** Half the distance to the next slice of a view, mm. */
  function halfStep(viewport: LevelViewport & CoreTypes.IViewport, normal: Vec3): number {
    if (viewport.type === ViewportType.ORTHOGRAPHIC) {
      const volume = viewport as unknown as CoreTypes.IVolumeViewport;
      const { spacingInNormalDirection } =
        cornerstone.utilities.getTargetVolumeAndSpacingInNormalDir(volume, volume.getCamera());
      return spacingInNormalDirection / 2 + 0.01;
    }
    const stack = viewport as unknown as CoreTypes.IStackViewport;
    const [imageIds, index] = [stack.getImageIds(), stack.getCurrentImageIdIndex()];
    const at = (i: number) => {
      // The host throws on an image id that is none.
      if (imageIds[i] === undefined) return undefined;
      const position = cornerstone.metaData.get('imagePlaneModule', imageIds[i])
        ?.imagePositionPatient as ArrayLike<number> | undefined;
      return position && normal.reduce((sum, n, axis) => sum + n * Number(position[axis]), 0);
    };
    const here = at(index);
    const steps = [at(index - 1), at(index + 1)].flatMap((there) =>
      here === undefined || there === undefined ? [] : Math.abs(there - here),
    );
    return (steps.length > 0 ? Math.max(...steps) : 10) / 2 + 0.01;
  }
}
