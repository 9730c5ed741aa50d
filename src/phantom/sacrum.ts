import type { Vec3 } from '../series/types';
import { coverage, type Structure } from './canvas';
import type { NoiseField } from './random';
import { boxAround, clamp, smoothMax, smoothMin, tableAt } from './shapes';
import { fromFrame, S1_SIZE, type Frame } from './spine';
import { ARCH_BONE, BODY_BONE, boneHu } from './vertebra';

/** Sacral and coccygeal pieces below S1: length along the bone and lean of its lower end, degrees. */
const PIECES = [
  { name: 'S1', length: S1_SIZE.height, lean: 41 },
  { name: 'S2', length: 24, lean: 52 },
  { name: 'S3', length: 20, lean: 45 },
  { name: 'S4', length: 17, lean: 22 },
  { name: 'S5', length: 15, lean: -2 },
  { name: 'Co1', length: 13, lean: -22 },
  { name: 'Co2', length: 9, lean: -35 },
  { name: 'Co3', length: 7, lean: -45 },
] as const;

/**
 * Section of the sacrum by distance s along it from the top of S1, mm:
 * [s, half depth of the bodies, half width, canal depth, thickness of the dorsal wall]
 */
const SECTION = [
  [-4, 17, 50, 14, 4],
  [0, 16.5, 57, 14, 6],
  [13, 14.5, 58, 13, 6.5],
  [27, 11.5, 55, 10, 6.5],
  [39, 9.5, 51, 8, 6],
  [51, 8, 42, 6, 5.5],
  [71, 6.5, 36, 4, 4.5],
  [88, 5.5, 28, 3, 3],
  [101, 5, 20, 1, 1],
  [104, 4, 9, 0, 0],
  [116, 3.5, 9, 0, 0],
  [126, 3, 7, 0, 0],
  [133, 2.5, 4, 0, 0],
] as const;

const FORAMINA = [
  { s: 29, x: 22, radius: 5.5 },
  { s: 52.5, x: 19, radius: 5 },
  { s: 72, x: 16.5, radius: 4.2 },
  { s: 88.5, x: 14, radius: 3.4 },
] as const;

interface Station {
  readonly s: number;
  readonly y: number;
  readonly z: number;
}

/** The midline of the sacrum and coccyx in the sagittal plane, from the top of S1 down. */
function sacralMidline(s1: Frame): Station[] {
  const top = fromFrame(s1, 0, 0, S1_SIZE.height / 2);
  const stations: Station[] = [{ s: 0, y: top[1], z: top[2] }];
  for (const { length, lean } of PIECES) {
    const last = stations[stations.length - 1];
    const angle = (lean * Math.PI) / 180;
    stations.push({
      s: last.s + length,
      y: last.y + length * Math.sin(angle),
      z: last.z - length * Math.cos(angle),
    });
  }
  return stations;
}

/** Distance s along the midline and n behind it of a point of the sagittal plane. */
function alongMidline(stations: readonly Station[], y: number, z: number): [number, number] {
  let best = Infinity;
  let result: [number, number] = [0, 0];
  for (let i = 1; i < stations.length; i++) {
    const p = stations[i - 1];
    const q = stations[i];
    const length = q.s - p.s;
    const ty = (q.y - p.y) / length;
    const tz = (q.z - p.z) / length;
    const raw = (y - p.y) * ty + (z - p.z) * tz;
    const low = i === 1 ? -20 : 0;
    const high = i === stations.length - 1 ? length + 20 : length;
    const t = clamp(raw, low, high);
    const ey = y - p.y - t * ty;
    const ez = z - p.z - t * tz;
    const far = ey * ey + ez * ez;
    if (far < best) {
      best = far;
      // behind = the tangent turned a quarter towards the back
      const n = -ey * tz + ez * ty;
      result = [p.s + t, Math.sign(n) * Math.sqrt(far)];
    }
  }
  return result;
}

