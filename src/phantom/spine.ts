import type { Vec3 } from '../series/types';

/**
 * Size of one vertebra, mm (adult; means of anatomical tables), and the way from its centre to the
 * next one below: `down` along z and `back` along y.
 */
export interface VertebraSize {
  readonly name: string;
  readonly region: 'thoracic' | 'lumbar' | 'sacral';
  /** Height of the body at its middle. */
  readonly height: number;
  /** Front to back. */
  readonly depth: number;
  readonly width: number;
  /** Front height minus back height. */
  readonly wedge: number;
  readonly canalWidth: number;
  readonly pedicleWidth: number;
  readonly pedicleHeight: number;
  /** Tip to tip of the transverse processes. */
  readonly transverseSpan: number;
  /** Length of the spinous process behind the lamina. */
  readonly spinousLength: number;
  /** Its slope below the horizontal, degrees. */
  readonly spinousSlope: number;
  readonly down: number;
  readonly back: number;
}

type Row = readonly [string, ...number[]];

// height depth width wedge | canal pedicle w, h | transverse, spinous length, slope | down, back
const ROWS: readonly Row[] = [
  ['T1', 15.5, 17, 29, -0.5, 20, 8, 9, 74, 28, 20, 17.6, 6.5],
  ['T2', 16.5, 18, 28, -1, 18, 7, 11, 68, 28, 35, 18.5, 6],
  ['T3', 17, 20, 26, -1, 17, 6, 12, 64, 28, 42, 19.5, 5],
  ['T4', 17.5, 22, 26, -1.2, 17, 5, 12, 62, 28, 48, 20.5, 3.5],
  ['T5', 18, 24, 26.5, -1.4, 17, 5, 12, 62, 30, 54, 21.3, 1.5],
  ['T6', 18.5, 26, 27.5, -1.5, 17, 5, 12, 62, 32, 58, 22, -0.5],
  ['T7', 19, 27.5, 28.5, -1.5, 17, 5.5, 12, 62, 32, 58, 22.8, -2.5],
  ['T8', 19.8, 29, 29.5, -1.5, 17, 6, 12.5, 61, 30, 54, 23.6, -4.2],
  ['T9', 20.5, 30, 31, -1.2, 17, 6, 13.5, 60, 28, 46, 24.4, -5.6],
  ['T10', 21.5, 30.5, 33, -1, 17, 6.5, 14.5, 57, 25, 38, 26.1, -6.4],
  ['T11', 22.5, 30.5, 36, -0.8, 18, 8, 16, 50, 22, 30, 28.4, -7.2],
  ['T12', 24, 31, 39, -0.8, 21, 8, 16, 46, 22, 18, 30.9, -8.2],
  ['L1', 25.2, 31.5, 41.5, -0.3, 22, 8, 15.5, 72, 26, 10, 32.8, -9.4],
  ['L2', 25.8, 32.5, 43.5, 0.3, 22.5, 8.5, 15, 80, 28, 10, 34.4, -8.2],
  ['L3', 26.3, 33.3, 45.5, 1.2, 23, 10, 14.5, 94, 30, 10, 35.8, -3.8],
  ['L4', 26.3, 34, 48, 2.2, 24, 12.5, 14.5, 88, 27, 12, 35.3, 4.1],
  ['L5', 25, 34.5, 51, 5, 26, 16, 15, 92, 18, 18, 27.3, 22.3],
];
export const S1_SIZE = { height: 26.4, depth: 32, width: 52, wedge: 3 } as const;

export const VERTEBRAE: readonly VertebraSize[] = ROWS.map(
  ([name, height, depth, width, wedge, canal, pw, ph, span, length, slope, down, back]) => ({
    name,
    region: name.startsWith('T') ? 'thoracic' : 'lumbar',
    height,
    depth,
    width,
    wedge,
    canalWidth: canal,
    pedicleWidth: pw,
    pedicleHeight: ph,
    transverseSpan: span,
    spinousLength: length,
    spinousSlope: slope,
    down,
    back,
  }),
);

/** Front to back of the spinal canal, mm. */
export const CANAL_DEPTH = 16;

