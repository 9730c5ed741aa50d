import type { Types } from '@cornerstonejs/core';
import { dot, unit } from '../series/geometry';
import type { Vec3 } from '../series/types';
import type { CornerstoneLibraries, Measurement, Services, Subscription } from './ohif';
import type { View } from './views';

/** The host's own length tool: its annotations are saved, listed and dragged as any other. */
const TOOL_NAME = 'Length';
/** Half the length of a mark: across the vertebral body and a little beyond it, mm. */
const HALF_LENGTH_MM = 35;
/** Moves smaller than this are rounding, not a person's hand, mm. */
const LEAST_MOVE_MM = 0.1;

type TextLines = (
  data: { readonly label?: string; readonly isFindL3Mark?: boolean },
  targetId: string,
) => string[] | undefined;

interface Mark {
  readonly uid: string;
  middle: Vec3;
}

/**
 * The marks of Find L3 in the host's measurements: at most one a series, found again by its id,
 * dropped when a person deletes it, reported when a person moves it.
 */
export class LevelMarks {
  private readonly marks = new Map<string, Mark>();
  private readonly subscriptions: Subscription[];
  private readonly restorers: (() => void)[] = [];
  private readonly ownLines = new WeakSet<object>();

  /** @param onChanged told the series and the new middle of its mark (LPS mm), or null once deleted */
  constructor(
    private readonly services: Services,
    private readonly libraries: CornerstoneLibraries,
    private readonly onChanged: (displaySetInstanceUID: string, middle: Vec3 | null) => void,
  ) {
    const { measurementService } = services;
    const { MEASUREMENT_UPDATED, MEASUREMENT_REMOVED, MEASUREMENTS_CLEARED } =
      measurementService.EVENTS;
    this.subscriptions = [
      measurementService.subscribe(
        MEASUREMENT_UPDATED,
        ({ measurement }: { measurement: Measurement }) => this.follow(measurement),
      ),
      measurementService.subscribe(
        MEASUREMENT_REMOVED,
        ({ measurement }: { measurement: string }) => this.forget([measurement]),
      ),
      measurementService.subscribe(
        MEASUREMENTS_CLEARED,
        ({ measurements }: { measurements: readonly Measurement[] }) =>
          this.forget(measurements.map(({ uid }) => uid)),
      ),
    ];
  }

  /**
   * Marks a point with a horizontal line through it in the plane of `view`, in place of the mark
   * that the series had before.
   *
   * @param point LPS mm
   */
  place(displaySetInstanceUID: string, view: View, point: Vec3, label: string): void {
    this.remove(displaySetInstanceUID);
    const { cornerstone, cornerstoneTools } = this.libraries;
    const { viewport } = view;
    const { viewPlaneNormal, focalPoint, viewUp } = viewport.getCamera();
    const normal = unit(viewPlaneNormal as Vec3);
    const middle = add(point, normal, dot(normal, focalPoint as Vec3) - dot(normal, point));
    const across: Vec3 = view.plane === 'axial' ? [1, 0, 0] : [0, 1, 0];
    const direction = unit(add(across, normal, -dot(normal, across)));
    const points = [-HALF_LENGTH_MM, HALF_LENGTH_MM].map(
      (mm) => add(middle, direction, mm) as Types.Point3,
    );
    const uid = cornerstone.utilities.uuidv4();
    this.marks.set(displaySetInstanceUID, { uid, middle });
    this.writeLabelsOnMarks();
    const annotation = {
      annotationUID: uid,
      highlighted: false,
      invalidated: true,
      isLocked: false,
      isVisible: true,
      metadata: {
        toolName: TOOL_NAME,
        ...viewport.getViewReference({ points: [points[0]] }),
        viewUp,
      },
      data: {
        label,
        isFindL3Mark: true,
        handles: { points, activeHandleIndex: null, textBox: { hasMoved: false } },
        cachedStats: {},
      },
    };
    cornerstoneTools.annotation.state.addAnnotation(
      annotation as unknown as Parameters<
        typeof cornerstoneTools.annotation.state.addAnnotation
      >[0],
      viewport.element,
    );
    // The host lists an annotation that was not drawn by hand only after an update of it.
    const { measurementService } = this.services;
    const measurement = measurementService.getMeasurement(uid);
    if (measurement) measurementService.update(uid, { ...measurement, label }, false);
    cornerstoneTools.utilities.triggerAnnotationRenderForViewportIds([view.viewportId]);
  }

  /** Takes the mark of a series back; no mark is no error. */
  remove(displaySetInstanceUID: string): void {
    const mark = this.marks.get(displaySetInstanceUID);
    if (!mark) return;
    this.marks.delete(displaySetInstanceUID);
    this.services.measurementService.remove(mark.uid);
  }

  /** Ends the subscriptions; the marks stay in the host's measurements. */
  dispose(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    for (const restore of this.restorers) restore();
    this.marks.clear();
  }

  /** The length tool writes the length beside its line; on our marks it writes their label. */
  private writeLabelsOnMarks(): void {
    for (const group of this.libraries.cornerstoneTools.ToolGroupManager.getAllToolGroups()) {
      const tool = group.hasTool(TOOL_NAME) ? group.getToolInstance(TOOL_NAME) : undefined;
      const configuration = tool?.configuration as { getTextLines?: TextLines } | undefined;
      const lines = configuration?.getTextLines;
      if (!configuration || !lines || this.ownLines.has(lines)) continue;
      const own: TextLines = (data, targetId) =>
        data.isFindL3Mark && data.label ? [data.label] : lines(data, targetId);
      this.ownLines.add(own);
      configuration.getTextLines = own;
      this.restorers.push(() => {
        if (configuration.getTextLines === own) configuration.getTextLines = lines;
      });
    }
  }

  private follow({ uid, points }: Measurement): void {
    const entry = [...this.marks].find(([, mark]) => mark.uid === uid);
    if (!entry || !points?.length) return;
    const [displaySetInstanceUID, mark] = entry;
    const mean = (axis: number) => points.reduce((sum, p) => sum + p[axis], 0) / points.length;
    const middle: Vec3 = [mean(0), mean(1), mean(2)];
    const moved = Math.hypot(...middle.map((v, i) => v - mark.middle[i]));
    if (moved < LEAST_MOVE_MM) return;
    mark.middle = middle;
    this.onChanged(displaySetInstanceUID, middle);
  }

  private forget(uids: readonly string[]): void {
    for (const [series, { uid }] of [...this.marks]) {
      if (!uids.includes(uid)) continue;
      this.marks.delete(series);
      this.onChanged(series, null);
    }
  }
}

/** a + b * by */
function add(a: Vec3, b: Vec3, by: number): Vec3 {
  return [a[0] + b[0] * by, a[1] + b[1] * by, a[2] + b[2] * by];
}
