import { ProjectionBuilder } from '../projection/projectionBuilder';
import type { Projection } from '../projection/types';
import { mulberry32 } from '../random/mulberry32';
import { assembleSeries } from '../series/assembleSeries';
import type { Series, Vec3 } from '../series/types';
import type { ModelManifest } from './manifest';

const PIXEL_MM = 3;
const SIDE = 96;
const FIRST_MM = (-(SIDE - 1) / 2) * PIXEL_MM;
const SLICE_MM = 4;
const SLICES = 78;
/** Height of slice 0, mm; the centre of L3 lies at 0. */
const LOWEST_MM = -140;
/** Width over which a border is blurred, mm. */
const EDGE_MM = 4;
const HU = { air: -1000, flesh: 45, fat: -90, disc: 80, cancellous: 210, cortical: 480 } as const;
/** Noise goes so far to both sides, HU. */
const NOISE_HU = 25;

/** Half sizes of a body, mm, and how far its centre lies in front of or behind that of L3, and above. */
const SPINE = [
  { half: [16, 15, 10.5], y: 64, z: 152 },
  { half: [18, 15, 11], y: 58, z: 126 },
  { half: [19.5, 15.5, 12], y: 51, z: 98 },
  { half: [21, 16, 12.6], y: 43, z: 67 },
  { half: [22, 16, 12.9], y: 33, z: 34 },
  { half: [23, 17, 13.2], y: 25, z: 0 },
  { half: [24, 17, 13.2], y: 21, z: -36 },
  { half: [25, 17, 12.5], y: 25, z: -71 },
  { half: [26, 15, 13], y: 46, z: -98 },
  { half: [22, 11, 11.5], y: 65, z: -118 },
  { half: [18, 9, 10], y: 79, z: -135 },
] as const;
const RIBBED = 3;
const SACRAL = 8;

/** A shape with a blurred border, painted over what is there. */
interface Solid {
  readonly hu: number;
  readonly centre: Vec3;
  /** Along its own axes: patient x, backwards and upwards, the last two tilted; mm. */
  readonly half: Vec3;
  /** By how much its own upwards goes backwards, mm a mm. */
  readonly tilt: number;
  /** By how much it falls with every mm to the side. */
  readonly fall: number;
  /** Straight from end to end, with a round section; else round everywhere. */
  readonly isColumn: boolean;
}

/**
 * The CT that proves a model package from its voxels on: a pelvis, a sacrum, lumbar vertebrae and ribs
 * above them in soft tissue, with a little noise. It is made from integer random numbers, the four
 * basic operations and square roots only, hence the same to the last bit in every engine.
 *
 * @param seed any integer; another one gives other noise
 * @returns a checked axial series and its slices, HU, row-major
 */
export function knownSeries(seed: number): {
  readonly series: Series;
  readonly slices: readonly Int16Array[];
} {
  const heights = Array.from({ length: SLICES }, (_, i) => LOWEST_MM + i * SLICE_MM);
  const check = assembleSeries({
    uid: 'known-answer',
    modality: 'CT',
    frameOfReferenceUID: null,
    slices: heights.map((zMm) => ({
      sopInstanceUID: null,
      imagePositionPatient: [FIRST_MM, FIRST_MM, zMm],
      imageOrientationPatient: [1, 0, 0, 0, 1, 0],
      pixelSpacing: [PIXEL_MM, PIXEL_MM],
      rows: SIDE,
      columns: SIDE,
    })),
  });
  if (!check.ok) throw new Error(check.reason.message);
  const solids = torso();
  const random = mulberry32(seed);
  return { series: check.series, slices: heights.map((zMm) => sliceAt(zMm, solids, random)) };
}

/**
 * The projection of `knownSeries` that a model asks for, by its channels and its window for CT.
 */
export function knownProjection(input: ModelManifest['input'], seed: number): Projection {
  const { series, slices } = knownSeries(seed);
  const builder = new ProjectionBuilder(series, {
    channels: input.channels,
    window: input.windows.CT,
  });
  slices.forEach((slice, index) => builder.addSlice(index, slice, 1, 0));
  return builder.finish();
}