/** Slope of the upper endplate of S1 over the horizontal, degrees. */
const SACRAL_SLOPE = 41;

/** Position and axes of a vertebral body; `left`, `back` and `up` are orthonormal. */
export interface Frame {
  readonly name: string;
  readonly centre: Vec3;
  readonly left: Vec3;
  readonly back: Vec3;
  readonly up: Vec3;
}

/** Coordinates of a point in a frame: [to the left, to the back, up], mm. */
export const toFrame = (f: Frame, x: number, y: number, z: number): Vec3 => {
  const dx = x - f.centre[0];
  const dy = y - f.centre[1];
  const dz = z - f.centre[2];
  return [
    dx * f.left[0] + dy * f.left[1] + dz * f.left[2],
    dx * f.back[0] + dy * f.back[1] + dz * f.back[2],
    dx * f.up[0] + dy * f.up[1] + dz * f.up[2],
  ];
};

/** The point of given frame coordinates. */
export const fromFrame = (f: Frame, u: number, v: number, w: number): Vec3 => [
  f.centre[0] + u * f.left[0] + v * f.back[0] + w * f.up[0],
  f.centre[1] + u * f.left[1] + v * f.back[1] + w * f.up[1],
  f.centre[2] + u * f.left[2] + v * f.back[2] + w * f.up[2],
];

const normalise = ([x, y, z]: Vec3): Vec3 => {
  const n = Math.hypot(x, y, z);
  return [x / n, y / n, z / n];
};
const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** Where the middle of the L3 body lies: behind the middle of the torso. */
const L3_CENTRE: Vec3 = [0, 25, 0];

/**
 * Frames of T1 to S1, head to foot, in anatomical mm (L3 at `L3_CENTRE`).
 *
 * @param lateralMm amplitude of a lateral curve with its apex at L2, convex to the left when
 *   positive; the vertebrae turn about their axes towards the convex side, as in scoliosis.
 */
export function spineFrames(lateralMm = 0): Frame[] {
  const centres: [number, number, number][] = [];
  const l3 = VERTEBRAE.findIndex((v) => v.name === 'L3');
  centres[l3] = [...L3_CENTRE];
  for (let i = l3; i < VERTEBRAE.length; i++) {
    const { down, back } = VERTEBRAE[i];
    centres[i + 1] = [0, centres[i][1] + back, centres[i][2] - down];
  }
  for (let i = l3 - 1; i >= 0; i--) {
    const { down, back } = VERTEBRAE[i];
    centres[i] = [0, centres[i + 1][1] - back, centres[i + 1][2] + down];
  }
  const apex = centres[l3 - 1][2];
  for (const c of centres) c[0] = lateralMm * lateralCurve(c[2] - apex);
  return centres.map((centre, i) => {
    const above = centres[Math.max(0, i - 1)];
    const below = centres[Math.min(centres.length - 1, i + 1)];
    const slope = (SACRAL_SLOPE * Math.PI) / 180;
    const up: Vec3 =
      i === centres.length - 1
        ? [0, -Math.sin(slope), Math.cos(slope)]
        : normalise([above[0] - below[0], above[1] - below[1], above[2] - below[2]]);
    // about 15 degrees of rotation at the apex of a 40 mm curve
    const turn = (centre[0] * 0.375 * Math.PI) / 180;
    const flatBack: Vec3 = [-Math.sin(turn), Math.cos(turn), 0];
    const left = normalise(cross(flatBack, up));
    return {
      name: i < VERTEBRAE.length ? VERTEBRAE[i].name : 'S1',
      centre,
      left,
      back: cross(up, left),
      up,
    };
  });
}

/** Thoracolumbar curve: 1 at its apex, 0 at the sacrum, swinging back above T9. */
function lateralCurve(zAboveApex: number): number {
  const t = zAboveApex / 150;
  const bell = Math.exp(-t * t * 1.6);
  const counter = -0.35 * Math.exp(-(((zAboveApex - 240) / 90) ** 2));
  const sacrum = zAboveApex < -60 ? Math.max(0, 1 + (zAboveApex + 60) / 75) : 1;
  return (bell + counter) * sacrum;
}
