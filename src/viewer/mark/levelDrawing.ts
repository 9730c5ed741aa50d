import { PALETTE } from '../../picture/palette';
import type { Types as CoreTypes } from '@cornerstonejs/core';
import { cross, unit } from '../../series/geometry';
import type { Vec3 } from '../../series/types';
import type { CornerstoneLibraries } from '../host/ohif';
import {
  along,
  distanceFrom,
  showsAsSlice,
  traceOf,
  type LevelPlane,
  type ViewPlane,
} from '../screen/levelPlane';

type Drawing = CornerstoneLibraries['cornerstoneTools']['drawing'];
type SvgHelper = Parameters<Drawing['drawLine']>[0];
type Canvas = CoreTypes.Point2;

/** Half the length of a mark's line: across the vertebral body and a little beyond it, mm. */
const HALF_LINE_MM = 40;
const HALF_TICK_MM = 14;
/** Half the size of the corners about the body in an axial view, mm. */
const HALF_BOX_MM = { x: 30, y: 24 };
const CORNER_SHARE = 0.3;
/** Room that a character of a label takes, pixels. */
const CHARACTER_WIDTH = 6.5;
const TEXT_HEIGHT = 18;
const SHADOW = 'rgba(0, 0, 0, 0.55)';

/** A level beside the spine that is not a mark: one of the ruler, or another place for L3. */
export interface SceneLine {
  readonly key: string;
  readonly label: string;
  readonly kind: 'ruler' | 'ghost';
  readonly point: Vec3;
}

export interface DrawnMark extends LevelPlane {
  readonly uid: string;
  readonly label: string;
  readonly isActive: boolean;
}

/** The line of a level on the canvas: `a` on the left, `b` on the right. */
export interface CanvasLine {
  readonly a: Canvas;
  readonly b: Canvas;
}

export interface LevelViewport {
  readonly element: HTMLDivElement;
  readonly type: string;
  getCamera(): CoreTypes.ICamera;
  worldToCanvas(point: CoreTypes.Point3): Canvas;
}

/** The plane that a viewport shows, or null while it shows none. */
export function viewPlaneOf(viewport: LevelViewport): ViewPlane | null {
  const { viewPlaneNormal, focalPoint } = viewport.getCamera();
  if (!viewPlaneNormal || !focalPoint) return null;
  return { normal: unit(viewPlaneNormal as Vec3), point: focalPoint as Vec3 };
}

/** Where the line of a level lies on the canvas of a view; null where the view shows it as a slice. */
export function lineOf(
  viewport: LevelViewport,
  level: LevelPlane,
  halfMm = HALF_LINE_MM,
): CanvasLine | null {
  const view = viewPlaneOf(viewport);
  if (!view || showsAsSlice(level.normal, view.normal)) return null;
  const trace = traceOf(level, view);
  if (!trace) return null;
  const at = (mm: number) => toCanvas(viewport, along(trace.origin, trace.direction, mm));
  const [a, b] = [at(-halfMm), at(halfMm)];
  return b[0] < a[0] ? { a: b, b: a } : { a, b };
}

/** Draws levels into one viewport: lines across sagittal and coronal views, corners in axial ones. */
export class LevelDrawing {
  constructor(
    private readonly drawing: Drawing,
    private readonly svg: SvgHelper,
    private readonly viewport: LevelViewport,
  ) {}

  /**
   * @param isInSlice whether the level's slice is the one that an axial view shows
   * @param row of the note in an axial view that shows another slice, from the bottom
   */
  mark(mark: DrawnMark, isInSlice: (plane: LevelPlane) => boolean, row: number): void {
    const color = mark.isActive ? PALETTE.l3Active : PALETTE.l3;
    const line = lineOf(this.viewport, mark);
    if (line) this.markLine(mark, line, color);
    else if (isInSlice(mark)) this.corners(mark, color);
    else this.wayTo(mark, color, row);
  }

