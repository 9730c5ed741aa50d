import type { Vec3 } from '../series/types';
import { personLayers } from './anatomy';
import { HuPlane, type Layer } from './canvas';
import { Grain, PhantomRandom } from './random';
import type { Frame } from './spine';
import type { CompleteOptions, PhantomOptions, PhantomSlice, PhantomVolume } from './types';

const FIELD_OF_VIEW_MM = 400;
/** Middle of the field of view, anatomical mm. */
const FIELD_CENTRE_Y = 22;
/** Distance of the planes that are painted and averaged into a slice as thick as it says (at most four). */
const PLANE_MM = 2;

const LIMITS = {
  seed: [0, 2 ** 32 - 1],
  sliceSpacingMm: [0.5, 20],
  columns: [32, 1024],
  gantryTiltDegrees: [-30, 30],
  lateralCurveMm: [-45, 45],
  bodySize: [0.8, 1.2],
  fat: [0.3, 2],
  noiseHu: [0, 100],
} as const;
const TRUNK_MM = [-236, 262] as const;
const CHEST_MM = [140, 350] as const;
const LOWEST_MM = -320;
const HIGHEST_MM = 370;

/** Fills in what is not given. @throws RangeError for an option out of range. */
function complete(options: PhantomOptions): CompleteOptions {
  const variant = options.variant ?? 'standard';
  const full = {
    variant,
    seed: options.seed ?? 1,
    sliceSpacingMm: options.sliceSpacingMm ?? (variant === 'thick' ? 5 : 3),
    columns: options.columns ?? 256,
    rangeMm: options.rangeMm ?? (variant === 'no-lumbar-spine' ? CHEST_MM : TRUNK_MM),
    gantryTiltDegrees: options.gantryTiltDegrees ?? (variant === 'tilted' ? 12 : 0),
    lateralCurveMm: options.lateralCurveMm ?? (variant === 'scoliosis' ? 32 : 0),
    bodySize: options.bodySize ?? 1,
    fat: options.fat ?? 1,
    noiseHu: options.noiseHu ?? 12,
  };
  for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
    const [low, high] = LIMITS[name];
    const value = full[name];
    if (!(value >= low && value <= high)) {
      throw new RangeError(`Phantom option ${name} must be from ${low} to ${high}, not ${value}`);
    }
  }
  const [low, high] = full.rangeMm;
  if (!(low >= LOWEST_MM && high <= HIGHEST_MM && high - low >= full.sliceSpacingMm)) {
    throw new RangeError(
      `Phantom option rangeMm must rise within ${LOWEST_MM} to ${HIGHEST_MM}, not ${low} to ${high}`,
    );
  }
  for (const name of ['columns', 'seed'] as const) {
    if (!Number.isInteger(full[name])) {
      throw new RangeError(`Phantom option ${name} must be a whole number, not ${full[name]}`);
    }
  }
  return full;
}

const round = (mm: number) => Math.round(mm * 1e4) / 1e4;

/** A phantom on the scanner's table: geometry and truth at once, slices when they are asked for. */
export interface PhantomScan {
  readonly options: CompleteOptions;
  /** Everything but the slices. */
  readonly header: Omit<PhantomVolume, 'slices'>;
  /** Instance numbers of the slices in the order of acquisition. */
  readonly instanceNumbers: readonly number[];
  /** Paints one slice. */
  slice(instanceNumber: number): PhantomSlice;
}

/** @throws RangeError for an option out of range. */
export class AxialScan implements PhantomScan {
  readonly options: CompleteOptions;
  readonly header: Omit<PhantomVolume, 'slices'>;
  readonly instanceNumbers: readonly number[];

  private readonly layers: readonly Layer[];
  private readonly grain: Grain;
  /** Where the person lies in the scanner's frame of reference, mm. */
  private readonly offset: Vec3;
  private readonly low: number;
  private readonly high: number;
  private readonly count: number;
  private readonly mirrorX: boolean;
  private readonly mirrorY: boolean;

  constructor(options: PhantomOptions = {}) {
    const full = complete(options);
    this.options = full;
    const random = new PhantomRandom(full.seed);
    this.offset = [
      Math.round(random.between(-4, 4) * 2) / 2,
      Math.round(random.between(-175, -20) * 2) / 2,
      Math.round(random.between(-420, 180) * 2) / 2,
    ];
    const prone = full.variant === 'prone';
    const { layers, spine } = personLayers({ ...full, prone }, random);
    this.layers = layers;
    this.grain = new Grain(full.seed, random);
    [this.low, this.high] = full.rangeMm.map((z) => z * full.bodySize);
    this.count = Math.floor((this.high - this.low) / full.sliceSpacingMm) + 1;
    this.mirrorX = prone || full.variant === 'feet-first';
    this.mirrorY = prone;
    this.header = this.describe(spine);
    this.instanceNumbers = this.acquired();
  }

