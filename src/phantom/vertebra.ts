import { coverage, EDGE_MM, type Structure } from './canvas';
import type { NoiseField } from './random';
import { boxAround, capsule, roundedBox, smoothMax, smoothMin } from './shapes';
import {
  CANAL_DEPTH,
  fromFrame,
  S1_SIZE,
  toFrame,
  VERTEBRAE,
  type Frame,
  type VertebraSize,
} from './spine';

/** HU of bone: a shell of dense bone of some thickness around marrow with trabecular texture. */
interface BoneKind {
  readonly cortexHu: number;
  readonly cortexMm: number;
  readonly marrowHu: number;
  readonly textureHu: number;
}

export const BODY_BONE: BoneKind = { cortexHu: 840, cortexMm: 1.1, marrowHu: 168, textureHu: 26 };
const WALL_BONE: BoneKind = { ...BODY_BONE, cortexHu: 620 };
export const ARCH_BONE: BoneKind = { cortexHu: 720, cortexMm: 1.6, marrowHu: 205, textureHu: 45 };

/** HU inside bone at depth d (negative) under its surface. */
export function boneHu(
  kind: BoneKind,
  noise: NoiseField,
  x: number,
  y: number,
  z: number,
  d: number,
): number {
  const inside = coverage(d + kind.cortexMm, EDGE_MM);
  const marrow = kind.marrowHu + kind.textureHu * noise.smooth(x * 0.75, y * 0.75, z * 0.75);
  return kind.cortexHu + inside * (marrow - kind.cortexHu);
}

interface BodyShape {
  readonly height: number;
  readonly depth: number;
  readonly width: number;
  readonly wedge: number;
}

/**
 * Distance to a vertebral body in frame coordinates (u left, v back, w up): an oval with a flat,
 * slightly hollow back, a waist, and endplates that sink in towards their middle.
 */
function bodyDistance(s: BodyShape, u: number, v: number, w: number): number {
  const half = s.depth / 2;
  const a = s.width / 2;
  const b = s.depth * 0.56;
  const vc = v - (b - half);
  const rim = 1.1;
  const hollow = 1.4;
  const ru = u / a;
  const rv = vc / b;
  const rho = Math.sqrt(Math.sqrt(ru ** 4 + rv ** 4 + 1.6 * ru * ru * rv * rv)) + 1e-9;
  const halfHeight =
    s.height / 2 - (s.wedge * v) / (2 * s.depth) + hollow * Math.min(1, rho ** 2) - rim * 0.3;
  const level = Math.min(1, Math.abs(w) / halfHeight);
  const waist = 1 - 0.085 * (1 - level * level);
  const radius = Math.sqrt(u * u + vc * vc);
  const side = radius < 1e-6 ? -b : radius * (1 - waist / rho);
  const backWall = v - half + 1.8 * Math.max(0, 1 - (u / (0.36 * s.width)) ** 2) * waist;
  return smoothMax(smoothMax(side, backWall, 3), Math.abs(w) - halfHeight, 2.2);
}

/** Distance to pedicles, laminae, spinous, transverse and articular processes. */
function archDistance(s: VertebraSize, u0: number, v: number, w: number): number {
  const u = Math.abs(u0);
  const half = s.depth / 2;
  const lumbar = s.region === 'lumbar';
  const canal = s.canalWidth / 2;
  const pedicleU = canal + s.pedicleWidth / 2;
  const canalBack = half + CANAL_DEPTH;
  const pedicle = roundedBox(
    u - pedicleU,
    v - (half + 2),
    w - s.height * 0.2,
    s.pedicleWidth / 2,
    9.5,
    s.pedicleHeight / 2,
    Math.min(3.2, s.pedicleWidth / 2 - 0.2),
  );
  // lamina: a plate from the pedicle to the midline, sloping back
  const plateU = canal + 3;
  const plateV = 9;
  const length = Math.hypot(plateU, plateV);
  const t = ((plateU - u) * plateU + (v - (canalBack - 6)) * plateV) / length;
  const n = (-(plateU - u) * plateV + (v - (canalBack - 6)) * plateU) / length;
  const laminaHeight = lumbar ? 9.5 : 9;
  const lamina = roundedBox(
    t - length / 2,
    n,
    w + (lumbar ? 4.5 : 2.5) + 0.25 * (t - length / 2),
    length / 2 + 2,
    3.1,
    laminaHeight,
    2.6,
  );
  let d = smoothMin(pedicle, lamina, 4);
  // spinous process
  const slope = (s.spinousSlope * Math.PI) / 180;
  const sv = v - (canalBack + 1);
  const sw = w + (lumbar ? 7 : 4);
  const along = sv * Math.cos(slope) - sw * Math.sin(slope);
  const across = sv * Math.sin(slope) + sw * Math.cos(slope);
  const grow = Math.min(1, Math.max(0, along / s.spinousLength));
  const spinous = lumbar
    ? roundedBox(
        u,
        along - s.spinousLength / 2,
        across + 2.5 * grow,
        2.9 + 1.6 * grow,
        s.spinousLength / 2,
        7.6 + 2.6 * grow,
        2.7,
      )
    : roundedBox(
        u,
        along - s.spinousLength / 2,
        across,
        2.8,
        s.spinousLength / 2,
        5.6 - 1.6 * grow,
        2.6,
      );
  d = smoothMin(d, spinous, 4);
  // transverse process
  const root = canal + s.pedicleWidth * 0.7;
  const tip = s.transverseSpan / 2;
  const big = s.name === 'L5' ? 2.5 : 0;
  const transverse = lumbar
    ? capsule(
        u,
        v,
        w * 0.8,
        [root, half + 10, 2],
        [tip - 2, half + 8 + tip * 0.09, 5],
        5.5 + big,
        2 + big * 0.5,
      )
    : capsule(u, v, w, [root, half + 11, 2], [tip - 4, half + 20, 5], 5, 4.2);
  d = smoothMin(d, transverse, 4);
  // articular processes
  const facet = canal + (lumbar ? 7.5 : 3);
  const upper = capsule(
    u,
    v,
    w,
    [facet, canalBack - 6, 2],
    [facet + 1, canalBack - (lumbar ? 5 : 4), s.height / 2 + 5],
    5,
    lumbar ? 5 : 3.2,
  );
  const lower = capsule(
    u,
    v,
    w,
    [facet - 5, canalBack, -6],
    [facet - (lumbar ? 5.5 : 2), canalBack + 1.5, -s.height / 2 - 7],
    5,
    lumbar ? 4.6 : 3.2,
  );
  return smoothMin(d, Math.min(upper, lower), 3);
}

