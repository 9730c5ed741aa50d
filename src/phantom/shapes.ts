import type { Vec3 } from '../series/types';

/**
 * Signed distances in mm, negative inside, of the solids that anatomy is put together from. They are
 * exact for spheres, capsules and boxes and first-order for the others, which is enough within a
 * voxel of the surface, where partial volume is decided. Forms: Quilez, "distance functions".
 */
export type Distance = (x: number, y: number, z: number) => number;

/** Axis-aligned box: [xMin, xMax, yMin, yMax, zMin, zMax], mm. */
export type Box = readonly [number, number, number, number, number, number];

export const clamp = (value: number, low: number, high: number) =>
  value < low ? low : value > high ? high : value;

/** Union with a fillet of about k mm. */
export function smoothMin(a: number, b: number, k: number): number {
  const h = k - Math.abs(a - b);
  return h > 0 ? Math.min(a, b) - (h * h) / (4 * k) : Math.min(a, b);
}

/** Intersection with an edge rounded by about k mm. */
export const smoothMax = (a: number, b: number, k: number) => -smoothMin(-a, -b, k);

/** Ellipsoid about the origin with semi-axes a, b, c. */
export function ellipsoid(
  x: number,
  y: number,
  z: number,
  a: number,
  b: number,
  c: number,
): number {
  const px = x / a;
  const py = y / b;
  const pz = z / c;
  const k0 = Math.sqrt(px * px + py * py + pz * pz);
  const qx = px / a;
  const qy = py / b;
  const qz = pz / c;
  const k1 = Math.sqrt(qx * qx + qy * qy + qz * qz);
  return k1 < 1e-9 ? -Math.min(a, b, c) : (k0 * (k0 - 1)) / k1;
}

/** Box about the origin with half sides a, b, c (outside) and edges rounded by r. */
export function roundedBox(
  x: number,
  y: number,
  z: number,
  a: number,
  b: number,
  c: number,
  r: number,
): number {
  const qx = Math.abs(x) - a + r;
  const qy = Math.abs(y) - b + r;
  const qz = Math.abs(z) - c + r;
  const ox = qx > 0 ? qx : 0;
  const oy = qy > 0 ? qy : 0;
  const oz = qz > 0 ? qz : 0;
  return Math.sqrt(ox * ox + oy * oy + oz * oz) + Math.min(Math.max(qx, qy, qz), 0) - r;
}

/** Capsule from p to q whose radius goes from rp to rq. */
export function capsule(
  x: number,
  y: number,
  z: number,
  p: Vec3,
  q: Vec3,
  rp: number,
  rq: number,
): number {
  const bx = q[0] - p[0];
  const by = q[1] - p[1];
  const bz = q[2] - p[2];
  const ax = x - p[0];
  const ay = y - p[1];
  const az = z - p[2];
  const t = clamp((ax * bx + ay * by + az * bz) / (bx * bx + by * by + bz * bz), 0, 1);
  const dx = ax - t * bx;
  const dy = ay - t * by;
  const dz = az - t * bz;
  return Math.sqrt(dx * dx + dy * dy + dz * dz) - (rp + t * (rq - rp));
}

/** A point of a tube: centre and radius, mm. */
export interface TubePoint {
  readonly at: Vec3;
  readonly radius: number;
}

/** Semi-axes of a tube's section relative to its radius: across (x), front to back (y), along z. */
export type TubeStretch = readonly [number, number, number];

/**
 * Tube through `points`, with its section stretched by `stretch` along the axes (a rib is twice as
 * high as thick).
 */
export function tube(points: readonly TubePoint[], stretch: TubeStretch = [1, 1, 1]) {
  const [sx, sy, sz] = stretch;
  const segments = points.slice(1).map((end, i) => {
    const start = points[i];
    const r = Math.max(start.radius, end.radius) + 2;
    const low = (k: 0 | 1 | 2) => Math.min(start.at[k], end.at[k]) - r * stretch[k];
    const high = (k: 0 | 1 | 2) => Math.max(start.at[k], end.at[k]) + r * stretch[k];
    return {
      box: [low(0), high(0), low(1), high(1), low(2), high(2)] as Box,
      p: [start.at[0] / sx, start.at[1] / sy, start.at[2] / sz] as Vec3,
      q: [end.at[0] / sx, end.at[1] / sy, end.at[2] / sz] as Vec3,
      rp: start.radius,
      rq: end.radius,
    };
  });
  const box = segments.map((s) => s.box).reduce(unite);
  // segments that the row of the image meets, kept from one point to the next
  let yKept = NaN;
  let zKept = NaN;
  let met: typeof segments = [];
  const distance: Distance = (x, y, z) => {
    if (y !== yKept || z !== zKept) {
      yKept = y;
      zKept = z;
      met = segments.filter(({ box: b }) => y >= b[2] && y <= b[3] && z >= b[4] && z <= b[5]);
    }
    let best = 1e3;
    for (let i = 0; i < met.length; i++) {
      const s = met[i];
      if (x < s.box[0] || x > s.box[1]) continue;
      const d = capsule(x / sx, y / sy, z / sz, s.p, s.q, s.rp, s.rq);
      if (d < best) best = d;
    }
    return best;
  };
  return { box, distance };
}

function unite(a: Box, b: Box): Box {
  return [
    Math.min(a[0], b[0]),
    Math.max(a[1], b[1]),
    Math.min(a[2], b[2]),
    Math.max(a[3], b[3]),
    Math.min(a[4], b[4]),
    Math.max(a[5], b[5]),
  ];
}

/** Box about a centre with half sides. */
export const boxAround = (c: Vec3, a: number, b: number, d: number): Box => [
  c[0] - a,
  c[0] + a,
  c[1] - b,
  c[1] + b,
  c[2] - d,
  c[2] + d,
];

/** Value of a table of [key, value...] rows with rising keys, linear between rows, column `column`. */
export function tableAt(
  table: readonly (readonly number[])[],
  key: number,
  column: number,
): number {
  const last = table.length - 1;
  if (key <= table[0][0]) return table[0][column];
  if (key >= table[last][0]) return table[last][column];
  let i = 1;
  while (table[i][0] < key) i++;
  const t = (key - table[i - 1][0]) / (table[i][0] - table[i - 1][0]);
  const s = t * t * (3 - 2 * t);
  return table[i - 1][column] * (1 - s) + table[i][column] * s;
}