  private describe(spine: readonly Frame[]): Omit<PhantomVolume, 'slices'> {
    const { options, offset } = this;
    const pixel = FIELD_OF_VIEW_MM / options.columns;
    const tilt = (options.gantryTiltDegrees * Math.PI) / 180;
    const truth: Record<string, Vec3> = {};
    for (const { name, centre } of spine) {
      const z = centre[2] * options.bodySize;
      if (z < this.low || z > this.high) continue;
      truth[name] = [
        round(centre[0] * options.bodySize + offset[0]),
        round(centre[1] * options.bodySize + offset[1]),
        round(z + offset[2]),
      ];
    }
    const y = this.mirrorY ? -1 : 1;
    const cosines = [
      this.mirrorX ? -1 : 1,
      0,
      0,
      0,
      y * Math.cos(tilt),
      y * Math.sin(tilt),
    ] as const;
    return {
      options,
      rows: options.columns,
      columns: options.columns,
      plane: 'axial',
      pixelSpacing: [pixel, pixel],
      sliceThicknessMm: options.sliceSpacingMm,
      imageOrientationPatient: cosines,
      patientPosition: { 'feet-first': 'FFS', prone: 'HFP' }[options.variant as string] ?? 'HFS',
      truth,
    };
  }

  /** Slices count from the head, but from the feet when these go first; one may be left out. */
  private acquired(): number[] {
    const all = Array.from({ length: this.count }, (_, i) => i + 1);
    if (this.options.variant !== 'missing-slice') return all;
    const { truth } = this.header;
    if (!truth.L2 || !truth.L3) {
      throw new RangeError('Phantom variant missing-slice needs L2 and L3 within rangeMm');
    }
    const gap =
      (this.high + this.offset[2] - (truth.L2[2] + truth.L3[2]) / 2) / this.options.sliceSpacingMm;
    return all.filter((number) => number !== Math.round(gap) + 1);
  }

  slice(instanceNumber: number): PhantomSlice {
    const { options, offset } = this;
    const index =
      options.variant === 'feet-first' ? this.count - instanceNumber : instanceNumber - 1;
    const n = options.columns;
    const size = options.bodySize;
    const pixel = FIELD_OF_VIEW_MM / n;
    const tilt = (options.gantryTiltDegrees * Math.PI) / 180;
    const down = [pixel * Math.cos(tilt), pixel * Math.sin(tilt)];
    const first: Vec3 = [
      -FIELD_OF_VIEW_MM / 2 + pixel / 2,
      FIELD_CENTRE_Y - ((n - 1) / 2) * down[0],
      this.high - index * options.sliceSpacingMm - ((n - 1) / 2) * down[1],
    ];
    const parts = Math.min(4, Math.max(1, Math.round(options.sliceSpacingMm / PLANE_MM)));
    const planes = Array.from({ length: parts }, (_, k) => {
      const along = ((k + 0.5) / parts - 0.5) * options.sliceSpacingMm;
      return this.paint(
        new HuPlane({
          columns: n,
          rows: n,
          x0: first[0] / size,
          // along the normal of a tilted plane
          y0: (first[1] - along * Math.sin(tilt)) / size,
          z0: (first[2] + along * Math.cos(tilt)) / size,
          dx: pixel / size,
          dy: down[0] / size,
          dz: down[1] / size,
        }),
      );
    });
    const [flipX, flipY] = [this.mirrorX ? n - 1 : 0, this.mirrorY ? n - 1 : 0];
    return {
      instanceNumber,
      pixels: this.expose(planes, index),
      imagePositionPatient: [
        round(offset[0] + first[0] + flipX * pixel),
        round(offset[1] + first[1] + flipY * down[0]),
        round(offset[2] + first[2] + flipY * down[1]),
      ],
    };
  }

  private paint(plane: HuPlane): HuPlane {
    const [bottom, top] = plane.zRange();
    for (const layer of this.layers) {
      if (layer.zMin <= top && layer.zMax >= bottom) layer.paint(plane);
    }
    return plane;
  }

  /** Averages the planes of a slice, adds noise and turns the image the way its pixels run. */
  private expose(planes: readonly HuPlane[], index: number): Int16Array {
    const n = this.options.columns;
    const pixels = new Int16Array(n * n);
    const noise = this.grain.ofSlice(index);
    for (let r = 0; r < n; r++) {
      const row = this.mirrorY ? n - 1 - r : r;
      for (let c = 0; c < n; c++) {
        let sum = 0;
        for (const plane of planes) sum += plane.hu[r * n + c];
        const clean = sum / planes.length;
        // less in air, more in the middle of the body where fewer photons arrive
        const off = ((r / n - 0.5) ** 2 + (c / n - 0.5) ** 2) * 3.2;
        const amount = this.options.noiseHu * (clean < -900 ? 0.55 : 1.12 - off);
        const value = Math.round(clean + amount * noise(r, c));
        const column = this.mirrorX ? n - 1 - c : c;
        pixels[row * n + column] = value < -1024 ? -1024 : value > 3071 ? 3071 : value;
      }
    }
    return pixels;
  }
}
