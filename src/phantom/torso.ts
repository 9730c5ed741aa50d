import { coverage, EDGE_MM, type Layer, type HuPlane, type Structure } from './canvas';
import type { NoiseField } from './random';
import { clamp, smoothMax, tableAt, tube, type Distance, type TubeStretch } from './shapes';
import { fromFrame, VERTEBRAE, type Frame } from './spine';

export const HU = {
  air: -1000,
  fat: -104,
  visceralFat: -100,
  muscle: 58,
  skin: 12,
  blood: 150,
  liver: 108,
  spleen: 118,
  water: 8,
} as const;

/**
 * The three skins of the trunk by z: half width, front y and back y of the skin, of the muscle wall
 * and of the inner cavity, mm, for a person of medium build.
 */
const TRUNK: readonly (readonly number[])[] = [
  //  z   skin              muscle            cavity
  [-330, 182, -78, 128, 160, -58, 106, 40, -10, 50],
  [-250, 188, -86, 141, 165, -60, 116, 52, -30, 82],
  [-185, 190, -96, 144, 166, -68, 120, 60, -56, 92],
  [-125, 186, -108, 141, 160, -84, 118, 84, -76, 86],
  [-71, 176, -116, 135, 148, -92, 106, 118, -82, 80],
  [-30, 168, -118, 132, 142, -96, 101, 131, -86, 95],
  [0, 165, -118, 132, 142, -97, 101, 131, -86, 95],
  [50, 164, -115, 133, 144, -96, 106, 133, -85, 98],
  [98, 164, -111, 136, 147, -94, 117, 137, -82, 90],
  [152, 164, -107, 141, 149, -92, 127, 137, -78, 98],
  [200, 163, -101, 145, 148, -86, 133, 134, -70, 106],
  [245, 162, -93, 148, 146, -78, 137, 128, -60, 110],
  [290, 166, -80, 150, 150, -66, 138, 112, -46, 112],
  [325, 172, -62, 146, 154, -48, 134, 86, -26, 104],
  [345, 170, -50, 138, 150, -36, 126, 60, -10, 92],
  [380, 120, -30, 118, 100, -16, 108, 20, 0, 60],
];
export type TrunkSkin = 'skin' | 'muscle' | 'cavity';
const COLUMN = { skin: 1, muscle: 4, cavity: 7 } as const;

/** How far the fat under the skin is scaled against the table above. */
export interface Build {
  readonly fat: number;
}

/** Where gas rises to: -1 to the front (supine), 1 to the back (prone). */
export type Up = -1 | 1;

interface Oval {
  readonly a: number;
  readonly middle: number;
  readonly b: number;
}

/** Half width, middle and half depth of a skin of the trunk at height z. */
export function trunkOval(which: TrunkSkin, z: number, build: Build): Oval {
  const at = (w: TrunkSkin) => [0, 1, 2].map((k) => tableAt(TRUNK, z, COLUMN[w] + k));
  let [a, front, back] = at(which);
  if (which === 'skin') {
    const [ma, mf, mb] = at('muscle');
    a = ma + (a - ma) * build.fat;
    front = mf + (front - mf) * build.fat;
    back = mb + (back - mb) * (0.4 + 0.6 * build.fat);
  }
  return { a, middle: (front + back) / 2, b: (back - front) / 2 };
}

/** v to the power 2.5, the exponent of the ovals (superellipses). */
const toPower = (v: number) => v * v * Math.sqrt(v);

/** r * (1 - sum ** -0.4) near the border, by its series about sum = 1; 30 or -30 where it is far. */
function borderDistance(sum: number, x: number, dy: number): number {
  if (sum > 1.5) return 30;
  if (sum < 0.5) return -30;
  const e = sum - 1;
  return Math.sqrt(x * x + dy * dy) * e * (0.4 - e * (0.28 - e * 0.224));
}

/**
 * Distance to an oval along the ray from its middle, mm; 30 or -30 where the border is far.
 */
