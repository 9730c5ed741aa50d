import { UNCALIBRATED } from '../../src/levels/decision';
import type { TrainingItem } from '../items/item';
import { LEVEL_NAMES, type LevelName } from '../../src/levels/types';
import { GRID_MM } from './brush';
import { gaussianBlur, newRaster, quantile, smoothNoise, type Raster } from './raster';
import { Random } from '../tools/random';
import { drawRibs, paintBesideSpine, paintLateralBand, type Ribs } from './lateralBand';
import { drawSacrumStyle, paintSacrum } from './sacrum';
import { growSpine, type Spine } from './spine';
import type { SpineCurve } from './spineCurves';
import { paintSurroundings } from './surroundings';
import { ctTissues, mrTissues, type Tissues } from './tissues';
import { drawBoneStyle, paintVertebra } from './vertebra';

/** Size of a synthetic picture in pixels: 496 mm head to foot, 256 mm front to back. */
export const CANVAS = { height: 248, width: 128 } as const;

const MR_SHARE = 0.28;
const SINGLE_SLICE_SHARE = { CT: 0.3, MR: 0.6 } as const;
/** People whose ribs and sacrum give different numbers; about as often as transitional vertebrae. */
export const VARIANTS_IN_PEOPLE = UNCALIBRATED.variants;
/** Slices that miss the spine: no vertebral body is in them. */
const BESIDE_SHARE = 0.03;
/** Single CT slices that a bent spine leaves: bodies at one end alone. */
const LEAVING_SHARE = 0.15;
/** A plane this far beside the middle of a body shows at most its side wall, mm. */
const HALF_BODY_MM = 20;
const SPINE_CROP_SHARE = 0.15;

/**
 * Makes one labelled synthetic projection: a spine on a real (or sampled) curve, painted in one or
 * six lateral slices, of which maximum and mean are taken as the projection does.
 *
 * The result depends on `seed`, `index`, `curves` and `variants` only. Its set is `ribs` where the last
 * rib is in view, `beside` where the plane misses some bodies or all, else `synthetic`.
 *
 * @param variants share of spines with one rib-bearing vertebra more or less than usual
 */
export function synthesizeItem(
  seed: number,
  index: number,
  curves: readonly SpineCurve[] | null,
  variants = VARIANTS_IN_PEOPLE,
): TrainingItem {
  const random = Random.ofStream(seed, index);
  const tissues = random.chance(MR_SHARE) ? mrTissues(random) : ctTissues(random);
  const spine = placeOnCanvas(random, growSpine(random, curves));
  const ribs = drawRibs(random, spine, variants);
  const course = drawCourse(random, tissues.modality);
  const planes = render(random, spine, ribs, tissues, course);
  const lastRib =
    planes.lateral && ribs.visible && planes.reach > 45
      ? { row: ribs.last.z / GRID_MM, column: ribs.last.y / GRID_MM }
      : null;
  const levels = LEVEL_NAMES.filter((name) => course.shows(indexOf(spine, name)));
  const id = `synthetic-${seed}-${String(index).padStart(5, '0')}`;
  return {
    id,
    person: id,
    set: levels.length < LEVEL_NAMES.length ? 'beside' : lastRib ? 'ribs' : 'synthetic',
    modality: tissues.modality,
    kind: 'synthetic',
    ...CANVAS,
    max: toBytes(planes.max),
    mean: toBytes(planes.mean),
    lateral: planes.lateral ? toBytes(planes.lateral) : null,
    levels: levels.map((name) => levelOf(spine, name)),
    labelledRows: null,
    lastRib,
  };
}

/** What a projection holds. */
export interface Rasters {
  readonly max: Raster;
  readonly mean: Raster;
  /** Null where the scan does not reach beside the spine. */
  readonly lateral: Raster | null;
}

function placeOnCanvas(random: Random, spine: Spine): Spine {
  const dy = random.uniform(108, 150);
  const dz = random.uniform(206, 274);
  const move = <T extends { y: number; z: number }>(part: T): T => ({
    ...part,
    y: part.y + dy,
    z: part.z + dz,
  });
  return {
    ...spine,
    bodies: spine.bodies.map(move),
    sacrum: spine.sacrum.map(move),
    coccyx: spine.coccyx.map(move),
  };
}