  sceneLine({ key, label, kind, point }: SceneLine, normal: Vec3): void {
    const isGhost = kind === 'ghost';
    const halfMm = isGhost ? HALF_LINE_MM : HALF_TICK_MM;
    const line = lineOf(this.viewport, { point, normal }, halfMm);
    if (!line) return;
    const uid = `find-l3-${key}`;
    const color = isGhost ? PALETTE.l3 : PALETTE.level;
    const lineDash = isGhost ? '6,5' : undefined;
    this.line(uid, 'tick', line.a, line.b, { color, width: isGhost ? 1.5 : 2, lineDash });
    const [x, y] = this.besideRightEnd(line, label);
    this.text(uid, label, [x, y - TEXT_HEIGHT / 2], color);
  }

  private markLine({ uid, label }: DrawnMark, { a, b }: CanvasLine, color: string): void {
    const { clientWidth, clientHeight } = this.viewport.element;
    const reach = clientWidth + clientHeight;
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
    const u = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
    const beyond = { color, width: 1, lineDash: '2,7', strokeOpacity: 0.55 };
    this.line(uid, 'left', [a[0] - u[0] * reach, a[1] - u[1] * reach], a, beyond);
    this.line(uid, 'right', b, [b[0] + u[0] * reach, b[1] + u[1] * reach], beyond);
    this.line(uid, 'level', a, b, { color, width: 2, shadow: true });
    this.drawing.drawHandles(this.svg, uid, 'ends', [a, b], { color, handleRadius: 3 });
    const [x, y] = this.besideRightEnd({ a, b }, label);
    this.text(uid, label, [x, y - TEXT_HEIGHT - 4], color);
  }

  private corners({ uid, label, point }: DrawnMark, color: string): void {
    const { viewUp, viewPlaneNormal } = this.viewport.getCamera();
    const up = unit(viewUp as Vec3);
    const right = unit(cross(up, viewPlaneNormal as Vec3));
    const at = (x: number, y: number) =>
      toCanvas(this.viewport, along(along(point, right, x * HALF_BOX_MM.x), up, y * HALF_BOX_MM.y));
    for (const [x, y] of [
      [-1, 1],
      [1, 1],
      [1, -1],
      [-1, -1],
    ]) {
      const inner = 1 - CORNER_SHARE;
      const points = [at(x * inner, y), at(x, y), at(x, y * inner)];
      this.drawing.drawPolyline(this.svg, uid, `corner${x}${y}`, points, { color, width: 2 });
    }
    const [x, y] = at(1, 1);
    this.text(uid, label, [this.within(x + 4, label), y - TEXT_HEIGHT / 2], color);
  }

  /** "L3 ▲ 24.0 mm": how far from the shown slice, and whether towards the head or the feet. */
  private wayTo(mark: DrawnMark, color: string, row: number): void {
    const view = viewPlaneOf(this.viewport);
    if (!view) return;
    const mm = -distanceFrom(mark, view.point);
    const { clientWidth, clientHeight } = this.viewport.element;
    const name = mark.label.split(' · ')[0];
    const text = `${name} ${mm > 0 ? '▲' : '▼'} ${Math.abs(mm).toFixed(1)} mm`;
    const y = clientHeight - 34 - row * (TEXT_HEIGHT + 2);
    this.text(mark.uid, text, [(clientWidth - widthOf(text)) / 2, y], color);
  }

  private besideRightEnd({ b }: CanvasLine, label: string): Canvas {
    return [this.within(b[0] + 8, label), b[1]];
  }

  /** Moves a label to the left until all of it is in the view. */
  private within(x: number, label: string): number {
    return Math.max(4, Math.min(x, this.viewport.element.clientWidth - widthOf(label)));
  }

  private line(uid: string, id: string, a: Canvas, b: Canvas, options: object): void {
    this.drawing.drawLine(this.svg, uid, id, a, b, options);
  }

  private text(uid: string, text: string, at: Canvas, color: string): void {
    this.drawing.drawTextBox(this.svg, uid, 'label', [text], at, {
      color,
      background: SHADOW,
      fontSize: '14px',
      padding: 0,
    });
  }
}

function toCanvas(viewport: LevelViewport, point: Vec3): Canvas {
  return viewport.worldToCanvas([point[0], point[1], point[2]]);
}

function widthOf(label: string): number {
  return label.length * CHARACTER_WIDTH + 8;
}