/** The sacrum with its coccyx, to be painted after the discs. */
export function sacrum(s1: Frame, noise: NoiseField): Structure[] {
  const stations = sacralMidline(s1);
  const joints = stations.slice(1, -1).map(({ s }) => s);
  const end = stations[stations.length - 1].s;
  const x0 = s1.centre[0];
  const last = stations[stations.length - 1];
  const deepest = Math.max(...stations.map(({ y }) => y));
  const middle: Vec3 = [x0, (stations[0].y + deepest) / 2, (stations[0].z + last.z) / 2];
  const reachZ = (stations[0].z - last.z) / 2 + 22;
  let arch = false;
  // the same for a whole row of the image: kept from one point to the next
  let yKept = NaN;
  let zKept = NaN;
  let [s, n, half, width, canal, wall, joint] = [0, 0, 0, 0, 0, 0, 0];
  const bone: Structure = {
    box: boxAround(middle, 60, (deepest - stations[0].y) / 2 + 34, reachZ),
    distance(x, y, z) {
      if (y !== yKept || z !== zKept) {
        yKept = y;
        zKept = z;
        [s, n] = alongMidline(stations, y, z);
        half = tableAt(SECTION, s, 1);
        width = tableAt(SECTION, s, 2);
        canal = tableAt(SECTION, s, 3);
        wall = tableAt(SECTION, s, 4);
        joint = nearest(joints, s);
      }
      // the row passes in front of or behind the whole bone
      if (n < -half - 4 || n > half + canal + wall + 16) return 10;
      const u = Math.abs(x - x0);
      const bodyWidth = Math.min(width, 26 - s * 0.1);
      const edge = smoothMax(-s + (u > 24 ? 0.4 * (u - 24) : 0.002 * u * u), s - end, 3);
      // bodies in the middle, wings (alae) beside and behind them
      const pinch = 0.9 * Math.exp(-((joint / 2.5) ** 2));
      const body = smoothMax(Math.abs(n) - half + pinch, u - bodyWidth, 5);
      const wingHalf = half * 0.72 + 4;
      const wing = smoothMax(
        Math.abs(n - (half * 0.45 + 0.12 * (u - 20))) - wingHalf,
        u - (width - 0.34 * (n + 6)),
        6,
      );
      let d = s < 103 ? smoothMin(body, Math.max(wing, 8 - u), 5) : body;
      d = smoothMax(d, edge, 3);
      // dorsal wall with the median crest behind the canal
      arch = false;
      if (wall > 0.5) {
        const bump = Math.cos(((s - 14) / 23) * 2 * Math.PI);
        const crest = u < 7 ? (3.4 + 2.2 * bump) * (1 - u / 7) : 0;
        const back = half + canal + wall / 2 - 0.05 * u * u * (u < 16 ? 1 : 16 / u);
        const roof = smoothMax(
          smoothMax(Math.abs(n - back - crest / 2) - wall / 2 - crest / 2, u - width * 0.55, 3),
          smoothMax(6 - s, s - 96, 2),
          2,
        );
        arch = roof < d;
        d = smoothMin(d, roof, 3);
        const tunnel = Math.hypot((u / (13 - s * 0.09)) * canal * 0.5, n - half - canal / 2);
        d = smoothMax(d, canal * 0.5 - tunnel, 1.5);
      }
      for (const hole of FORAMINA) {
        const r = Math.hypot(s - hole.s, u - hole.x);
        d = smoothMax(d, hole.radius - r, 2);
      }
      return d;
    },
    material(x, y, z, d) {
      const hu = boneHu(arch ? ARCH_BONE : BODY_BONE, noise, x, y, z, d);
      if (arch) return hu;
      // what is left of the disc: a dark line between two dense ones
      const disc = Math.exp(-((joint / 1.4) ** 2));
      const plate = Math.exp(-(((joint - 3) / 1.3) ** 2));
      return hu + 150 * plate - 95 * disc;
    },
  };
  return [bone];
}

const nearest = (values: readonly number[], s: number) => {
  let best = Infinity;
  for (const value of values) best = Math.min(best, Math.abs(s - value));
  return best;
};

/** Fat and nerves in the canal from T1 down to S3, to be painted before the bones. */
export function canalContents(canal: readonly Vec3[]): Structure[] {
  const structures: Structure[] = [];
  for (let i = 1; i < canal.length; i++) {
    const p = canal[i - 1];
    const q = canal[i];
    const box = boxAround(
      [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2, (p[2] + q[2]) / 2],
      Math.abs(p[0] - q[0]) / 2 + 12,
      Math.abs(p[1] - q[1]) / 2 + 10,
      Math.abs(p[2] - q[2]) / 2 + 1,
    );
    const section = (a: number, b: number, shift: number) => (x: number, y: number, z: number) => {
      const t = clamp((z - p[2]) / (q[2] - p[2]), 0, 1);
      const cx = p[0] + t * (q[0] - p[0]);
      const cy = p[1] + t * (q[1] - p[1]) + shift;
      const r = Math.hypot((x - cx) / a, (y - cy) / b);
      return Math.max((r - 1) * Math.min(a, b), z - p[2], q[2] - z);
    };
    const cord = 0.35;
    structures.push(
      { box, distance: section(12, 9, 0), material: -75 },
      {
        box,
        distance: section(8.5, 6.6, -1),
        material: (_x, _y, _z, d) => 24 + 14 * coverage(d + 4, 3) * cord,
      },
    );
  }
  return structures;
}