/** A whole vertebra, ready to paint. */
export function vertebra(size: VertebraSize, frame: Frame, noise: NoiseField): Structure {
  let body = 0;
  let arch = 0;
  let local = toFrame(frame, 0, 0, 0);
  const reach = size.depth / 2 + CANAL_DEPTH + size.spinousLength + 8;
  const middle = fromFrame(frame, 0, (reach - size.depth / 2) / 2, -6);
  return {
    box: boxAround(
      middle,
      Math.max(size.transverseSpan, size.width) / 2 + 8,
      (reach + size.depth / 2) / 2 + 10,
      size.height / 2 + 26,
    ),
    distance(x, y, z) {
      local = toFrame(frame, x, y, z);
      body = local[1] > size.depth / 2 + 8 ? 50 : bodyDistance(size, local[0], local[1], local[2]);
      arch = local[1] < size.depth / 2 - 12 ? 50 : archDistance(size, local[0], local[1], local[2]);
      return smoothMin(body, arch, 3);
    },
    material(x, y, z, d) {
      if (arch < body) return boneHu(ARCH_BONE, noise, x, y, z, d);
      // the walls between the endplates are thinner than these
      const endplate = Math.abs(local[2]) > size.height / 2 - 3;
      const hu = boneHu(endplate ? BODY_BONE : WALL_BONE, noise, x, y, z, d);
      return hu - basivertebralVein(size, local[0], local[1], local[2]);
    },
  };
}

/** The vein's channel darkens the middle of the back half of the body, HU to take off. */
function basivertebralVein(size: VertebraSize, u: number, v: number, w: number): number {
  if (v < -2) return 0;
  const open = 0.4 + v / size.depth;
  return 120 * Math.exp(-((u / (3 + 6 * open)) ** 2) - (w / 1.6) ** 2) * Math.max(0, open);
}

/**
 * Intervertebral discs of a spine, to be painted before the bones: each fills the gap between two
 * bodies and bulges slightly over their rims.
 */
export function discs(frames: readonly Frame[], noise: NoiseField): Structure[] {
  return VERTEBRAE.map((upper, i) => {
    const lower = VERTEBRAE[i + 1] ?? { ...S1_SIZE, name: 'S1' };
    const a = frames[i];
    const b = frames[i + 1];
    const top = fromFrame(a, 0, 0, -upper.height / 2);
    const bottom = fromFrame(b, 0, 0, lower.height / 2);
    const centre = top.map((value, k) => (value + bottom[k]) / 2) as [number, number, number];
    const mean = (p: Frame['up'], q: Frame['up']) => {
      const sum = [p[0] + q[0], p[1] + q[1], p[2] + q[2]] as const;
      const n = Math.hypot(...sum);
      return [sum[0] / n, sum[1] / n, sum[2] / n] as const;
    };
    const frame: Frame = {
      name: `${upper.name}/${lower.name}`,
      centre,
      left: mean(a.left, b.left),
      back: mean(a.back, b.back),
      up: mean(a.up, b.up),
    };
    const depth = (upper.depth + lower.depth) / 2 + 1;
    const width = (upper.width + lower.width) / 2 + 0.5;
    const shape: BodyShape = { height: 24, depth, width, wedge: 0 };
    return {
      box: boxAround(centre, width / 2 + 3, depth / 2 + 10, 24),
      distance(x, y, z) {
        const [u, v, w] = toFrame(frame, x, y, z);
        return smoothMax(bodyDistance({ ...shape, height: 60 }, u, v, 0), Math.abs(w) - 10, 2);
      },
      material(x, y, z, d) {
        const annulus = coverage(d + 5, 4);
        return 100 - 18 * annulus + 5 * noise.cell(x * 0.5, y * 0.5, z * 0.5);
      },
    };
  });
}
