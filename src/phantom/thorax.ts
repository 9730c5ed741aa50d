import type { Vec3 } from '../series/types';
import type { Structure } from './canvas';
import type { NoiseField } from './random';
import { boxAround, capsule, ellipsoid, roundedBox, smoothMax, smoothMin, tube } from './shapes';
import { CANAL_DEPTH, fromFrame, VERTEBRAE, type Frame } from './spine';
import { cavityDistance, HU, trunkOval, type Build } from './torso';
import { boneHu } from './vertebra';

const RIB_BONE = { cortexHu: 820, cortexMm: 1.5, marrowHu: 190, textureHu: 30 };

/** How far round the chest a rib goes (degrees from the back) and how far it drops on the way, mm. */
const RIBS: readonly (readonly [end: number, drop: number])[] = [
  [128, 28],
  [138, 45],
  [142, 58],
  [145, 68],
  [146, 76],
  [146, 82],
  [144, 88],
  [136, 90],
  [126, 90],
  [112, 88],
  [84, 74],
  [52, 54],
];

/** The twelve pairs of ribs, each from its vertebra round the chest wall, with their cartilage. */
export function ribs(frames: readonly Frame[], build: Build, noise: NoiseField): Structure[] {
  const structures: Structure[] = [];
  RIBS.forEach(([end, drop], i) => {
    const size = VERTEBRAE[i];
    const frame = frames[i];
    for (const side of [-1, 1]) {
      const head = fromFrame(frame, side * size.width * 0.46, size.depth * 0.4, size.height * 0.42);
      const neck = fromFrame(
        frame,
        side * (size.transverseSpan / 2 - 1),
        size.depth / 2 + (i < 10 ? CANAL_DEPTH + 1 : 12),
        3,
      );
      const wall = (degrees: number): Vec3 => {
        const angle = (degrees * Math.PI) / 180;
        const t = (1 - Math.cos(angle)) / (1 - Math.cos((end * Math.PI) / 180));
        const z = neck[2] - 4 - drop * (0.25 * t + 0.75 * t * (2 - t) * 0.5 + 0.125 * t);
        const inner = trunkOval('cavity', z, build);
        const x = side * (inner.a + 6) * Math.sin(angle) ** 0.8;
        const y = inner.middle + (inner.b + 6) * Math.cos(angle);
        return [x, y, z];
      };
      const points = [
        { at: head, radius: 3.6 },
        { at: neck, radius: 3.6 },
      ];
      const first = Math.min(30, end * 0.55);
      for (let degrees = first; degrees <= end; degrees += (end - first) / 14) {
        points.push({ at: wall(degrees), radius: i === 11 ? 2.9 : 3.4 });
      }
      const last = points[points.length - 1].at;
      if (i < 10) {
        // cartilage, on to the sternum or the costal arch
        const ventral: Vec3 = [
          side * (i < 7 ? 20 : 30 + (i - 6) * 14),
          -70,
          last[2] + (i < 4 ? -4 : 14 + i * 2),
        ];
        const goal = trunkOval('cavity', ventral[2], build);
        const stop: Vec3 = [ventral[0], goal.middle - goal.b - 4, ventral[2]];
        const bend: Vec3 = [
          (last[0] * 1.1 + stop[0]) / 2,
          (last[1] + stop[1]) / 2 - 16,
          (last[2] + stop[2]) / 2 - 6,
        ];
        structures.push({
          ...tube(
            [last, bend, stop].map((at) => ({ at, radius: 3.8 })),
            [1, 1, 1.4],
          ),
          material: 105,
        });
      }
      structures.push({
        ...tube(points, [1, 1, 1.75]),
        material: (x, y, z, d) => boneHu(RIB_BONE, noise, x, y, z, d),
      });
    }
  });
  structures.push(sternum(build, noise));
  return structures;
}

