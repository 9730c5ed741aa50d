import { GRID_MM } from './brush';
import { smoothNoise, type Raster } from './raster';
import type { Random } from '../tools/random';
import type { Spine } from './spine';

/** A point relative to the centre of L5, mm: to the back, to the feet. */
type Offset = readonly [back: number, down: number];

/** Outlines of the sacral ala and of the upper and lower ilium 25-60 mm beside the midline, relative to L5's centre. */
const ALA: readonly Offset[] = [
  [17, -6],
  [40, -10],
  [50, 5],
  [62, 22],
  [76, 40],
  [84, 60],
  [86, 85],
  [72, 88],
  [64, 72],
  [38, 58],
  [10, 48],
  [4, 25],
  [8, 10],
];
const UPPER_ILIUM: readonly Offset[] = [
  [37, -16],
  [60, -22],
  [82, -8],
  [89, 15],
  [84, 35],
  [74, 55],
  [62, 74],
  [42, 76],
  [30, 66],
  [14, 62],
  [8, 48],
  [18, 32],
  [30, 12],
];
const LOWER_ILIUM: readonly Offset[] = [
  [10, 44],
  [52, 70],
  [34, 84],
  [42, 105],
  [47, 125],
  [44, 150],
  [20, 180],
  [-30, 185],
  [-62, 150],
  [-50, 118],
  [-25, 92],
  [-8, 66],
];
/** S1's centre relative to L5's in the people measured. */
const S1_FROM_L5: Offset = [14, 23];
/**
 * Raises sacral ala and ilium, turned with the sacrum, to the value of bone, as the maximum 25-60 mm
 * beside the midline shows them; the crest's height varies from person to person.
 */
export function paintPelvis(random: Random, plane: Raster, spine: Spine, bone: () => number): void {
  const s1 = spine.sacrum[0];
  const tilt = (s1.angle - (46 * Math.PI) / 180) * 0.75 + random.normal(0, 0.08);
  const crest = random.normal(0, 8);
  const broad = random.normal(1, 0.08);
  const texture = smoothNoise(random, plane.height, plane.width, random.uniform(0.6, 1.4));
  const value = bone();
  const shape = (outline: readonly Offset[], lift: number) =>
    outline.map(([back, down]) => {
      const u = (back - S1_FROM_L5[0]) * broad * spine.size + random.normal(0, 2.5);
      const raised = down < 30 ? lift * (1 - Math.max(0, down) / 30) : 0;
      const w = (down - S1_FROM_L5[1] + raised) * spine.size + random.normal(0, 2.5);
      return {
        y: s1.y + u * Math.cos(tilt) + w * Math.sin(tilt),
        z: s1.z - u * Math.sin(tilt) + w * Math.cos(tilt),
      };
    });
  for (const [outline, lift] of [
    [ALA, 0],
    [UPPER_ILIUM, crest],
    [LOWER_ILIUM, 0],
  ] as const) {
    fillPolygon(plane, shape(outline, lift), value * random.uniform(0.9, 1.1), texture);
  }
}

function fillPolygon(
  plane: Raster,
  points: readonly { y: number; z: number }[],
  value: number,
  texture: Raster,
): void {
  const { height, width, data } = plane;
  for (let r = 0; r < height; r++) {
    const z = r * GRID_MM;
    const crossings: number[] = [];
    points.forEach((a, i) => {
      const b = points[(i + 1) % points.length];
      if (a.z > z === b.z > z) return;
      crossings.push(a.y + ((z - a.z) / (b.z - a.z)) * (b.y - a.y));
    });
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const from = Math.max(0, Math.ceil(crossings[k] / GRID_MM));
      const to = Math.min(width - 1, Math.floor(crossings[k + 1] / GRID_MM));
      for (let c = from; c <= to; c++) {
        const i = r * width + c;
        data[i] = Math.max(data[i], value * (1 + 0.08 * texture.data[i]));
      }
    }
  }
}
