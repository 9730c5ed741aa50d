import { GRID_MM, brighten, type Placement } from './brush';
import { paintPelvis } from './pelvis';
import { gaussianBlur, newRaster, smoothLine, smoothNoise, type Raster } from './raster';
import type { Random } from '../tools/random';
import { STEP_TO } from './spineCurves';
import type { Body, Spine } from './spine';
import type { BodyOutline } from './surroundings';
import type { Tissues } from './tissues';

/** A point relative to the centre of a vertebral body, mm: `back` to the back, `down` to the feet. */
type Offset = readonly [back: number, down: number];

/**
 * Course of the ribs, last one first: where the rib is 35 mm beside the midline, relative to the
 * centre of its vertebral body, and how far it moves back and down per mm further out. Measured on
 * the rib and vertebra masks of two people (TotalSegmentator data set v2).
 */
const RIB_COURSE: readonly { readonly at35: Offset; readonly slope: Offset }[] = [
  { at35: [42, 5], slope: [0.38, 0.88] },
  { at35: [42, -2], slope: [0.55, 0.62] },
  { at35: [42, -6], slope: [0.55, 0.38] },
  { at35: [42, -7], slope: [0.48, 0.2] },
  { at35: [40, -9], slope: [0.45, 0.08] },
  { at35: [40, -12], slope: [0.35, 0.05] },
  { at35: [39, -14], slope: [0.3, 0.03] },
];
/**
 * Transverse processes of lumbar vertebrae, lowest first: place at 35 mm beside the midline, half
 * height and half depth, and how far out they reach, mm. Measured on the masks of five people.
 */
const PROCESSES: readonly {
  readonly at: Offset;
  readonly radius: Offset;
  readonly reach: number;
}[] = [
  { at: [26, -10], radius: [7, 7], reach: 50 },
  { at: [34, -6], radius: [4.2, 5.2], reach: 48 },
  { at: [39, -4], radius: [3.6, 5], reach: 50 },
  { at: [40, -3], radius: [3.6, 4.4], reach: 46 },
  { at: [40, -1], radius: [3.3, 4], reach: 39 },
];
/** How the last ribs turn down farther out, 1/mm; the table's straight course meets them at 35 mm and this much farther out. */
const RIB_BEND = 0.012;
const STRAIGHT_MM = 25;
const BAND_MM: readonly [inner: number, outer: number] = [25, 60];
/** How far a single slice beside the spine shows bone of its neighbourhood, mm. */
const SLICE_MM = 3;

/** Which body bears the last rib, and how far that rib reaches to each side, mm from the midline. */
export interface Ribs {
  readonly last: Body;
  readonly reach: readonly [left: number, right: number];
  /** Whether a rib reaches into the band far enough to be told from a transverse process. */
  readonly visible: boolean;
}

/**
 * Draws which body bears the last rib: T12 in most people; the body above it (six lumbar-type
 * vertebrae) or below it (lumbar ribs, four lumbar-type vertebrae) in `variants` of them.
 */
export function drawRibs(random: Random, spine: Spine, variants: number): Ribs {
  const t12 = spine.bodies.findIndex((body) => body.name === 'T12');
  const shift = random.chance(variants) ? (random.chance(0.6) ? -1 : 1) : 0;
  const lumbarRib = shift === 1;
  const reach = () =>
    random.chance(lumbarRib ? 0.4 : 0.1) ? random.uniform(32, 46) : random.uniform(46, 130);
  const both = reach();
  const sides = [both * random.normal(1, 0.06), random.chance(0.85) ? both : reach()] as const;
  return {
    last: spine.bodies[t12 + shift],
    reach: sides,
    visible: Math.max(...sides) > 40,
  };
}

/**
 * The maximum 25-60 mm to both sides of the spine, as a CT shows it: ribs down to the last one as
 * dots and arcs, transverse processes, sacral ala and iliac bone, organs, bowel, lung, the back's fat.
 *
 * @param reachMm how far beside the midline the scan reaches; the band ends there
 * @param offset how far the traced centre line lies beside the spine at each body, mm
 * @param band from where to where, mm beside the centre line
 * @returns a plane in HU
 */
