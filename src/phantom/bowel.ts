import type { Vec3 } from '../series/types';
import type { Structure } from './canvas';
import type { NoiseField, PhantomRandom } from './random';
import { boxAround, ellipsoid, smoothMax, tube, type Distance, type TubePoint } from './shapes';
import { cavityDistance, HU, type Build, type Up } from './torso';

/** Large and small bowel: loops of tube with wall, contents and gas that rises to the front. */
export function bowel(random: PhantomRandom, build: Build, noise: NoiseField, up: Up): Structure[] {
  const inCavity = cavityDistance(build);
  const structures: Structure[] = [];
  for (let loop = 0; loop < 64; loop++)
    structures.push(smallBowelLoop(random, inCavity, noise, up));
  const colon: [Vec3, number][] = [
    [[-92, 4, -92], 24],
    [[-104, 12, -60], 27],
    [[-110, 16, -20], 25],
    [[-108, 10, 18], 23],
    [[-88, -26, 36], 21],
    [[-58, -58, 22], 20],
    [[-18, -66, 6], 19],
    [[24, -66, 12], 18],
    [[66, -58, 40], 19],
    [[100, -18, 84], 19],
    [[116, 34, 70], 17],
    [[114, 40, 20], 15],
    [[112, 34, -30], 15],
    [[100, 12, -80], 15],
    [[72, -10, -118], 16],
    [[30, -18, -126], 17],
    [[-12, 10, -118], 17],
    [[2, 46, -112], 16],
    [[14, 62, -122], 15],
  ];
  const path = refine(colon, 4);
  const wall = tube(
    path.map(([at, r], i) => ({ at, radius: r * (0.9 + 0.13 * Math.sin(i * 1.9)) })),
  );
  const gasBelow = path.filter((_, i) => i % 9 === 0);
  structures.push({
    ...wall,
    distance: within(wall.distance, inCavity, 2.5),
    material: (x, y, z, d) => {
      if (d > -2.6) return 58;
      let near = gasBelow[0][0];
      let best = Infinity;
      for (const [p] of gasBelow) {
        const far = (p[0] - x) ** 2 + (p[1] - y) ** 2 + (p[2] - z) ** 2;
        if (far < best) {
          best = far;
          near = p;
        }
      }
      const level = 5 - 8 * noise.smooth(near[0] * 0.05, near[1] * 0.05, near[2] * 0.05);
      if (up * (y - near[1]) > level) return -960;
      const bubbles = noise.smooth(x * 0.24, y * 0.24, z * 0.24);
      return (
        34 +
        16 * noise.smooth(x * 0.1, y * 0.1, z * 0.1) -
        (bubbles > 0.9 ? 420 * (bubbles - 0.9) : 0)
      );
    },
  });
  return structures;
}

/** A shape cut off where it comes within `gap` mm of the cavity's wall. */
const within =
  (shape: Distance, cavity: Distance, gap: number): Distance =>
  (x, y, z) => {
    const d = shape(x, y, z);
    return d > 6 ? d : smoothMax(d, cavity(x, y, z) + gap, 4);
  };

function refine(points: readonly [Vec3, number][], parts: number): [Vec3, number][] {
  const out: [Vec3, number][] = [];
  for (let i = 0; i < points.length - 1; i++) {
    const [p0, p1, p2, p3] = [i - 1, i, i + 1, i + 2].map(
      (k) => points[Math.min(points.length - 1, Math.max(0, k))],
    );
    for (let j = 0; j < parts; j++) {
      const t = j / parts;
      // Catmull-Rom
      const mix = (a: number, b: number, c: number, d: number) =>
        0.5 *
        (2 * b +
          (c - a) * t +
          (2 * a - 5 * b + 4 * c - d) * t * t +
          (3 * b - a - 3 * c + d) * t ** 3);
      const at = [0, 1, 2].map((k) => mix(p0[0][k], p1[0][k], p2[0][k], p3[0][k]));
      out.push([[at[0], at[1], at[2]], mix(p0[1], p1[1], p2[1], p3[1])]);
    }
  }
  out.push(points[points.length - 1]);
  return out;
}

function smallBowelLoop(
  random: PhantomRandom,
  inCavity: (x: number, y: number, z: number) => number,
  noise: NoiseField,
  up: Up,
): Structure {
  const centre: Vec3 = [random.between(-70, 82), random.between(-70, -4), random.between(-126, 36)];
  const radius = random.between(9, 13);
  const bend = random.between(14, 26);
  const plane = random.between(0, Math.PI);
  const points: TubePoint[] = [];
  for (let i = 0; i < 9; i++) {
    const angle = (i / 8 - 0.5) * random.between(2.2, 3.2);
    const a = bend * Math.sin(angle) * 1.5;
    const b = bend * (Math.cos(angle) - 0.6);
    points.push({
      at: [
        centre[0] + a * Math.cos(plane),
        centre[1] + b * 0.7,
        centre[2] + a * Math.sin(plane) + b * 0.3,
      ],
      radius: radius * (0.92 + 0.08 * Math.sin(i * 2.4)),
    });
  }
  const gas = random.next() < 0.14;
  const content = random.between(14, 40);
  const wall = random.between(66, 96);
  const shape = tube(points);
  return {
    ...shape,
    distance: within(shape.distance, inCavity, 3),
    material: (x, y, z, d) => {
      // a film of mesenteric fat keeps neighbouring loops apart
      if (d > -0.9) return HU.visceralFat + 40;
      if (d > -3.4) return wall;
      if (gas && up * (y - centre[1]) > 3) return -930;
      const fold = noise.smooth(x * 0.28, y * 0.28, z * 0.28);
      return content + (fold > 0.8 ? 30 * (fold - 0.8) : 0) + 5 * fold;
    },
  };
}

/** What fills the lesser pelvis: bladder, prostate, rectum. */
export function pelvicOrgans(noise: NoiseField): Structure[] {
  const rectum = tube([
    { at: [14, 62, -122], radius: 15 },
    { at: [6, 76, -148], radius: 19 },
    { at: [0, 72, -178], radius: 19 },
    { at: [0, 58, -205], radius: 14 },
    { at: [0, 70, -250], radius: 11 },
  ]);
  return [
    {
      box: boxAround([0, 2, -168], 62, 52, 44),
      distance: (x, y, z) => ellipsoid(x - 2, y + 4 + (z + 165) * 0.25, z + 166, 46, 38, 32),
      material: (_x, _y, _z, d) => (d > -3.5 ? 42 : HU.water),
    },
    {
      box: boxAround([0, 12, -214], 30, 26, 24),
      distance: (x, y, z) => ellipsoid(x, y - 8, z + 214, 25, 20, 20),
      material: (x, y, z) => 52 + 8 * noise.smooth(x * 0.1, y * 0.1, z * 0.1),
    },
    ...[-1, 1].map((side): Structure => ({
      // obturator muscles along the wall of the lesser pelvis
      box: boxAround([side * 58, 26, -196], 18, 46, 50),
      distance: (x, y, z) => ellipsoid(x - side * 60, y - 24, z + 196, 11, 40, 44),
      material: 58,
    })),
    {
      ...rectum,
      material: (x, y, z, d) =>
        d > -4
          ? 52
          : noise.smooth(x * 0.06, y * 0.06, z * 0.06) > 1.1
            ? -800
            : 30 + 40 * noise.smooth(x * 0.3, y * 0.3, z * 0.3),
    },
  ];
}
