import type { Vec3 } from '../series/types';
import type { Structure } from './canvas';
import type { NoiseField } from './random';
import { boxAround, ellipsoid, smoothMax, smoothMin, tube, type TubePoint } from './shapes';
import { diaphragm } from './thorax';
import { cavityDistance, HU, type Build, type Up } from './torso';

const SIDES = [-1, 1] as const;

const kidneyCentre = (side: number): Vec3 => [side * 70, 33, side < 0 ? 34 : 44];

/** Coordinates along a kidney's own axes: to the side, to the back, up. */
function inKidney(side: number, x: number, y: number, z: number): Vec3 {
  const [cx, cy, cz] = kidneyCentre(side);
  const dz = z - cz;
  // lower pole further out and to the front, hilum turned to the front
  const u = side * (x - cx) + dz * 0.22;
  const v = y - cy - dz * 0.1;
  return [u * 0.82 + v * 0.57, v * 0.82 - u * 0.57, dz];
}

/** Liver, gallbladder, spleen, stomach, pancreas (portal venous phase) and the fat about the kidneys. */
export function organs(build: Build, noise: NoiseField, up: Up): Structure[] {
  const inCavity = cavityDistance(build);
  const texture = (hu: number, amount: number) => (x: number, y: number, z: number) =>
    hu + amount * noise.smooth(x * 0.15, y * 0.15, z * 0.15);
  const under = (x: number, y: number, z: number) => z - diaphragm(x, y);
  const stomachAt = (x: number, y: number, z: number) => {
    const main = ellipsoid(x - 66 - (z - 140) * 0.25, y + 12, z - 138, 44, 52, 50);
    const antrum = ellipsoid(x - 12, y + 52, z - 82, 52, 20, 22);
    return smoothMin(main, antrum, 22);
  };
  const liver: Structure = {
    box: [-142, 70, -100, 108, 8, 192],
    distance: (x, y, z) => {
      const taper = (z - 110) * 0.28;
      const right = ellipsoid(x + 84 - Math.max(0, -taper) * 0.6, y - 4, z - 108, 72, 96, 96);
      const left = ellipsoid(x + 14, y + 48, z - 140, 76, 40, 40);
      const lobes = smoothMin(right, left, 18);
      if (lobes > 8) return lobes;
      // the hilum and the fossa of the gallbladder hollow the lower face
      const hilum = ellipsoid(x + 22, y + 6, z - 92, 34, 36, 42);
      return smoothMax(
        smoothMax(smoothMax(lobes, -hilum, 12), under(x, y, z), 4),
        inCavity(x, y, z) + 1.5,
        4,
      );
    },
    material: texture(HU.liver, 4),
  };
  const veins: TubePoint[][] = [
    [
      { at: [-20, 8, 96], radius: 6.5 },
      { at: [-42, -2, 106], radius: 6 },
      { at: [-72, 6, 112], radius: 4.5 },
      { at: [-104, 14, 108], radius: 2.5 },
    ],
    [
      { at: [-42, -2, 106], radius: 5 },
      { at: [-24, -34, 126], radius: 4 },
      { at: [8, -52, 132], radius: 2.5 },
    ],
    [
      { at: [-18, 24, 168], radius: 6 },
      { at: [-56, 6, 152], radius: 4.5 },
      { at: [-96, -18, 126], radius: 2.5 },
    ],
    [
      { at: [-18, 24, 168], radius: 5.5 },
      { at: [-40, -26, 146], radius: 4 },
      { at: [-56, -56, 116], radius: 2.2 },
    ],
    [
      { at: [-18, 24, 168], radius: 5 },
      { at: [-70, 40, 140], radius: 4 },
      { at: [-104, 48, 104], radius: 2.2 },
    ],
  ];
  const spleen: Structure = {
    box: [40, 142, -10, 112, 66, 186],
    distance: (x, y, z) => {
      const u = (x - 96) * 0.9 + (y - 54) * 0.43;
      const v = (y - 54) * 0.9 - (x - 96) * 0.43;
      const d = ellipsoid(u, v, z - 128, 42, 60, 56);
      if (d > 6) return d;
      const hollow = -ellipsoid(x - 58, y - 4, z - 134, 46, 58, 62);
      const edge = Math.max(inCavity(x, y, z) + 1.5, under(x, y, z));
      return smoothMax(smoothMax(d, hollow, 8), edge, 4);
    },
    material: texture(HU.spleen, 4),
  };
  const stomach: Structure = {
    box: [-46, 124, -84, 44, 56, 186],
    distance: (x, y, z) =>
      smoothMax(stomachAt(x, y, z), Math.max(inCavity(x, y, z) + 2, under(x, y, z)), 4),
    material: (x, y, z, d) => {
      if (d > -3.6) return 72;
      const gas = up * (y + 12) > 22;
      return gas ? -940 : 18 + 14 * noise.smooth(x * 0.1, y * 0.1, z * 0.1);
    },
  };
  const gallbladder: Structure = {
    box: boxAround([-52, -46, 72], 20, 30, 26),
    distance: (x, y, z) => ellipsoid(x + 52, y + 44 + (z - 72) * 0.35, z - 72, 15, 20, 24),
    material: (_x, _y, _z, d) => (d > -2 ? 45 : HU.water),
  };
  const pancreas = tube(
    [
      { at: [-26, -14, 60], radius: 12 },
      { at: [-8, -20, 74], radius: 8 },
      { at: [18, -24, 84], radius: 8.5 },
      { at: [50, -2, 96], radius: 8.5 },
      { at: [78, 22, 104], radius: 7 },
    ],
    [1, 0.9, 1.4],
  );
  return [
    liver,
    ...veins.map((points) => ({ ...tube(points), material: 142, softness: 2.4 })),
    gallbladder,
    spleen,
    stomach,
    {
      ...pancreas,
      material: (x, y, z) => 88 + 22 * Math.min(0, noise.smooth(x * 0.2, y * 0.2, z * 0.2)),
    },
    ...SIDES.map((side): Structure => ({
      // the fat about the kidney pushes liver and spleen aside
      box: boxAround(kidneyCentre(side), 56, 50, 76),
      distance: (x, y, z) => {
        const [u, v, w] = inKidney(side, x, y, z);
        return smoothMax(ellipsoid(u, v, w, 40, 31, 68), inCavity(x, y, z) + 1, 4);
      },
      material: (x, y, z) => HU.visceralFat - 4 + 5 * noise.smooth(x * 0.1, y * 0.1, z * 0.1),
    })),
  ];
}

/** Kidneys with cortex, medulla and sinus; to be painted after the muscles behind them. */
export function kidneys(): Structure[] {
  return SIDES.flatMap((side): Structure[] => {
    const box = boxAround(kidneyCentre(side), 52, 46, 66);
    return [
      {
        box,
        distance: (x, y, z) => {
          const [u, v, w] = inKidney(side, x, y, z);
          const sinus = ellipsoid(u + 21, v, w, 24, 8.5, 22);
          return smoothMax(ellipsoid(u, v, w, 31, 24, 55), -sinus, 4);
        },
        material: (x, y, z, d) => {
          const [u, v, w] = inKidney(side, x, y, z);
          const pyramid = Math.sin(Math.atan2(v, u + 8) * 5) * Math.cos(w * 0.26);
          const medulla =
            Math.min(1, Math.max(0, (-d - 5.5) / 2)) * (0.62 + 0.38 * Math.tanh(4 * pyramid));
          return 186 - 44 * medulla;
        },
      },
      {
        box,
        distance: (x, y, z) => {
          const [u, v, w] = inKidney(side, x, y, z);
          return ellipsoid(u + 24, v, w - 2, 17, 4.5, 11);
        },
        material: 14,
      },
    ];
  });
}
