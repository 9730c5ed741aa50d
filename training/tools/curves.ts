export interface Curve {
  readonly name: string;
  /** e.g. `#c87814` */
  readonly colour: string;
  /** Step and value, by step. */
  readonly points: readonly (readonly [step: number, value: number])[];
  /** Every value faintly, and over it the mean of its neighbourhood. */
  readonly smoothed?: boolean;
}

/** Curves with one scale. */
export interface Panel {
  readonly title: string;
  readonly curves: readonly Curve[];
}

const INK = '#3c3c3c';
const GRID = '#e1e1e1';
const [WIDTH, HEIGHT] = [900, 300];
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 20, 44, 30];
/** Values at most of one curve that are drawn one by one. */
const MOST_POINTS = 1500;
/** Share of a curve that a mean is taken over. */
const SMOOTHED_OVER = 0.03;

/** Draws panels of curves over the steps of a run below each other, each with a legend. @returns an SVG file's text */
export function drawCurves(panels: readonly Panel[]): string {
  const drawn = panels.map(
    (panel, i) => `<g transform="translate(0 ${i * HEIGHT})">${drawPanel(panel)}</g>`,
  );
  const height = panels.length * HEIGHT;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

function drawPanel({ title, curves }: Panel): string {
  const points = curves.flatMap((curve) => curve.points);
  const last = Math.max(1, ...points.map(([step]) => step));
  const top = points.reduce((most, [, value]) => Math.max(most, value), 1e-9);
  const x = (step: number) => LEFT + ((WIDTH - LEFT - RIGHT) * step) / last;
  const y = (value: number) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * value) / top;
  const line = ({ colour, points: own }: Curve, width: number, opacity: number) => {
    const path = own.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`);
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-opacity="${opacity}"/>`;
  };
  const text = (left: number, base: number, what: string, anchor = 'start') =>
    `<text x="${left}" y="${base}" fill="${INK}" text-anchor="${anchor}">${escaped(what)}</text>`;
  return [
    `<text x="${LEFT}" y="18" fill="${INK}" font-weight="bold">${escaped(title)}</text>`,
    ...ticks(top).flatMap((value) => [
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}" stroke="${GRID}"/>`,
      text(LEFT - 6, y(value) + 4, String(Number(value.toPrecision(3))), 'end'),
    ]),
    ...ticks(last).map((step) => text(x(step), HEIGHT - 10, String(Math.round(step)), 'middle')),
    ...curves.flatMap((curve, i) => {
      const at = LEFT + i * 200;
      const legend = [
        `<rect x="${at}" y="27" width="16" height="4" fill="${curve.colour}"/>`,
        text(at + 22, 34, curve.name),
      ];
      if (!curve.smoothed) return [...legend, line(curve, 2, 1)];
      const { raw, mean } = smooth(curve.points);
      return [
        ...legend,
        line({ ...curve, points: raw }, 1, 0.3),
        line({ ...curve, points: mean }, 2, 1),
      ];
    }),
  ].join('\n');
}

/** Means over a small share of the curve about each of its (thinned) points. */
function smooth(points: Curve['points']): { raw: Curve['points']; mean: Curve['points'] } {
  const half = Math.floor((points.length * SMOOTHED_OVER) / 2);
  const every = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  const chosen = points.flatMap((_, i) => (i % every === 0 || i === points.length - 1 ? [i] : []));
  return {
    raw: chosen.map((i) => points[i]!),
    mean: chosen.map((i) => {
      const around = points.slice(Math.max(0, i - half), i + half + 1);
      const sum = around.reduce((total, [, value]) => total + value, 0);
      return [points[i]![0], sum / around.length] as const;
    }),
  };
}

const escaped = (text: string): string =>
  text.replace(/[&<>]/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** Round values from 0 up to `top`, about five. */
function ticks(top: number): number[] {
  const raw = top / 5;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw)!;
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => i * step);
}
