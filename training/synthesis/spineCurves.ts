import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Random } from '../tools/random';

/** Thoracic and lumbar bodies a synthetic spine is made of, head to foot. */
export const BODY_NAMES = [
  'T4',
  'T5',
  'T6',
  'T7',
  'T8',
  'T9',
  'T10',
  'T11',
  'T12',
  'L1',
  'L2',
  'L3',
  'L4',
  'L5',
] as const;
export type BodyName = (typeof BODY_NAMES)[number];

/** A body centre: `y` grows to the back, `z` grows to the feet, mm. */
export interface CurvePoint {
  readonly y: number;
  readonly z: number;
}

export type SpineCurve = Partial<Record<BodyName, CurvePoint>>;

interface Step {
  /** Distance down, mm. */
  readonly down: number;
  /** Standard deviation of it over people, mm. */
  readonly sd: number;
  /** Standard deviation at equal body size, mm. */
  readonly sdAtEqualSize: number;
  /** Mean step backwards, mm. */
  readonly back: number;
}

/**
 * The step from the body above to the named one. T10-L5: body keypoints of 2,116 CT scans (ImFusion
 * VID); above T9, where those stop, the mean steps of the scans that reach so high.
 */
export const STEP_TO: Readonly<Partial<Record<BodyName, Step>>> = {
  T5: { down: 22.5, sd: 2, sdAtEqualSize: 1.5, back: 3 },
  T6: { down: 22.5, sd: 2, sdAtEqualSize: 1.5, back: 1 },
  T7: { down: 22.8, sd: 2, sdAtEqualSize: 1.5, back: -1 },
  T8: { down: 22.9, sd: 2, sdAtEqualSize: 1.5, back: -2.5 },
  T9: { down: 23.2, sd: 2.3, sdAtEqualSize: 1.6, back: -4.5 },
  T10: { down: 24.4, sd: 2.4, sdAtEqualSize: 1.7, back: -5.6 },
  T11: { down: 26.1, sd: 2.6, sdAtEqualSize: 1.7, back: -6.4 },
  T12: { down: 28.4, sd: 2.7, sdAtEqualSize: 1.8, back: -7.2 },
  L1: { down: 30.9, sd: 3.4, sdAtEqualSize: 2.6, back: -8.2 },
  L2: { down: 32.8, sd: 2.9, sdAtEqualSize: 2.1, back: -9.4 },
  L3: { down: 34.4, sd: 2.9, sdAtEqualSize: 2.2, back: -8.2 },
  L4: { down: 35.8, sd: 2.8, sdAtEqualSize: 2.2, back: -3.8 },
  L5: { down: 35.3, sd: 3.4, sdAtEqualSize: 2.9, back: 4.1 },
};

/** Distance L5-S1 (56 MR and 8 CT images): down 27.3 +- 4.4, back 22.3 mm, as a polar step. */
export const STEP_TO_SACRUM = { distance: 35.2, distanceSd: 2.5, degrees: 39.2, degreesSd: 10 };

const COMPLETE: readonly BodyName[] = ['T12', 'L1', 'L2', 'L3', 'L4', 'L5'];

/**
 * Curves of real spines from a keypoint table (`scan,level,keypoint,x_lps_mm,y_lps_mm,z_lps_mm`,
 * gzip): every scan with a whole T12-L5 chain and no sixth lumbar vertebra.
 *
 * @returns null when the file does not exist.
 * @throws Error naming the file when it is not such a table.
 */
export function readSpineCurves(file: string): SpineCurve[] | null {
  if (!existsSync(file)) return null;
  let lines: string[];
  try {
    lines = gunzipSync(readFileSync(file)).toString('utf8').split(/\r?\n/);
  } catch (error) {
    throw new Error(`${file} is not a gzip file.`, { cause: error });
  }
  const header = lines[0].split(',');
  const column = (name: string) => {
    const index = header.indexOf(name);
    if (index < 0) throw new Error(`${file} has no column ${name}; expected a keypoint table.`);
    return index;
  };
  const [scan, level, keypoint] = ['scan', 'level', 'keypoint'].map(column);
  const [y, z] = ['y_lps_mm', 'z_lps_mm'].map(column);
  const scans = new Map<string, Map<string, CurvePoint>>();
  for (const line of lines.slice(1)) {
    const cells = line.split(',');
    if (cells[keypoint] !== 'body') continue;
    const bodies = scans.get(cells[scan]) ?? new Map<string, CurvePoint>();
    bodies.set(cells[level], { y: Number(cells[y]), z: -Number(cells[z]) });
    scans.set(cells[scan], bodies);
  }
  const curves: SpineCurve[] = [];
  for (const bodies of scans.values()) {
    if (bodies.has('L6') || COMPLETE.some((name) => !bodies.has(name))) continue;
    const curve: SpineCurve = {};
    for (const name of BODY_NAMES) {
      const point = bodies.get(name);
      if (point) curve[name] = point;
    }
    if (isPlausible(curve)) curves.push(curve);
  }
  if (curves.length === 0) throw new Error(`${file} holds no scan with all of T12 to L5.`);
  return curves;
}

/** Whether neighbouring bodies are 12 to 60 mm apart, going down. */
function isPlausible(curve: SpineCurve): boolean {
  for (let i = 1; i < BODY_NAMES.length; i++) {
    const upper = curve[BODY_NAMES[i - 1]];
    const lower = curve[BODY_NAMES[i]];
    if (!upper || !lower) continue;
    const down = lower.z - upper.z;
    if (!(down > 12 && down < 60 && Math.abs(lower.y - upper.y) < 40)) return false;
  }
  return true;
}

/**
 * A T9-L5 curve drawn from the published steps. One common factor stands for body size, so that the
 * spread of each step and the spread at equal body size are both as published.
 */
export function sampleSpineCurve(random: Random): SpineCurve {
  const size = random.normal();
  const curve: SpineCurve = { T9: { y: 0, z: 0 } };
  const bend = random.normal(0, 2.5);
  let above = { y: 0, z: 0 };
  for (const name of BODY_NAMES.slice(BODY_NAMES.indexOf('T10'))) {
    const step = STEP_TO[name]!;
    const shared = Math.sqrt(step.sd ** 2 - step.sdAtEqualSize ** 2);
    const down = step.down + size * shared + random.normal(0, step.sdAtEqualSize);
    // More or less lordosis: lumbar steps turn about the level of L3 and L4.
    const turn = bend * (BODY_NAMES.indexOf(name) - BODY_NAMES.indexOf('L3')) * 0.35;
    above = {
      y: above.y + step.back + turn + random.normal(0, 1.5),
      z: above.z + Math.max(15, down),
    };
    curve[name] = above;
  }
  return curve;
}

/** A random real curve, or a sampled one where there are none. */
export function pickSpineCurve(random: Random, curves: readonly SpineCurve[] | null): SpineCurve {
  return curves && curves.length > 0 ? random.pick(curves) : sampleSpineCurve(random);
}