function torso(): Solid[] {
  const solid = (hu: number, centre: Vec3, half: Vec3, more: Partial<Solid> = {}): Solid => {
    return { hu, centre, half, tilt: 0, fall: 0, isColumn: false, ...more };
  };
  const column = { isColumn: true };
  const bone: Solid[] = [
    solid(HU.fat, [0, 5, 0], [138, 112, 400], column),
    solid(HU.flesh, [0, 5, 0], [120, 96, 400], column),
  ];
  SPINE.forEach(({ half, y, z }, i) => {
    const [x, depth, height] = half;
    const above = SPINE[Math.max(0, i - 1)];
    const below = SPINE[Math.min(SPINE.length - 1, i + 1)];
    const tilt = (above.y - below.y) / (above.z - below.z);
    const tilted = { tilt, isColumn: true };
    if (i < SACRAL) {
      bone.push(solid(HU.disc, [0, y, z], [x, depth, height + 6], tilted));
    }
    bone.push(
      solid(HU.cortical, [0, y, z], half, tilted),
      solid(HU.cancellous, [0, y, z], [x - 2.5, depth - 2.5, height - 2.5], tilted),
    );
    const back = y + depth;
    if (i < SACRAL) bone.push(solid(HU.cortical, [0, back + 34, z - 12], [4, 14, 9]));
    for (const side of [-1, 1]) {
      const at = (mm: number) => side * mm;
      if (i < SACRAL) {
        bone.push(solid(HU.cortical, [at(14), back + 8, z + 3], [5, 12, 7]));
        bone.push(solid(HU.cortical, [at(15), back + 20, z - 8], [9, 6, 14]));
      }
      if (i < RIBBED) {
        const fall = 0.45;
        bone.push(solid(HU.cortical, [at(52), back + 16, z - 12], [36, 5, 6], { fall }));
      } else if (i < SACRAL) {
        bone.push(solid(HU.cortical, [at(33), back + 10, z + 2], [15, 4, 5]));
      }
    }
  });
  for (const side of [-1, 1]) {
    bone.push(
      solid(HU.cancellous, [side * 36, 62, -104], [24, 15, 20]),
      solid(HU.cortical, [side * 66, 58, -92], [7, 40, 46]),
    );
  }
  return bone;
}

function sliceAt(zMm: number, solids: readonly Solid[], random: () => number): Int16Array {
  const values = new Float64Array(SIDE * SIDE).fill(HU.air);
  for (const solid of solids) paint(values, zMm, solid);
  return Int16Array.from(values, (hu) => {
    const noise = NOISE_HU * (2 * random() - 1);
    return hu <= HU.air ? HU.air : Math.floor(hu + noise + 0.5);
  });
}

function paint(values: Float64Array, zMm: number, solid: Solid): void {
  const { hu, half, tilt, fall, isColumn } = solid;
  const [cx, cy, cz] = solid.centre;
  const scale = 1 / Math.sqrt(1 + tilt * tilt);
  const narrow = Math.min(half[0], half[1]);
  const least = Math.min(narrow, half[2]);
  // No tilt here goes beyond 45 degrees, no fall beyond 1.
  const reach = half[2] + Math.max(half[0], half[1]) + EDGE_MM;
  if (Math.abs(zMm - cz) > reach) return;
  const indicesWithin = (centre: number, mm: number) => [
    Math.max(0, Math.ceil((centre - mm - FIRST_MM) / PIXEL_MM)),
    Math.min(SIDE - 1, Math.floor((centre + mm - FIRST_MM) / PIXEL_MM)),
  ];
  const [firstRow, lastRow] = indicesWithin(cy, tilt === 0 ? half[1] + EDGE_MM : reach);
  const [firstColumn, lastColumn] = indicesWithin(cx, half[0] + EDGE_MM);
  for (let r = firstRow; r <= lastRow; r++) {
    const y = FIRST_MM + r * PIXEL_MM - cy;
    for (let c = firstColumn; c <= lastColumn; c++) {
      const x = FIRST_MM + c * PIXEL_MM - cx;
      const z = zMm - cz + fall * (cx < 0 ? -x : x);
      const across = x / half[0];
      const backwards = ((y - tilt * z) * scale) / half[1];
      const upwards = ((z + tilt * y) * scale) / half[2];
      const round = across * across + backwards * backwards;
      const outside = isColumn
        ? Math.max((Math.sqrt(round) - 1) * narrow, (Math.abs(upwards) - 1) * half[2])
        : (Math.sqrt(round + upwards * upwards) - 1) * least;
      const share = 0.5 - outside / EDGE_MM;
      if (share <= 0) continue;
      const i = r * SIDE + c;
      values[i] += (share < 1 ? share : 1) * (hu - values[i]);
    }
  }
}