export function paintLateralBand(
  random: Random,
  spine: Spine,
  ribs: Ribs,
  tissues: Tissues,
  outline: BodyOutline,
  reachMm: number,
  offset: (index: number) => number,
  height: number,
  width: number,
  band = BAND_MM,
): Raster {
  const plane = newRaster(height, width);
  paintSoftTissue(random, plane, spine, tissues, outline);
  const density = random.uniform(0.55, 1);
  const bone = () =>
    tissues.marrow + (tissues.cortex - tissues.marrow) * density * random.uniform(0.75, 1.1);
  const person = {
    back: random.normal(1, 0.07) * spine.size,
    down: random.normal(0, 4),
    steep: random.normal(1, 0.28),
    bend: Math.max(0, random.normal(1, 0.6)),
    pointed: random.uniform(0, 0.7),
    ribs: { thick: random.uniform(0.8, 1.45) * spine.size, bright: random.uniform(0.8, 1.3) },
    processes: { thick: random.uniform(0.75, 1.3) * spine.size, bright: random.uniform(0.7, 1.15) },
    lean: random.normal(0, 0.05),
  };
  for (const side of band === BAND_MM ? ([-1, 1] as const) : ([1] as const)) {
    const uneven = random.normal(0, 1.5);
    for (const body of spine.bodies) {
      const own: Offset = [random.normal(0, 1.2), random.normal(0, 1.5)];
      const place = ([back, down]: Offset): Placement =>
        relativeTo(
          body,
          [back * person.back + own[0], down * spine.size + person.down + uneven + own[1]],
          person.lean,
        );
      const inner = band[0] + side * offset(body.index);
      const outer = Math.min(reachMm, band[1] + side * offset(body.index));
      const fromLast = ribs.last.index - body.index;
      if (random.chance(0.6)) paintBodyEdge(plane, body, inner, bone());
      if (fromLast >= 0) {
        paintRib(
          plane,
          place,
          { ...person, thick: person.ribs.thick },
          fromLast,
          [inner, outer],
          ribs.reach[side < 0 ? 0 : 1],
          bone() * person.ribs.bright,
        );
      } else {
        const { thick, bright } = person.processes;
        paintProcess(random, plane, place, body, spine, [inner, outer], thick, bone() * bright);
      }
    }
  }
  paintPelvis(random, plane, spine, bone);
  const grain = smoothNoise(random, height, width, random.uniform(0.5, 0.9));
  const coarse = random.uniform(0.05, 0.3);
  for (let i = 0; i < plane.data.length; i++)
    if (plane.data[i] > 200) plane.data[i] *= 1 + coarse * grain.data[i];
  const soft = random.uniform(0.35, 0.7);
  const blurred = gaussianBlur(plane, soft, soft);
  for (let i = 0; i < blurred.data.length; i++)
    blurred.data[i] += random.normal(0, 0.5 * tissues.noise);
  return blurred;
}

/**
 * A single slice `aside` mm beside the spine, where no vertebral body is: ribs and transverse processes
 * cut across, sacral ala and ilium.
 *
 * @returns a plane in HU
 */
export function paintBesideSpine(
  random: Random,
  spine: Spine,
  ribs: Ribs,
  tissues: Tissues,
  outline: BodyOutline,
  aside: number,
  offset: (index: number) => number,
  height: number,
  width: number,
): Raster {
  const band = [aside, aside + SLICE_MM] as const;
  return paintLateralBand(
    ...([random, spine, ribs, tissues, outline, Infinity, offset, height, width] as const),
    band,
  );
}

