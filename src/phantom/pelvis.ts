import type { Vec3 } from '../series/types';
import type { Structure } from './canvas';
import type { NoiseField } from './random';
import { boxAround, capsule, ellipsoid, smoothMax, smoothMin, tableAt } from './shapes';
import { boneHu } from './vertebra';

const PELVIC_BONE = { cortexHu: 850, cortexMm: 1.9, marrowHu: 150, textureHu: 45 };
const FEMUR_BONE = { cortexHu: 900, cortexMm: 1.3, marrowHu: 260, textureHu: 45 };

/**
 * The iliac wing as a bent sheet: its centre line at four heights, from the back (t = 0) to the front
 * (t = 1), as x (to the side), y and half thickness, mm.
 */
const HEIGHTS = [-42, -85, -125, -160] as const;
const WING: readonly (readonly (readonly [number, number, number])[])[] = [
  // crest, at L4
  [
    [84, 44, 3.5],
    [96, 30, 4],
    [106, 14, 4.5],
    [113, -4, 4.5],
    [117, -24, 4],
  ],
  // S1
  [
    [45, 96, 8],
    [61, 68, 8.5],
    [88, 42, 4.6],
    [106, 8, 3.8],
    [120, -30, 5],
  ],
  // S2: the sciatic notch opens at the back
  [
    [46, 112, 6],
    [59, 82, 8.5],
    [82, 50, 7],
    [100, 10, 6],
    [118, -36, 6.5],
  ],
  // above the acetabulum
  [
    [72, 64, 5],
    [78, 52, 8],
    [86, 30, 13],
    [92, 2, 12],
    [98, -22, 8],
  ],
];
/** Upper and lower border of the wing by t. */
const CREST = [
  [0, -86],
  [0.25, -62],
  [0.5, -44],
  [0.75, -54],
  [1, -98],
];
const LOWER = [
  [0, -124],
  [0.2, -130],
  [0.32, -142],
  [0.42, -172],
  [1, -168],
];

const HEAD: Vec3 = [88, 18, -186];

/** Distance in the axial plane to the wing's centre line, its half thickness and t. */
function wingAt(u: number, y: number, z: number): [number, number, number] {
  let level = 0;
  while (level < HEIGHTS.length - 2 && z < HEIGHTS[level + 1]) level++;
  const upper = WING[level];
  const lower = WING[level + 1];
  const f = Math.min(1, Math.max(0, (HEIGHTS[level] - z) / (HEIGHTS[level] - HEIGHTS[level + 1])));
  let best = 1e6;
  let result: [number, number, number] = [1e3, 1, 0];
  for (let i = 0; i < upper.length - 1; i++) {
    const px = upper[i][0] + f * (lower[i][0] - upper[i][0]);
    const py = upper[i][1] + f * (lower[i][1] - upper[i][1]);
    const qx = upper[i + 1][0] + f * (lower[i + 1][0] - upper[i + 1][0]);
    const qy = upper[i + 1][1] + f * (lower[i + 1][1] - upper[i + 1][1]);
    const ex = qx - px;
    const ey = qy - py;
    const t = Math.min(1, Math.max(0, ((u - px) * ex + (y - py) * ey) / (ex * ex + ey * ey)));
    const dx = u - px - t * ex;
    const dy = y - py - t * ey;
    const far = dx * dx + dy * dy;
    if (far < best) {
      best = far;
      const pHalf = upper[i][2] + f * (lower[i][2] - upper[i][2]);
      const qHalf = upper[i + 1][2] + f * (lower[i + 1][2] - upper[i + 1][2]);
      const half = pHalf + t * (qHalf - pHalf);
      const side = Math.sign(ex * (y - py) - ey * (u - px));
      result = [side * Math.sqrt(far), half, (i + t) / (upper.length - 1)];
    }
  }
  return result;
}

