import {
  BODY_NAMES,
  STEP_TO,
  STEP_TO_SACRUM,
  pickSpineCurve,
  type BodyName,
  type CurvePoint,
  type SpineCurve,
} from './spineCurves';
import type { Random } from '../tools/random';

/** A vertebral body in the sagittal plane; lengths in mm, `y` to the back, `z` to the feet. */
export interface Body {
  readonly name: BodyName;
  /** Position in {@link BODY_NAMES}. */
  readonly index: number;
  readonly lumbar: boolean;
  readonly y: number;
  readonly z: number;
  /** Direction of the body's own axis from the vertical, radians; positive when its foot points backwards. */
  readonly angle: number;
  readonly height: number;
  readonly depth: number;
  /** Relative difference of front and back height; positive when the front is taller. */
  readonly wedge: number;
  /** Depth of the endplates' concavity and of the waist, mm. */
  readonly concavity: number;
  readonly waist: number;
}

/** A cross-section of the sacrum, S1 to S5 (and the coccyx), at the middle of a segment. */
export interface SacralSegment {
  readonly y: number;
  readonly z: number;
  readonly angle: number;
  readonly height: number;
  readonly depth: number;
}

export interface Spine {
  /** T4 to L5. */
  readonly bodies: readonly Body[];
  /** S1 to S5. */
  readonly sacrum: readonly SacralSegment[];
  readonly coccyx: readonly SacralSegment[];
  /** Size relative to the mean adult. */
  readonly size: number;
  /** 0 (healthy) to 1 (collapsed) wear of the disc L5-S1. */
  readonly lumbosacralWear: number;
  /** Height of a disc remnant between S1 and S2, mm; a thick one is what makes S1 look like L6. */
  readonly s1Remnant: number;
}

const radians = (degrees: number) => (degrees * Math.PI) / 180;
const direction = (angle: number): CurvePoint => ({ y: Math.sin(angle), z: Math.cos(angle) });

/**
 * A spine T4 to coccyx around a real (or sampled) T12-L5 curve; L3 lies at the origin.
 *
 * Body size, shear (posture), the lumbosacral distance and angle, the sacrum's own angle, curvature
 * and taper, the wear of L5-S1 and the remnant disc S1-S2 are drawn at random, so that no single
 * look of the anchor can be learnt by heart.
 */
export function growSpine(random: Random, curves: readonly SpineCurve[] | null): Spine {
  const centres = bodyCentres(random, curves);
  const last = centres.length - 1;
  const size = (centres[last].z - centres[last - 2].z) / 2 / 35.5;

  const lumbosacralWear = random.chance(0.3) ? random.uniform(0.4, 1) : random.uniform(0, 0.35);
  const lowest = Math.atan2(
    centres[last].y - centres[last - 1].y,
    centres[last].z - centres[last - 1].z,
  );
  const stepAngle = clamp(
    radians(random.normal(STEP_TO_SACRUM.degrees, 8.5)) + 0.5 * (lowest - radians(6.6)),
    radians(8),
    radians(72),
  );
  const distance =
    (random.normal(STEP_TO_SACRUM.distance + 1, 2) - 4.5 * lumbosacralWear ** 2) * size;
  const step = direction(stepAngle);
  const s1 = {
    y: centres[last].y + distance * step.y,
    z: centres[last].z + distance * step.z,
  };
  const bodies = BODY_NAMES.map((name, i) =>
    growBody(random, name, i, [...centres, s1], size, lumbosacralWear),
  );
  compressOne(random, bodies);
  const shared = sharedShape(random);
  const shaped = bodies.map((body) => ({
    ...body,
    depth: body.depth * shared.depth * (1 + shared.taper * (body.index - 11)),
    concavity: shared.concavity * random.uniform(0.6, 1.4),
    waist: shared.waist * random.uniform(0.7, 1.3),
  }));
  const s1Remnant = random.chance(0.12) ? random.uniform(2.5, 6) : random.uniform(0, 2);
  return {
    bodies: shaped,
    ...growSacrum(random, s1, stepAngle, size, s1Remnant),
    size,
    lumbosacralWear,
    s1Remnant,
  };
}

function bodyCentres(random: Random, curves: readonly SpineCurve[] | null): CurvePoint[] {
  const curve = pickSpineCurve(random, curves);
  const scale = random.chance(0.5) ? 1 : random.uniform(0.8, 1.12);
  const bend = random.uniform(0.9, 1.12);
  const shear = Math.tan(radians(random.normal(0, 6)));
  const origin = curve.L3!;
  const placed: Partial<Record<BodyName, CurvePoint>> = {};
  for (const name of BODY_NAMES) {
    const point = curve[name];
    if (!point) continue;
    const z = (point.z - origin.z) * scale;
    placed[name] = { y: (point.y - origin.y) * bend * scale + shear * z, z };
  }
  for (let i = BODY_NAMES.length - 2; i >= 0; i--) {
    if (placed[BODY_NAMES[i]]) continue;
    const below = placed[BODY_NAMES[i + 1]]!;
    const step = STEP_TO[BODY_NAMES[i + 1]]!;
    const down = step.down * scale * random.normal(1, 0.05);
    placed[BODY_NAMES[i]] = {
      y: below.y - (step.back * bend + random.normal(0, 1.2)) * scale - shear * down,
      z: below.z - down,
    };
  }
  return BODY_NAMES.map((name) => ({
    y: placed[name]!.y + random.normal(0, 0.5),
    z: placed[name]!.z + random.normal(0, 0.5),
  }));
}