function paintRib(
  plane: Raster,
  place: (offset: Offset) => Placement,
  person: { steep: number; bend: number; pointed: number; thick: number },
  fromLast: number,
  [inner, outer]: readonly [number, number],
  lastReach: number,
  value: number,
): void {
  const { at35, slope } = RIB_COURSE[Math.min(fromLast, RIB_COURSE.length - 1)];
  const reach = fromLast === 0 ? lastReach : Infinity;
  const taper = fromLast === 0 ? 0.9 : 1;
  const radius = [4.3 * person.thick * taper, 6.3 * person.thick * taper] as const;
  for (let d = Math.max(inner, 29); d <= Math.min(outer, reach); d += 3) {
    const out = d - 35;
    const bent = fromLast < 3 ? RIB_BEND * person.bend * out * (out - STRAIGHT_MM) : 0;
    const at = place([
      at35[0] + slope[0] * out - 0.7 * bent,
      at35[1] + slope[1] * person.steep * out + bent,
    ]);
    const tip = fromLast === 0 ? 1 - person.pointed * Math.min(1, (d - 29) / (reach - 29)) : 1;
    const end = Math.min(tip, (reach - d) / 8 + 0.5);
    brighten(plane, at, radius[0] * end, radius[1] * end, value);
  }
  // The transverse process that the rib leans on.
  if (inner < 34) brighten(plane, place([43, -3]), 5 * person.thick, 6.5 * person.thick, value);
}

function paintProcess(
  random: Random,
  plane: Raster,
  place: (offset: Offset) => Placement,
  body: Body,
  spine: Spine,
  [inner, outer]: readonly [number, number],
  thick: number,
  value: number,
): void {
  const fromLowest = spine.bodies.length - 1 - body.index;
  const { at, radius, reach } = PROCESSES[Math.min(fromLowest, PROCESSES.length - 1)];
  const end = reach * spine.size * random.normal(1, 0.1);
  const tilt = random.normal(0, 0.25);
  const faint = random.uniform(0.5, 1);
  for (let d = Math.max(inner, 28); d <= Math.min(outer, end); d += 4) {
    const out = d - 35;
    const small = d > end - 8 ? 0.75 : 1;
    const spot = place([at[0] + 0.25 * out, at[1] + tilt * out]);
    brighten(plane, spot, radius[0] * thick * small, radius[1] * thick * small, value * faint);
  }
  // Facet joints and laminae come into the band where it lies close to the spine.
  if (inner < 20 + random.normal(0, 3)) {
    const joint = place([at[0] + random.uniform(-4, 6), at[1] + random.uniform(10, 18)]);
    brighten(plane, joint, random.uniform(5, 9), random.uniform(8, 14), value);
  }
}

/** The side wall of a body, with its rims, where the band begins within the body's half width. */
function paintBodyEdge(plane: Raster, body: Body, inner: number, value: number): void {
  const half = body.lumbar ? 19.5 + 0.6 * (body.index - 9) : 16;
  const overlap = half + 3 - inner;
  if (overlap <= 0) return;
  const depth = Math.min(body.depth * 0.42, 5 + 2.2 * overlap);
  for (const end of [-1, 1]) {
    const rim = relativeTo(body, [0, end * (body.height / 2 - 2)], 0);
    brighten(plane, rim, depth, 2.2, value * 0.8);
  }
  if (overlap > 3)
    brighten(
      plane,
      { y: body.y, z: body.z, angle: body.angle },
      depth * 0.7,
      body.height * 0.35,
      value * 0.45,
    );
}