function ovalDistance(o: Oval, x: number, y: number): number {
  const dy = y - o.middle;
  const sum = toPower(Math.abs(x) / o.a) + toPower(Math.abs(dy) / o.b);
  return borderDistance(sum, x, dy);
}

/** Distance to the wall of the cavity of the trunk, its measures kept from one point to the next. */
export function cavityDistance(build: Build): Distance {
  let zKept = NaN;
  let oval = trunkOval('cavity', 0, build);
  return (x, y, z) => {
    if (z !== zKept) {
      zKept = z;
      oval = trunkOval('cavity', z, build);
    }
    return ovalDistance(oval, x, y);
  };
}

class OvalRows {
  private readonly byColumn: Float64Array;
  private rowTerm = 0;
  private dy = 0;

  constructor(
    private readonly oval: Oval,
    private readonly x: Float64Array,
  ) {
    this.byColumn = x.map((value) => toPower(Math.abs(value) / oval.a));
  }

  startRow(y: number): void {
    this.dy = y - this.oval.middle;
    this.rowTerm = toPower(Math.abs(this.dy) / this.oval.b);
  }

  distance(c: number): number {
    const sum = this.byColumn[c] + this.rowTerm;
    return borderDistance(sum, this.x[c], this.dy);
  }
}

const TABLE_HALF_WIDTH = 208;
/** Upper surface of the table top, a shallow cradle. */
const tableTop = (x: number) => 147 - 17 * (x / TABLE_HALF_WIDTH) ** 2;
const tableBottom = (x: number) => 182 - 50 * (x / TABLE_HALF_WIDTH) ** 2;

/** Air, table and the soft tissue of the trunk, the ground on which everything else is painted. */
export function trunk(build: Build, noise: NoiseField, prone: boolean): Layer {
  return {
    zMin: -Infinity,
    zMax: Infinity,
    paint(plane) {
      paintTable(plane, prone);
      paintTrunk(plane, build, noise, prone);
    },
  };
}

function paintTable(plane: HuPlane, prone: boolean): void {
  const { columns, rows, x0, y0, dx, dy } = plane.grid;
  plane.hu.fill(HU.air);
  for (let c = 0; c < columns; c++) {
    const x = x0 + c * dx;
    if (Math.abs(x) > TABLE_HALF_WIDTH) continue;
    const top = tableTop(x);
    const bottom = tableBottom(x);
    for (let r = 0; r < rows; r++) {
      // prone: the same table, under the belly
      const y = prone ? 36 - (y0 + r * dy) : y0 + r * dy;
      if (y < top - 2 || y > bottom + 2) continue;
      const shell = Math.min(Math.abs(y - top - 1), Math.abs(y - bottom + 1));
      const skin = coverage(shell - 1, 1.6);
      const core = y > top && y < bottom ? -935 : HU.air;
      plane.hu[r * columns + c] = core + skin * (-20 - core);
    }
  }
}

function paintTrunk(plane: HuPlane, build: Build, noise: NoiseField, prone: boolean): void {
  const { columns, rows, x0, y0, dx, dy, z0, dz } = plane.grid;
  const x = Float64Array.from({ length: columns }, (_, c) => x0 + c * dx);
  const hu = plane.hu;
  let ovals: OvalRows[] = [];
  for (let r = 0; r < rows; r++) {
    const z = z0 + r * dz;
    const y = y0 + r * dy;
    if (r === 0 || dz !== 0) {
      ovals = (['skin', 'muscle', 'cavity'] as const).map(
        (which) => new OvalRows(trunkOval(which, z, build), x),
      );
    }
    const [skin, muscle, cavity] = ovals;
    skin.startRow(y);
    muscle.startRow(y);
    cavity.startRow(y);
    for (let c = 0; c < columns; c++) {
      let d = skin.distance(c);
      if (d > 8) continue;
      const px = x[c];
      if (d > -14) {
        d += 4.5 * noise.smooth(px * 0.013 + 7, y * 0.013, z * 0.009);
        const bed = prone ? 36 - y - tableTop(px) : y - tableTop(px);
        d = smoothMax(d, bed + 1, 14);
        if (!prone || y > 60) d = smoothMax(d, furrow(px, y, z), 5);
      }
      if (d > EDGE_MM) continue;
      const value = softTissue(px, y, z, d, muscle.distance(c), cavity.distance(c), noise);
      const i = r * columns + c;
      const share = clamp(0.5 - d / EDGE_MM, 0, 1);
      hu[i] += share * (value - hu[i]);
    }
  }
}