function growBody(
  random: Random,
  name: BodyName,
  index: number,
  chain: readonly CurvePoint[],
  size: number,
  lumbosacralWear: number,
): Body {
  const here = chain[index];
  const above = index > 0 ? chain[index - 1] : null;
  const below = chain[index + 1];
  const down = { y: below.y - here.y, z: below.z - here.z };
  const up = above ? { y: here.y - above.y, z: here.z - above.z } : down;
  const upLength = Math.hypot(up.y, up.z);
  const downLength = Math.hypot(down.y, down.z);
  const isL5 = name === 'L5';
  const lumbar = name.startsWith('L');
  // The axis is the chain's tangent; L5 leans only a third of the way into the lumbosacral angle.
  const weight = isL5 ? 0.35 : 1;
  const tangent = {
    y: up.y / upLength + (weight * down.y) / downLength,
    z: up.z / upLength + (weight * down.z) / downLength,
  };
  const spacing = isL5 ? upLength : (upLength + downLength) / 2;
  const disc = clamp(random.normal(lumbar ? 0.26 : 0.2, 0.035), 0.1, 0.4);
  return {
    name,
    index,
    lumbar,
    y: here.y,
    z: here.z,
    angle: Math.atan2(tangent.y, tangent.z) + radians(random.normal(0, 2.2)),
    height: spacing * (1 - disc) * (isL5 ? 0.93 : 1),
    depth: size * (lumbar ? 35.5 : 26.5 + 0.75 * index) * random.normal(1, 0.04),
    wedge: random.normal(
      isL5 ? 0.08 + 0.04 * lumbosacralWear : lumbar ? 0.01 : -0.03,
      lumbar ? 0.035 : 0.03,
    ),
    concavity: 0,
    waist: 0,
  };
}

/** Now and then one body is compressed, more in front than behind. */
function compressOne(random: Random, bodies: Body[]): void {
  if (!random.chance(0.12)) return;
  const i = random.integer(6, bodies.length);
  const left = random.uniform(0.55, 0.9);
  bodies[i] = {
    ...bodies[i],
    height: (bodies[i].height * (1 + left)) / 2,
    wedge: bodies[i].wedge - (1 - left) * 0.4,
  };
}

function sharedShape(random: Random) {
  return {
    depth: random.normal(1, 0.08),
    taper: random.normal(0, 0.012),
    concavity: random.uniform(0.4, 2),
    waist: random.uniform(0.7, 2.8),
  };
}

function growSacrum(
  random: Random,
  s1: CurvePoint,
  stepAngle: number,
  size: number,
  s1Remnant: number,
): Pick<Spine, 'sacrum' | 'coccyx'> {
  const tall = size * random.normal(1, 0.06);
  const deep = size * random.normal(1, 0.08);
  const square = s1Remnant > 2.5 ? random.uniform(1.05, 1.2) : 1;
  const heights = [28, 24, 20, 17, 14].map((h) => h * tall * random.normal(1, 0.03));
  const depths = [29, 22 * square, 16.5, 12.5, 9].map((d) => d * deep * random.normal(1, 0.04));
  const curvature = random.normal(7.5, 3);
  let angle = stepAngle + radians(random.normal(7, 8));
  const sacrum: SacralSegment[] = [{ ...s1, angle, height: heights[0], depth: depths[0] }];
  for (let i = 1; i < 5; i++) {
    const next = angle - radians(random.normal(i === 1 ? curvature * 0.4 : curvature * 1.3, 3));
    const step = direction((angle + next) / 2);
    const length = (heights[i - 1] + heights[i]) / 2;
    const above = sacrum[i - 1];
    sacrum.push({
      y: above.y + length * step.y,
      z: above.z + length * step.z,
      angle: next,
      height: heights[i],
      depth: depths[i],
    });
    angle = next;
  }
  const coccyx: SacralSegment[] = [];
  let above = sacrum[4];
  for (let i = 0; i < 3; i++) {
    angle -= radians(random.uniform(5, 25));
    const step = direction(angle);
    const length = i === 0 ? heights[4] / 2 + 5.5 * size : 10 * size;
    above = {
      y: above.y + length * step.y,
      z: above.z + length * step.z,
      angle,
      height: 9 * size,
      depth: (7.5 - i) * size,
    };
    coccyx.push(above);
  }
  return { sacrum, coccyx };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