function levelOf(spine: Spine, name: LevelName) {
  const centre = name === 'S1' ? spine.sacrum[0] : spine.bodies.find((body) => body.name === name)!;
  return { name, row: centre.z / GRID_MM, column: centre.y / GRID_MM };
}

function render(
  random: Random,
  spine: Spine,
  ribs: Ribs,
  tissues: Tissues,
  { slices, offset, shows }: Course,
): Rasters & { reach: number } {
  const { height, width } = CANVAS;
  const isCt = tissues.modality === 'CT';
  const { plane: background, outline } = paintSurroundings(random, spine, tissues, height, width);
  const texture = smoothNoise(random, height, width, random.uniform(0.75, 1.5));
  const bones = drawBoneStyle(random, spine, tissues, texture);
  const sacrum = drawSacrumStyle(random, spine, height, width);
  const max = newRaster(height, width, -Infinity);
  const mean = newRaster(height, width);
  for (const slice of slices) {
    const unevenness = smoothNoise(random, height, width, 2);
    const gain = isCt ? 6 : 0.02;
    const missesAll = isCt && !spine.bodies.some(({ index }) => shows(index));
    let plane = missesAll
      ? paintBesideSpine(
          ...([random, spine, ribs, tissues, outline] as const),
          ...([Math.abs(slice), offset, height, width] as const),
        )
      : { ...background, data: background.data.slice() };
    for (let i = 0; i < plane.data.length; i++) plane.data[i] += gain * unevenness.data[i];
    if (!missesAll) {
      for (const body of spine.bodies)
        if (shows(body.index) || !isCt)
          paintVertebra(plane, spine, body, slice + offset(body.index), bones);
      // After the discs, so that S1 keeps its endplate.
      if (shows(SACRUM)) paintSacrum(plane, spine, slice + offset(SACRUM), sacrum, bones);
    }
    const blur = random.uniform(0.3, 0.6);
    plane = gaussianBlur(plane, blur, blur);
    for (let i = 0; i < plane.data.length; i++) {
      const value = plane.data[i] + random.normal(0, tissues.noise);
      if (value > max.data[i]) max.data[i] = value;
      mean.data[i] += value / slices.length;
    }
  }
  // CT slices are often thicker head to foot than the grid.
  const thick = isCt && random.chance(0.5) ? random.uniform(0.3, 1.2) : 0.3;
  const crop = isCt && random.chance(SPINE_CROP_SHARE) ? drawSpineCrop(random) : null;
  const reach = crop?.reach ?? Infinity;
  const lateral =
    isCt && slices.length > 1 && reach > 30
      ? paintLateralBand(random, spine, ribs, tissues, outline, reach, offset, height, width)
      : null;
  const blurred = {
    max: gaussianBlur(max, thick, 0.3),
    mean: gaussianBlur(mean, thick, 0.3),
    lateral: lateral && gaussianBlur(lateral, thick, 0.3),
  };
  const windowed = toWindow(random, blurred, tissues);
  if (crop) cropToSpine(windowed, spine, crop);
  return { ...windowed, reach };
}

/** Bone reconstructions of the spine alone: a narrow field of view, mm from L3's centre. */
function drawSpineCrop(random: Random) {
  return {
    front: random.uniform(25, 60),
    back: random.uniform(50, 90),
    reach: random.uniform(20, 75),
  };
}

function cropToSpine(
  { max, mean, lateral }: Rasters,
  spine: Spine,
  { front, back }: ReturnType<typeof drawSpineCrop>,
): void {
  const { y } = spine.bodies.find((body) => body.name === 'L3')!;
  for (const plane of [max, mean, lateral]) {
    if (!plane) continue;
    for (let r = 0; r < plane.height; r++) {
      plane.data.fill(
        0,
        r * plane.width,
        r * plane.width + Math.max(0, Math.round((y - front) / GRID_MM)),
      );
      plane.data.fill(
        0,
        Math.min((r + 1) * plane.width, r * plane.width + Math.round((y + back) / GRID_MM)),
        (r + 1) * plane.width,
      );
    }
  }
}

/** Index of the sacrum in the count of the bodies, for its lateral offset. */
const SACRUM = 13;

const indexOf = (spine: Spine, name: LevelName): number =>
  spine.bodies.find((body) => body.name === name)?.index ?? SACRUM;