/** Positive where the furrow of the back, the cleft of the seat and the navel cut into the body. */
function furrow(x: number, y: number, z: number): number {
  const cleft = z < -150 ? clamp((-150 - z) / 60, 0, 1) : 0;
  const back = 128 + 10 * cleft - (x / 7) ** 2 * -1;
  const depth = 5 + 26 * cleft;
  const width = 16 - 11 * cleft;
  const groove = y - (back + 14 - depth * Math.exp(-((x / width) ** 2)));
  const navel =
    y < -60 ? 9 * Math.exp(-(((x - 1) / 7) ** 2) - ((z + 28) / 8) ** 2) - (y + 110) - 14 : -50;
  return Math.max(cleft > 0 ? groove : -50, navel);
}

function softTissue(
  x: number,
  y: number,
  z: number,
  skin: number,
  muscle: number,
  cavity: number,
  noise: NoiseField,
): number {
  let m = muscle;
  let k = cavity;
  if (Math.abs(m) < 12) m += 1.8 * noise.smooth(x * 0.02, y * 0.02 + 31, z * 0.012);
  if (Math.abs(k) < 12) k += 1.6 * noise.smooth(x * 0.025 + 13, y * 0.025, z * 0.015);
  const fibre = noise.smooth(x * 0.11, y * 0.11, z * 0.05);
  // fat with a few septa
  const septa = Math.abs(noise.smooth(x * 0.06 + 5, y * 0.06, z * 0.04)) < 0.05 ? 22 : 0;
  let value: number = HU.fat + 5 * fibre + septa;
  if (skin > -2.6) value += (HU.skin - value) * clamp((skin + 3.2) / 1.2, 0, 1);
  const inMuscle = clamp(0.5 - m / 1.6, 0, 1);
  if (inMuscle > 0)
    value +=
      inMuscle *
      (muscleHu(x, y, z, m, fibre, noise.smooth(x * 0.034, y * 0.034 + 17, z * 0.02)) - value);
  const inCavity = clamp(0.5 - k / 1.6, 0, 1);
  if (inCavity > 0) {
    const strands = fibre > 1.5 ? 60 * (fibre - 1.5) : 0;
    value += inCavity * (HU.visceralFat + 6 * fibre + strands - value);
  }
  return value;
}

/** Muscle with its marbling; the flat muscles of the flank lie in three layers with fat between. */
function muscleHu(
  x: number,
  y: number,
  z: number,
  depth: number,
  fibre: number,
  seam: number,
): number {
  let marbling = fibre < -1.1 ? 30 * (fibre + 1.1) : 0;
  // below the hip joints the thigh muscles part
  if (z < -140 && Math.abs(seam) < 0.07) marbling -= clamp((-140 - z) / 30, 0, 1) * 85;
  let value = HU.muscle + 5 * fibre + marbling;
  const flank = clamp((Math.abs(x) - 70) / 15, 0, 1) * (z < 90 && z > -110 ? 1 : 0);
  if (flank > 0 && y < 60) {
    for (const layer of [4.2, 8.6])
      value -= flank * clamp((60 - y) / 30, 0, 1) * 70 * Math.exp(-(((depth + layer) / 0.9) ** 2));
  }
  if (y < -50 && z < 110) {
    // linea alba and the lateral borders of the rectus muscles
    value -= 80 * Math.exp(-(((Math.abs(x) - 66) / 3) ** 2));
  }
  return value;
}