function sternum(build: Build, noise: NoiseField): Structure {
  const front = (z: number) => {
    const o = trunkOval('cavity', z, build);
    return o.middle - o.b - 5;
  };
  return {
    box: [-32, 32, -90, 20, 168, 322],
    distance: (x, y, z) => {
      const wide = z > 275 ? 22 + (z - 275) * 0.15 : z > 195 ? 16 : 9;
      return roundedBox(x, y - front(z), z - 245, wide, z > 195 ? 6 : 3.5, 74, 3);
    },
    material: (x, y, z, d) => boneHu({ ...RIB_BONE, marrowHu: 120 }, noise, x, y, z, d),
  };
}

/** Height of the diaphragm over a point, mm; the right dome (x < 0) stands higher. */
export function diaphragm(x: number, y: number): number {
  const right = dome(x + 68, y - 5, 182, 66, 78);
  const left = dome(x - 70, y - 5, 170, 62, 76);
  return smoothMax(right, left, 14);
}

function dome(dx: number, dy: number, top: number, rx: number, ry: number): number {
  const q = (dx / rx) ** 2 + (dy / ry) ** 2;
  // it falls deeper behind than in front
  const steep = 59 + (13 * dy) / Math.sqrt(dy * dy + 900);
  return top - steep * (q < 1.4 ? q ** 1.2 : 1.4 ** 1.2);
}

/** Lungs, heart and the great vessels of the chest. */
export function lungs(frames: readonly Frame[], build: Build, noise: NoiseField): Structure[] {
  const vertebraBack = frames.map((f) => f.centre);
  const spineAt = (z: number): Vec3 => {
    let i = 1;
    while (i < vertebraBack.length - 1 && vertebraBack[i][2] > z) i++;
    const p = vertebraBack[i - 1];
    const q = vertebraBack[i];
    const t = (p[2] - z) / (p[2] - q[2]);
    return [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]), z];
  };
  const inCavity = cavityDistance(build);
  let zKept = NaN;
  let spine: Vec3 = [0, 0, 0];
  const air: Structure = {
    box: [-140, 140, -90, 118, 40, 352],
    distance: (x, y, z) => {
      if (z !== zKept) {
        zKept = z;
        spine = spineAt(z);
      }
      const chest = inCavity(x, y, z) + 2.5;
      if (chest > 4) return chest;
      const floor = diaphragm(x, y) + 3 - z;
      if (floor > 6) return floor;
      const u = Math.abs(x - spine[0]);
      const beside = 20 - (u - 2) + Math.max(0, spine[1] - 22 - y) * -0.12;
      const prevertebral = y > spine[1] + 22 ? 30 - u : beside;
      return smoothMax(smoothMax(chest, floor, 3), prevertebral, 4);
    },
    material: (x, y, z) => {
      const vessel = noise.smooth(x * 0.11, y * 0.11, z * 0.11);
      const fine = noise.smooth(x * 0.27 + 9, y * 0.27, z * 0.27);
      const dependent = Math.max(0, y - 60) * 0.9;
      const v = vessel > 1.5 ? Math.min(600, (vessel - 1.5) * 1400) : 0;
      const w = fine > 1.75 ? Math.min(500, (fine - 1.75) * 1100) : 0;
      return -868 + dependent + 12 * fine + Math.max(v, w);
    },
  };
  const heartCentre: Vec3 = [24, -28, 208];
  const heart: Structure = {
    box: boxAround(heartCentre, 80, 72, 72),
    distance: (x, y, z) => {
      const dx = x - heartCentre[0];
      const dy = y - heartCentre[1];
      const dz = z - heartCentre[2];
      const main = ellipsoid(
        dx * 0.86 - dy * 0.4,
        dy * 0.86 + dx * 0.4,
        dz + 0.15 * dx,
        58,
        44,
        50,
      );
      return smoothMax(main, inCavity(x, y, z) + 4, 4);
    },
    material: (x, y, z, d) => {
      if (d > -4) return 40;
      const septum = Math.abs(x - 18 + (y + 28) * 0.5 + (z - 208) * 0.2);
      return septum < 5 || d > -11 ? 95 : HU.blood + 4 * noise.smooth(x * 0.1, y * 0.1, z * 0.1);
    },
  };
  return [air, heart];
}

