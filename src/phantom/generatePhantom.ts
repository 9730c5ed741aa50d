import type { Vec3 } from '../series/types';
import { organs } from './abdomen';
import { bowel, pelvicOrgans } from './bowel';
import { layerOf, Plane, type Layer, type PlaneGrid } from './canvas';
import { pelvis } from './pelvis';
import { NoiseField, Random } from './random';
import { canalContents, sacrum } from './sacrum';
import { CANAL_DEPTH, fromFrame, spineFrames, VERTEBRAE, type Frame } from './spine';
import { lungs, ribs, upperChest } from './thorax';
import { spinalMuscles, trunk } from './torso';
import type { PhantomOptions, PhantomSlice, PhantomVolume } from './types';
import { discs, vertebra } from './vertebra';
import { vessels } from './vessels';

const FIELD_OF_VIEW_MM = 400;
/** Middle of the field of view, anatomical mm. */
const FIELD_CENTRE_Y = 22;
/** Planes painted per slice and averaged, so that a slice is as thick as it says. */
const PLANE_MM = 1.6;

function complete(options: PhantomOptions): Required<PhantomOptions> {
  const variant = options.variant ?? 'standard';
  const full = {
    variant,
    seed: options.seed ?? 1,
    sliceSpacingMm: options.sliceSpacingMm ?? (variant === 'thick' ? 5 : 3),
    columns: options.columns ?? 256,
    gantryTiltDegrees: options.gantryTiltDegrees ?? (variant === 'tilted' ? 12 : 0),
    lateralCurveMm: options.lateralCurveMm ?? (variant === 'scoliosis' ? 32 : 0),
    bodySize: options.bodySize ?? 1,
    fat: options.fat ?? 1,
    noiseHu: options.noiseHu ?? 12,
  };
  const limits: [keyof typeof full, number, number][] = [
    ['sliceSpacingMm', 0.5, 20],
    ['columns', 32, 1024],
    ['gantryTiltDegrees', -30, 30],
    ['lateralCurveMm', -45, 45],
    ['bodySize', 0.8, 1.2],
    ['fat', 0.3, 2],
    ['noiseHu', 0, 100],
  ];
  for (const [name, low, high] of limits) {
    const value = full[name];
    if (typeof value !== 'number' || !(value >= low && value <= high)) {
      throw new RangeError(
        `Phantom option ${name} must lie within ${low} and ${high}, not ${value}`,
      );
    }
  }
  if (!Number.isInteger(full.columns)) throw new RangeError('Phantom option columns must be whole');
  return full;
}

/** The z range of the scan, anatomical mm at medium size: [lowest, highest] slice. */
function scanRange(options: Required<PhantomOptions>): [number, number] {
  return options.variant === 'no-lumbar-spine' ? [140, 350] : [-236, 262];
}

function anatomy(options: Required<PhantomOptions>, random: Random): [Layer[], Frame[]] {
  const noise = new NoiseField(random);
  const build = { fat: options.fat };
  const frames = spineFrames(options.lateralCurveMm);
  const s1 = frames[frames.length - 1];
  const prone = options.variant === 'prone';
  const canal: Vec3[] = [
    ...VERTEBRAE.map((v, i) => fromFrame(frames[i], 0, v.depth / 2 + CANAL_DEPTH / 2, 0)),
    fromFrame(s1, 0, 23, 0),
    [s1.centre[0], s1.centre[1] + 42, s1.centre[2] - 26],
  ];
  const layers: Layer[] = [
    trunk(build, noise, prone),
    ...[
      organs(build, noise),
      spinalMuscles(frames, noise),
      bowel(random, build, noise),
      pelvicOrgans(noise),
      lungs(frames, build, noise),
      upperChest(frames, noise),
      vessels(frames, noise),
      canalContents(canal),
      discs(frames, noise),
      ribs(frames, build, noise),
      pelvis(noise),
      sacrum(s1, noise),
      VERTEBRAE.map((size, i) => vertebra(size, frames[i], noise)),
    ].map(layerOf),
  ];
  return [layers, frames];
}

/**
 * Makes a synthetic CT of a torso with a countable spine (T1 to L5, sacrum, coccyx), twelve pairs of
 * ribs, iliac wings and soft tissue. Anatomy is a set of signed distance functions painted slice by
 * slice with partial volume; nothing of it comes from a patient or a data set.
 *
 * @returns HU slices with their geometry in LPS mm, and the true centres of the vertebral bodies.
 * @throws RangeError for an option out of range.
 */