function paintSoftTissue(
  random: Random,
  plane: Raster,
  spine: Spine,
  tissues: Tissues,
  { spineY, skin, front }: BodyOutline,
): void {
  const { height, width, data } = plane;
  const u = (low: number, high: number) => random.uniform(low, high);
  // The maximum over many voxels lies well above their mean.
  const base = tissues.muscle + 1.8 * tissues.noise + u(0, 20);
  const patches = smoothNoise(random, height, width, u(3, 7));
  for (let i = 0; i < data.length; i++) data[i] = base + 12 * patches.data[i];
  const at = (z: number) => spineY[Math.min(height - 1, Math.max(0, Math.round(z / GRID_MM)))];
  const l2 = spine.bodies.find((body) => body.name === 'L2')!;
  const enhanced = tissues.vessel > 100 ? u(60, 180) : u(0, 30);
  for (let n = random.integer(0, 3); n > 0; n--) {
    const kidney = { y: l2.y + u(-25, 20), z: l2.z + u(-45, 25), angle: u(-0.3, 0.3) };
    brighten(plane, kidney, u(20, 30), u(45, 60), base + enhanced);
  }
  for (let n = random.integer(1, 6); n > 0; n--) {
    const z = u(0, height * GRID_MM);
    const organ = { y: at(z) - u(20, 120), z, angle: u(-0.6, 0.6) };
    brighten(plane, organ, u(10, 45), u(15, 60), base + u(0, 70));
  }
  for (let n = random.chance(0.4) ? random.integer(1, 10) : 0; n > 0; n--) {
    const z = u(l2.z - 60, height * GRID_MM);
    const bowel = { y: at(z) - u(20, 130), z, angle: u(-1, 1) };
    brighten(plane, bowel, u(4, 16), u(4, 20), tissues.contrast);
  }
  for (let n = random.chance(0.15) ? random.integer(1, 4) : 0; n > 0; n--) {
    const z = l2.z + u(-60, 90);
    const stone = { y: at(z) + u(-40, 25), z, angle: 0 };
    brighten(plane, stone, u(1, 4), u(1, 5), tissues.calcification);
  }
  if (random.chance(0.7)) paintLung(random, plane, spine, tissues, spineY);
  const fatBehind = u(-4, 12);
  const wave = smoothLine(random, height, 25);
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const y = c * GRID_MM;
      const i = r * width + c;
      const fascia = spineY[r] + 64 * spine.size + fatBehind + 3 * wave[r];
      if (y > fascia) data[i] = tissues.fat + 1.5 * tissues.noise;
      if (y > skin[r] || y < front[r]) data[i] = tissues.air;
    }
  }
}

/** Lung above the diaphragm, deepest at the back; vessels cross it. */
function paintLung(
  random: Random,
  plane: Raster,
  spine: Spine,
  tissues: Tissues,
  spineY: Float32Array,
): void {
  const { height, width, data } = plane;
  const top = spine.bodies[random.integer(4, 9)];
  const base = top.z + random.uniform(-15, 15);
  const slant = random.uniform(0.1, 0.5);
  const wall = random.uniform(34, 46) * spine.size;
  const vessels = smoothNoise(random, height, width, random.uniform(1, 2));
  const threshold = random.uniform(0.8, 2.2);
  for (let r = 0; r < height; r++) {
    const z = r * GRID_MM;
    for (let c = 0; c < width; c++) {
      const behind = c * GRID_MM - spineY[r];
      if (behind > wall || z > base + slant * behind) continue;
      const i = r * width + c;
      data[i] = vessels.data[i] > threshold ? random.uniform(-200, 150) : -800;
    }
  }
  if (!random.chance(0.5)) return;
  const heart = { y: top.y - random.uniform(60, 90), z: base - random.uniform(25, 60), angle: 0.4 };
  const value = Math.max(60, tissues.vessel) + random.uniform(0, 40);
  brighten(plane, heart, random.uniform(22, 38), random.uniform(30, 50), value);
}

/** A place beside a body, given for the body's mean posture and turned with the body. */
function relativeTo(body: Body, [back, down]: Offset, lean: number): Placement {
  const turn = body.angle - meanAngle(body) + lean;
  return {
    y: body.y + back * Math.cos(turn) + down * Math.sin(turn),
    z: body.z - back * Math.sin(turn) + down * Math.cos(turn),
    angle: turn,
  };
}

/** Mean angle of a body's axis from the vertical, from the mean steps to it and to the next one. */
function meanAngle({ name, index }: Body): number {
  if (name === 'L5') return 0.22;
  const names = Object.keys(STEP_TO) as (keyof typeof STEP_TO)[];
  const angleOf = (step: { down: number; back: number }) => Math.atan2(step.back, step.down);
  const own = STEP_TO[name];
  const next = STEP_TO[names[Math.min(names.length - 1, own ? names.indexOf(name) + 1 : 0)]]!;
  return index === 0 || !own ? angleOf(next) : (angleOf(own) + angleOf(next)) / 2;
}
