import { GRID_MM, blend, paintEllipse } from './brush';
import type { Raster } from './raster';
import type { Random } from '../tools/random';
import type { Spine } from './spine';
import type { BoneStyle } from './vertebra';

/** Coordinates along the sacrum for the pixels near it: `t` mm from the top plate, `u` mm to the back. */
interface Ribbon {
  readonly index: Int32Array;
  readonly t: Float32Array;
  readonly u: Float32Array;
  readonly length: number;
  /** Half depth at t = 0, step, 2 step, ... */
  readonly halfDepth: Float32Array;
  /** Where the segments meet, mm along. */
  readonly joints: readonly number[];
}

const STEP_MM = 2;
const REACH_MM = 46;

/** How the sacrum of one picture looks. */
export interface SacrumStyle {
  readonly ribbon: Ribbon;
  /** 0 (no trace of the segments) to 1 (a full line between them). */
  readonly seams: number;
  /** Thickness of the posterior wall, mm. */
  readonly wallMm: number;
  readonly crest: readonly number[];
}

/** @param height, width of the canvas in pixels; the spine is in canvas mm. */
export function drawSacrumStyle(
  random: Random,
  spine: Spine,
  height: number,
  width: number,
): SacrumStyle {
  return {
    ribbon: makeRibbon(spine, height, width),
    seams: random.uniform(-0.05, 0.75),
    wallMm: random.uniform(2.5, 5.5),
    crest: Array.from({ length: 5 }, () => random.uniform(0, 6)),
  };
}

function makeRibbon(spine: Spine, height: number, width: number): Ribbon {
  const { sacrum } = spine;
  const nodes: { y: number; z: number; angle: number }[] = [];
  const depths: number[] = [];
  const joints: number[] = [];
  const first = sacrum[0];
  let y = first.y - (Math.sin(first.angle) * first.height) / 2;
  let z = first.z - (Math.cos(first.angle) * first.height) / 2;
  const bottoms: number[] = [];
  let total = 0;
  for (const segment of sacrum) bottoms.push((total += segment.height));
  const middles = sacrum.map((s, i) => bottoms[i] - s.height / 2);
  joints.push(...bottoms.slice(0, -1));
  // The top of S1 is as deep as L5's foot; below, the depth tapers from segment to segment.
  const at = (t: number, values: readonly number[]) => {
    if (t <= middles[0]) return values[0];
    for (let i = 1; i < middles.length; i++) {
      if (t > middles[i]) continue;
      const f = (t - middles[i - 1]) / (middles[i] - middles[i - 1]);
      return values[i - 1] + f * (values[i] - values[i - 1]);
    }
    return values[values.length - 1];
  };
  const angles = sacrum.map((s) => s.angle);
  const deep = sacrum.map((s) => s.depth);
  for (let t = 0; t <= total; t += STEP_MM) {
    const angle = at(t, angles);
    nodes.push({ y, z, angle });
    const flare = t < middles[0] ? 0.14 * first.depth * (1 - t / middles[0]) : 0;
    depths.push((at(t, deep) + flare) / 2);
    y += STEP_MM * Math.sin(angle);
    z += STEP_MM * Math.cos(angle);
  }
  const [index, along, across]: [number[], number[], number[]] = [[], [], []];
  const low = (values: number[]) => Math.min(...values) - REACH_MM;
  const high = (values: number[]) => Math.max(...values) + REACH_MM;
  const zs = nodes.map((n) => n.z);
  const ys = nodes.map((n) => n.y);
  const r1 = Math.min(height - 1, Math.floor(high(zs) / GRID_MM));
  const c1 = Math.min(width - 1, Math.floor(high(ys) / GRID_MM));
  for (let r = Math.max(0, Math.ceil(low(zs) / GRID_MM)); r <= r1; r++) {
    for (let c = Math.max(0, Math.ceil(low(ys) / GRID_MM)); c <= c1; c++) {
      let best = Infinity;
      let nearest = 0;
      for (let k = 0; k < nodes.length; k++) {
        const d = (c * GRID_MM - nodes[k].y) ** 2 + (r * GRID_MM - nodes[k].z) ** 2;
        if (d < best) [best, nearest] = [d, k];
      }
      if (best > REACH_MM * REACH_MM) continue;
      const node = nodes[nearest];
      const [dy, dz] = [c * GRID_MM - node.y, r * GRID_MM - node.z];
      index.push(r * width + c);
      along.push(nearest * STEP_MM + dy * Math.sin(node.angle) + dz * Math.cos(node.angle));
      across.push(dy * Math.cos(node.angle) - dz * Math.sin(node.angle));
    }
  }
  return {
    index: Int32Array.from(index),
    t: Float32Array.from(along),
    u: Float32Array.from(across),
    length: (nodes.length - 1) * STEP_MM,
    halfDepth: Float32Array.from(depths),
    joints,
  };
}