export function generatePhantom(options: PhantomOptions = {}): PhantomVolume {
  const full = complete(options);
  const random = new Random(full.seed);
  // where the person lies in the scanner's frame of reference
  const offset: Vec3 = [
    Math.round(random.between(-4, 4) * 2) / 2,
    Math.round(random.between(-175, -20) * 2) / 2,
    Math.round(random.between(-420, 180) * 2) / 2,
  ];
  const [layers, frames] = anatomy(full, random);
  const grain = new Grain(random);

  const n = full.columns;
  const pixel = FIELD_OF_VIEW_MM / n;
  const tilt = (full.gantryTiltDegrees * Math.PI) / 180;
  const size = full.bodySize;
  const [low, high] = scanRange(full).map((z) => z * size);
  const gap = full.sliceSpacingMm;
  const count = Math.floor((high - low) / gap) + 1;
  const parts = Math.max(1, Math.round(gap / PLANE_MM));
  const x0 = -FIELD_OF_VIEW_MM / 2 + pixel / 2;
  const top = FIELD_CENTRE_Y - (FIELD_OF_VIEW_MM / 2 - pixel / 2) * Math.cos(tilt);
  const middleRow = (n - 1) / 2;
  const mirrored = {
    x: full.variant === 'feet-first' || full.variant === 'prone',
    y: full.variant === 'prone',
  };

  const slices: PhantomSlice[] = [];
  for (let i = 0; i < count; i++) {
    const zMiddle = high - i * gap;
    const zTop = zMiddle - middleRow * pixel * Math.sin(tilt);
    const planes = Array.from({ length: parts }, (_, k): Plane => {
      const along = ((k + 0.5) / parts - 0.5) * gap;
      const grid: PlaneGrid = {
        columns: n,
        rows: n,
        x0: x0 / size,
        y0: top / size,
        z0: (zTop + along) / size,
        dx: pixel / size,
        dy: (pixel * Math.cos(tilt)) / size,
        dz: (pixel * Math.sin(tilt)) / size,
      };
      const plane = new Plane(grid);
      const [bottom, crown] = plane.zRange();
      for (const layer of layers) {
        if (layer.zMin <= crown && layer.zMax >= bottom) layer.paint(plane);
      }
      return plane;
    });
    slices.push({
      pixels: finish(planes, grain, i, full, mirrored),
      imagePositionPatient: [
        round(offset[0] + (mirrored.x ? -x0 : x0)),
        round(offset[1] + (mirrored.y ? top + (n - 1) * pixel * Math.cos(tilt) : top)),
        round(offset[2] + (mirrored.y ? zTop + (n - 1) * pixel * Math.sin(tilt) : zTop)),
      ],
    });
  }

  const truth: Record<string, Vec3> = {};
  for (const { name, centre } of frames) {
    const [x, y, z] = centre.map((value) => value * size);
    if (z < low || z > high) continue;
    truth[name] = [round(x + offset[0]), round(y + offset[1]), round(z + offset[2])];
  }
  const sign = (flip: boolean) => (flip ? -1 : 1);
  return {
    options: full,
    rows: n,
    columns: n,
    pixelSpacing: [pixel, pixel],
    sliceThicknessMm: gap,
    imageOrientationPatient: [
      sign(mirrored.x),
      0,
      0,
      0,
      sign(mirrored.y) * Math.cos(tilt),
      sign(mirrored.y) * Math.sin(tilt),
    ],
    patientPosition:
      full.variant === 'feet-first' ? 'FFS' : full.variant === 'prone' ? 'HFP' : 'HFS',
    slices: arrange(slices, full, truth),
    truth,
  };
}

const round = (mm: number) => Math.round(mm * 1e4) / 1e4;

/** Acquisition order and the slice that one variant lacks. */
function arrange(
  slices: PhantomSlice[],
  options: Required<PhantomOptions>,
  truth: Readonly<Record<string, Vec3>>,
): PhantomSlice[] {
  if (options.variant === 'feet-first') return slices.reverse();
  if (options.variant !== 'missing-slice') return slices;
  const z = (truth.L2[2] + truth.L3[2]) / 2;
  const distance = (s: PhantomSlice) => Math.abs(s.imagePositionPatient[2] - z);
  const left = slices.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  return slices.filter((s) => s !== left);
}

/** Averages the planes of a slice, adds noise and turns it the way its pixels run. */
function finish(
  planes: readonly Plane[],
  grain: Grain,
  index: number,
  options: Required<PhantomOptions>,
  mirrored: { x: boolean; y: boolean },
): Int16Array {
  const n = options.columns;
  const pixels = new Int16Array(n * n);
  const at = grain.start(index);
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < n; c++) {
      let sum = 0;
      for (const plane of planes) sum += plane.hu[r * n + c];
      const clean = sum / planes.length;
      // less noise in air, more in the middle of the body where fewer photons arrive
      const radius = Math.hypot(r / n - 0.5, c / n - 0.5);
      const amount = options.noiseHu * (clean < -900 ? 0.55 : 1.12 - 0.8 * radius * radius * 4);
      const value = Math.round(clean + amount * grain.value(at, r, c));
      const row = mirrored.y ? n - 1 - r : r;
      const column = mirrored.x ? n - 1 - c : c;
      pixels[row * n + column] = value < -1024 ? -1024 : value > 3071 ? 3071 : value;
    }
  }
  return pixels;
}

/** Noise of filtered back projection: neighbouring pixels hang together a little. */
class Grain {
  private static readonly SIZE = 512;
  private readonly tile: Float32Array;
  private readonly random: Random;

  constructor(random: Random) {
    const n = Grain.SIZE;
    const mask = n - 1;
    const white = Float32Array.from({ length: n * n }, () => random.normal());
    const kernel = [0.5, 1, 0.5];
    this.tile = new Float32Array(n * n);
    for (let r = 0; r < n; r++) {
      for (let c = 0; c < n; c++) {
        let sum = 0;
        for (let j = -1; j <= 1; j++) {
          for (let i = -1; i <= 1; i++) {
            sum += kernel[j + 1] * kernel[i + 1] * white[((r + j) & mask) * n + ((c + i) & mask)];
          }
        }
        this.tile[r * n + c] = sum / 1.5;
      }
    }
    this.random = random;
  }

  start(_index: number): [number, number, number] {
    return [
      Math.floor(this.random.between(0, Grain.SIZE)),
      Math.floor(this.random.between(0, Grain.SIZE)),
      this.random.next() < 0.5 ? -1 : 1,
    ];
  }

  value([dr, dc, sign]: readonly [number, number, number], r: number, c: number): number {
    const mask = Grain.SIZE - 1;
    return sign * this.tile[((r + dr) & mask) * Grain.SIZE + ((c + dc) & mask)];
  }
}
