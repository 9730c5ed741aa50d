import { encode } from 'fast-png';
import { Canvas, type Colour } from '../../src/picture/canvas';
import { GLYPH_HEIGHT } from '../../src/picture/font';

export interface Curve {
  readonly name: string;
  readonly colour: Colour;
  /** Step and value, by step. */
  readonly points: readonly (readonly [step: number, value: number])[];
}

const BACKGROUND: Colour = [255, 255, 255];
const INK: Colour = [60, 60, 60];
const GRID: Colour = [225, 225, 225];
const [WIDTH, HEIGHT] = [900, 420];
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 20, 34, 34];

/** Draws curves over the steps of a run. @returns a PNG file's bytes */
export function drawCurves(title: string, curves: readonly Curve[]): Uint8Array {
  const canvas = new Canvas(WIDTH, HEIGHT, BACKGROUND);
  const points = curves.flatMap((curve) => curve.points);
  const last = Math.max(1, ...points.map(([step]) => step));
  const top = Math.max(1e-6, ...points.map(([, value]) => value));
  const x = (step: number) => Math.round(LEFT + ((WIDTH - LEFT - RIGHT) * step) / last);
  const y = (value: number) =>
    Math.round(HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / top);
  canvas.text(LEFT, 8, title, INK);
  for (const value of ticks(top)) {
    canvas.fill(LEFT, y(value), WIDTH - LEFT - RIGHT, 1, GRID);
    canvas.text(6, y(value) - Math.floor(GLYPH_HEIGHT / 2), value.toPrecision(3), INK);
  }
  for (const step of ticks(last)) {
    canvas.fill(x(step), TOP, 1, HEIGHT - TOP - BOTTOM, GRID);
    canvas.text(x(step) - 8, HEIGHT - BOTTOM + 10, String(Math.round(step)), INK);
  }
  curves.forEach(({ name, colour, points: own }, i) => {
    canvas.fill(LEFT + 330 + i * 190, 10, 14, 4, colour);
    canvas.text(LEFT + 350 + i * 190, 8, name, INK);
    own.forEach(([step, value], k) => {
      const before = own[Math.max(0, k - 1)]!;
      line(canvas, x(before[0]), y(before[1]), x(step), y(value), colour);
    });
  });
  return encode({ width: WIDTH, height: HEIGHT, data: canvas.data, channels: 3, depth: 8 });
}

/** Round values from 0 up to `top`, about five. */
function ticks(top: number): number[] {
  const raw = top / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw)!;
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => i * step);
}

/** Two pixels thick. */
function line(
  canvas: Canvas,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  colour: Colour,
): void {
  const length = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1);
  for (let i = 0; i <= length; i++) {
    const at = i / length;
    canvas.fill(Math.round(x0 + (x1 - x0) * at), Math.round(y0 + (y1 - y0) * at), 2, 2, colour);
  }
}