function hipDistance(u: number, y: number, z: number): number {
  let d = 1e3;
  if (z > -178) {
    const [offset, half, t] = wingAt(u, y, z);
    const crest = tableAt(CREST, t, 1);
    const low = tableAt(LOWER, t, 1);
    // the crest is thicker than the blade below it
    const lip = half + 2.2 * Math.exp(-(((z - crest + 6) / 7) ** 2));
    d = smoothMax(smoothMax(Math.abs(offset) - lip, z - crest, 3), low - z, 3);
  }
  if (z < -140) {
    const [hx, hy, hz] = HEAD;
    const r = Math.hypot(u - hx, y - hy, z - hz);
    const cup = smoothMax(
      smoothMax(r - 35, 26.5 - r, 1.5),
      (u - hx) * 0.8 + (y - hy) * -0.35 - (z - hz) * 0.45 - 8,
      3,
    );
    d = smoothMin(d, cup, 6);
    const superior = capsule(u, y, z, [66, -2, -182], [13, -40, -203], 9, 7);
    const body = ellipsoid(u - 12, y + 40, z + 209, 9.5, 10, 18);
    const inferior = capsule(u, y, z, [13, -36, -222], [52, 20, -262], 6.5, 8);
    const ischium = capsule(u, y, z, [80, 44, -190], [62, 44, -256], 13, 14);
    d = smoothMin(d, Math.min(smoothMin(superior, body, 6), inferior), 5);
    d = smoothMin(d, ischium, 6);
  }
  return d;
}

function femurDistance(u: number, y: number, z: number): number {
  const [hx, hy, hz] = HEAD;
  const head = Math.hypot(u - hx, y - hy, z - hz) - 24;
  const neck = capsule(u, y, z, [hx + 10, hy, hz - 4], [132, 28, -208], 15, 15);
  const trochanter = ellipsoid(u - 141, y - 38, z + 210, 15, 18, 24);
  const shaft = capsule(u, y, z, [136, 30, -222], [124, 24, -340], 16, 13);
  return smoothMin(smoothMin(head, neck, 8), smoothMin(trochanter, shaft, 10), 8);
}

/** Hip bones and femurs; the muscles of the wing are painted before them. */
export function pelvis(noise: NoiseField): Structure[] {
  return [-1, 1].flatMap((side): Structure[] => [
    {
      box: boxAround([side * 84, 34, -110], 56, 92, 74),
      distance: (x, y, z) => {
        // iliacus on the inner face, the small gluteal muscles on the outer one
        const [offset, half, t] = wingAt(side * x, y, z);
        const inner = 15 * Math.min(1, z < -60 ? (-60 - z) / 40 : 0) * (t > 0.35 ? 1 : 0);
        const outer = 26 * Math.min(1, z < -52 ? (-52 - z) / 50 : 0) * (t > 0.2 ? 1 : 0.3);
        const thick = offset < 0 ? outer : inner;
        return Math.max(Math.abs(offset) - half - thick, z - tableAt(CREST, t, 1) + 6, -180 - z);
      },
      material: (x, y, z, d) =>
        d > -1.6 ? -70 : 58 + 5 * noise.smooth(x * 0.12, y * 0.12, z * 0.05),
      softness: 2,
    },
    {
      // cartilage of the sacroiliac joint, between the wing of the sacrum and the hip bone
      box: [side < 0 ? -80 : 30, side < 0 ? -30 : 80, 40, 125, -150, -70],
      distance: (x, y, z) => hipDistance(side * x, y, z) - 2.4,
      material: 78,
    },
    {
      box: [side < 0 ? -125 : 2, side < 0 ? -2 : 125, -58, 125, -280, -38],
      distance: (x, y, z) => hipDistance(side * x, y, z),
      material: (x, y, z, d) => boneHu(PELVIC_BONE, noise, x, y, z, d),
    },
    {
      box: [side < 0 ? -160 : 60, side < 0 ? -60 : 160, -20, 70, -340, -158],
      distance: (x, y, z) => femurDistance(side * x, y, z),
      material: (x, y, z, d) => boneHu(FEMUR_BONE, noise, x, y, z, d),
    },
  ]);
}