/** Which planes are taken, and how far the middle of each body lies from them. */
interface Course {
  /** Lateral positions, mm from the slab's middle. */
  readonly slices: readonly number[];
  /** Distance of the slab's middle from that of a body (0 the uppermost), mm. */
  readonly offset: (index: number) => number;
  /** Whether a body is in the planes at all. */
  readonly shows: (index: number) => boolean;
}

function drawCourse(random: Random, modality: 'CT' | 'MR'): Course {
  const near = lateralOffset(random);
  if (random.chance(BESIDE_SHARE)) {
    const aside = random.sign() * random.uniform(28, 75);
    return { slices: [aside], offset: near, shows: () => false };
  }
  const slices = lateralSlices(random, modality);
  const leaves = random.chance(LEAVING_SHARE);
  const from = random.uniform(3, 12);
  const perBody = random.sign() * random.uniform(6, 18);
  const towardsHead = random.chance(0.4);
  if (slices.length > 1 || modality === 'MR' || !leaves)
    return { slices, offset: near, shows: () => true };
  const away = (index: number) => Math.max(0, towardsHead ? from - index : index - from);
  const offset = (index: number) => near(index) + perBody * away(index);
  return { slices, offset, shows: (index) => Math.abs(offset(index)) < HALF_BODY_MM };
}

/** The slab follows the spine, but not exactly: its distance from the middle at each level, mm. */
function lateralOffset(random: Random): (index: number) => number {
  const shift = random.normal(0, 3);
  const slope = random.normal(0, 0.6);
  const sway = random.normal(0, random.chance(0.7) ? 3 : 9);
  const phase = random.uniform(0, 2 * Math.PI);
  return (index) => shift + slope * (index - 11) + sway * Math.sin(phase + index * 0.5);
}

/** Positions of the lateral slices, mm from the slab's middle. */
function lateralSlices(random: Random, modality: 'CT' | 'MR'): number[] {
  if (random.chance(SINGLE_SLICE_SHARE[modality])) return [0];
  const half = modality === 'CT' ? random.uniform(9, 14) : random.uniform(3, 8);
  const count = modality === 'CT' ? 6 : 3;
  return Array.from({ length: count }, (_, i) => half * ((2 * i) / (count - 1) - 1));
}

/** Values 0..1: the window of a CT; of an MR uneven sensitivity and the 99.5th percentile. */
export function toWindow(random: Random, planes: Rasters, tissues: Tissues): Rasters {
  const scale = (plane: Raster, change: (value: number, index: number) => number): Raster => ({
    ...plane,
    data: plane.data.map((value, i) => Math.min(1, Math.max(0, change(value, i)))),
  });
  if (tissues.window) {
    const [low, high] = tissues.window;
    const change = (value: number) => (value - low) / (high - low);
    return {
      max: scale(planes.max, change),
      mean: scale(planes.mean, change),
      lateral: planes.lateral && scale(planes.lateral, change),
    };
  }
  const gain = coilGain(random, planes.mean);
  const top = quantile(
    planes.mean.data.map((value, i) => value * gain[i]),
    0.995,
  );
  const change = (value: number, i: number) => (value * gain[i]) / top;
  return { max: scale(planes.max, change), mean: scale(planes.mean, change), lateral: null };
}

/** Receive sensitivity: uneven, fading away from the coil behind the back, sometimes a dark band in front. */
function coilGain(random: Random, plane: Raster): Float32Array {
  const { height, width } = plane;
  const uneven = smoothNoise(random, height, width, 30);
  const strength = random.uniform(0.05, 0.3);
  const fade = random.chance(0.6) ? random.uniform(0, 0.012) : 0;
  const ends = random.chance(0.4) ? random.uniform(0, 0.9) : 0;
  const band = random.chance(0.35) ? random.uniform(15, 45) : 0;
  const left = random.uniform(0.1, 0.5);
  const gain = new Float32Array(height * width);
  for (let r = 0; r < height; r++) {
    const far = (2 * r) / height - 1;
    for (let c = 0; c < width; c++) {
      const i = r * width + c;
      const saturated = 1 - (1 - left) / (1 + Math.exp((c - band) / 2));
      gain[i] =
        Math.exp(strength * uneven.data[i] - fade * (width - c)) *
        (1 - ends * far * far * 0.8) *
        (band > 0 ? saturated : 1);
    }
  }
  return gain;
}

export function toBytes(plane: Raster): Uint8Array {
  return Uint8Array.from(plane.data, (value) => Math.round(value * 255));
}