/** Aortic arch with its ascending part, pulmonary arteries and superior vena cava. */
export function greatVessels(): Structure[] {
  const arch = tube([
    { at: [6, -26, 232], radius: 15 },
    { at: [-8, -16, 262], radius: 15 },
    { at: [-4, 0, 290], radius: 14 },
    { at: [10, 22, 303], radius: 13 },
    { at: [21, 42, 296], radius: 12.5 },
    { at: [23, 52, 275], radius: 12.5 },
  ]);
  const trunk = tube([
    { at: [26, -34, 240], radius: 14 },
    { at: [22, -14, 262], radius: 13 },
    { at: [30, 12, 268], radius: 11 },
    { at: [52, 34, 258], radius: 8 },
    { at: [70, 46, 238], radius: 5 },
  ]);
  const right = tube([
    { at: [22, -10, 262], radius: 11 },
    { at: [-14, 10, 258], radius: 10 },
    { at: [-44, 24, 246], radius: 8 },
    { at: [-62, 36, 228], radius: 5 },
  ]);
  const cava = tube([
    { at: [-22, -8, 345], radius: 8 },
    { at: [-26, -6, 290], radius: 9.5 },
    { at: [-24, -8, 236], radius: 10 },
  ]);
  const neck = [-14, 6, 22].map((x) =>
    tube([
      { at: [x * 0.4 + 6, 8 + x * 0.5, 304], radius: 6 },
      { at: [x, 14, 330], radius: 5 },
      { at: [x * 1.5, 22, 385], radius: 4.5 },
    ]),
  );
  return [cava, right, trunk, arch, ...neck].map((t) => ({ ...t, material: HU.blood }));
}

/** Windpipe, gullet and shoulder blades, for scans that reach the upper chest. */
export function upperChest(frames: readonly Frame[], noise: NoiseField): Structure[] {
  const trachea = tube(
    [
      { at: [0, 28, 380], radius: 9 },
      { at: [0, 40, 330], radius: 9 },
      { at: [-2, 50, 275], radius: 9 },
    ],
    [1, 0.9, 1],
  );
  const bronchi = [-1, 1].map((side) =>
    tube([
      { at: [-2, 50, 277], radius: 7.5 },
      { at: [side * 28, 56, 252], radius: 6 },
      { at: [side * 44, 62, 232], radius: 4 },
    ]),
  );
  const blades = [-1, 1].map((side): Structure => {
    const spine: [Vec3, Vec3] = [
      [side * 68, 128, 300],
      [side * 150, 88, 330],
    ];
    return {
      box: [side < 0 ? -170 : 60, side < 0 ? -60 : 170, 60, 146, 215, 352],
      distance: (x, y, z) => {
        const u = side * x;
        const t = (u - 62) / 78;
        const sheet = Math.abs(y - (126 - 26 * t * t - 8 * Math.max(0, t))) - 2.6;
        const edge = Math.max(
          62 + (z > 300 ? 0 : (300 - z) * 0.1) - u,
          u - (140 - (335 - z) * 0.55),
          222 - z,
          z - 340,
        );
        return smoothMin(smoothMax(sheet, edge, 3), capsule(x, y, z, spine[0], spine[1], 4, 7), 5);
      },
      material: (x, y, z, d) => boneHu(RIB_BONE, noise, x, y, z, d),
    };
  });
  const gullet = tube(
    frames
      .slice(0, 10)
      .map((f) => ({ at: [f.centre[0] + 6, f.centre[1] - 26, f.centre[2]] as Vec3, radius: 7 })),
    [1.2, 0.8, 1],
  );
  const lumen = {
    ...gullet,
    distance: (x: number, y: number, z: number) => gullet.distance(x, y, z) + 4.5,
  };
  return [
    { ...gullet, material: 45 },
    { ...lumen, material: (_x, _y, z) => (noise.smooth(1, 2, z * 0.03) > 0.9 ? -700 : 30) },
    { ...trachea, distance: (x, y, z) => trachea.distance(x, y, z) - 1.5, material: 40 },
    { ...trachea, material: -990 },
    ...bronchi.map((b) => ({ ...b, material: -985 })),
    ...blades,
  ];
}