const muscleMaterial =
  (noise: NoiseField, hu: number = HU.muscle) =>
  (x: number, y: number, z: number) => {
    const fibre = noise.smooth(x * 0.12 + 3, y * 0.12, z * 0.04);
    const streak = noise.smooth(x * 0.3, y * 0.3 + 9, z * 0.06);
    return hu + 4 * fibre + (streak < -1.3 ? 45 * (streak + 1.3) : 0);
  };

/** Psoas, erector spinae, multifidus and quadratus lumborum, which follow the spine. */
export function spinalMuscles(frames: readonly Frame[], noise: NoiseField): Structure[] {
  const at = (name: string) => frames[VERTEBRAE.findIndex((v) => v.name === name)];
  const s1 = frames[frames.length - 1];
  const material = muscleMaterial(noise);
  const structures: Structure[] = [];
  const bed = frames.map((f, i) => fromFrame(f, 0, i < VERTEBRAE.length ? 48 : 44, 0));
  const back = [...bed, [s1.centre[0], 108, -140] as const, [s1.centre[0], 112, -165] as const];
  for (const side of [-1, 1]) {
    const along = (u: number, v: number, radius: readonly number[], stretch: TubeStretch) =>
      tube(
        back.map((p, i) => ({
          at: [p[0] + side * u, p[1] + v, p[2]] as const,
          radius: tableAt(
            [
              [-170, 2],
              [-125, radius[2]],
              [-60, radius[0]],
              [30, radius[0]],
              [190, radius[1]],
              [340, radius[1]],
            ],
            back[i][2],
            1,
          ),
        })),
        stretch,
      );
    // the bed of the muscles: fat, of which a thin seam stays between them
    structures.push({ ...along(33, -2, [20, 15, 9], [1.75, 1.12, 2]), material: HU.fat });
    structures.push({ ...along(15, 1, [12.5, 8, 7], [1, 1.25, 2]), material });
    structures.push({ ...along(43, -1, [17.5, 12.5, 5], [1.42, 1.05, 2]), material });
    const psoas = [
      ['T12', 26, 6, 5],
      ['L1', 29, 9, 8],
      ['L2', 33, 10, 12],
      ['L3', 38, 9, 16],
      ['L4', 44, 3, 19],
      ['L5', 51, -8, 20],
    ] as const;
    const path = psoas.map(([name, u, v, radius]) => ({
      at: fromFrame(at(name), side * u, v, 0),
      radius,
    }));
    const lower = [
      { at: [side * 62, 0, -115] as const, radius: 18 },
      { at: [side * 76, -22, -150] as const, radius: 17 },
      { at: [side * 86, -30, -190] as const, radius: 15 },
      { at: [side * 98, -18, -240] as const, radius: 12 },
    ];
    structures.push({ ...tube([...path, ...lower], [0.95, 1.05, 2]), material });
    const quadratus = (['T12', 'L1', 'L2', 'L3', 'L4', 'L5'] as const).map((name, i) => ({
      at: fromFrame(at(name), side * (44 + i * 6.5), 26 - i * 1.2, 0),
      radius: [3, 6, 7.5, 8.5, 8.5, 4][i],
    }));
    structures.push({ ...tube(quadratus, [2.1, 0.95, 2]), material });
    const gluteus = tube(
      [
        { at: [side * 52, 112, -105], radius: 9 },
        { at: [side * 66, 110, -135], radius: 20 },
        { at: [side * 84, 98, -175], radius: 27 },
        { at: [side * 104, 84, -215], radius: 27 },
        { at: [side * 118, 66, -260], radius: 22 },
      ],
      [1.45, 0.9, 1.5],
    );
    structures.push({
      ...gluteus,
      material: (x, y, z, d) => (d > -1.7 ? -65 : material(x, y, z)),
      softness: 2,
    });
  }
  return structures;
}