/** Paints sacrum, its canal and posterior wall, and the coccyx into one lateral slice. */
export function paintSacrum(
  plane: Raster,
  spine: Spine,
  aside: number,
  style: SacrumStyle,
  bones: BoneStyle,
): void {
  const { ribbon } = style;
  const { tissues } = bones;
  const lateral = Math.abs(aside);
  const roundness = Math.sqrt(Math.max(0.05, 1 - (aside / (25 * bones.size)) ** 2));
  const narrow = 0.6 + 0.4 * roundness;
  const coat = {
    fill: tissues.marrow,
    shell: bones.cortex,
    thickness: bones.cortexMm,
    texture: bones.texture,
    gain: 0.12,
  };
  const dense = {
    ...coat,
    fill: coat.fill + (coat.shell - coat.fill) * bones.laminaDensity * 0.8,
  };
  const seam = tissues.marrow + (bones.cortex - tissues.marrow) * style.seams;
  const wallEnd = ribbon.length * 0.8;
  for (let n = 0; n < ribbon.index.length; n++) {
    const i = ribbon.index[n];
    const t = ribbon.t[n];
    const u = ribbon.u[n];
    const k = Math.min(ribbon.halfDepth.length - 1, Math.max(0, Math.round(t / STEP_MM)));
    const half = ribbon.halfDepth[k] * narrow;
    const canal = bones.canalMm * (0.85 - (0.6 * t) / ribbon.length);
    if (lateral < 9 && t > -4 && t < wallEnd && u > half && u < half + canal)
      plane.data[i] = tissues.canal;
    const distance = Math.max(Math.abs(u) - half, -t, t - ribbon.length);
    if (distance < 2.2) {
      let value = blend(plane.data[i], distance, coat, i);
      if (distance < 0) value = markSeams(value, t, u / half, style, spine, seam, tissues.disc);
      plane.data[i] = value;
    }
    if (lateral < 13 && t > 2 && t < wallEnd + 3) {
      const crest = style.crest[Math.min(4, Math.floor((5 * t) / ribbon.length))];
      const thick = style.wallMm * (lateral > 5 ? 0.75 : 1) + (lateral < 4.5 ? crest : 0);
      const middle = half + canal + thick * 0.6;
      const wall = Math.max(Math.abs(u - middle) - thick, 2 - t, t - wallEnd);
      if (wall < 2.2) plane.data[i] = blend(plane.data[i], wall, dense, i);
    }
  }
  if (lateral > 6) return;
  for (const piece of spine.coccyx) {
    paintEllipse(plane, piece, piece.depth / 2 + 0.5, piece.height / 2 + 0.5, bones.cortex, 1);
    paintEllipse(plane, piece, piece.depth / 2 - 1, piece.height / 2 - 1, tissues.marrow, 1);
  }
}

function markSeams(
  value: number,
  t: number,
  across: number,
  style: SacrumStyle,
  spine: Spine,
  seam: number,
  disc: number,
): number {
  let marked = value;
  style.ribbon.joints.forEach((joint, j) => {
    const gap = j === 0 ? spine.s1Remnant / 2 : 0;
    const off = Math.abs(t - joint);
    if (off > gap + 5) return;
    const line = Math.exp(-(((off - gap) / 1.3) ** 2));
    marked += (seam - marked) * line * (j === 0 ? 1 : 0.7);
    if (gap > 0.8 && off < gap && Math.abs(across) < 0.85) marked = disc;
  });
  return marked;
}
