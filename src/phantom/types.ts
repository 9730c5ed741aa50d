import type { Vec3 } from '../series/types';

/**
 * What kind of series is made:
 * `standard` head first supine, T6 to below the pubis; `feet-first` the same patient position reversed
 * (FFS, rows running to the patient's right); `prone` (HFP); `missing-slice` one slice left out within
 * the lumbar spine; `no-lumbar-spine` a chest from T1 to T10; `scoliosis` a lateral curve of 32 mm;
 * `thick` 5 mm slices; `tilted` gantry tilt of 12 degrees; `sagittal` 15 sagittal slices about the spine,
 * reformatted from the axial ones.
 */
export type PhantomVariant =
  | 'standard'
  | 'feet-first'
  | 'prone'
  | 'missing-slice'
  | 'no-lumbar-spine'
  | 'scoliosis'
  | 'thick'
  | 'tilted'
  | 'sagittal';

export interface PhantomOptions {
  readonly variant?: PhantomVariant;
  /** Noise, bowel loops and position on the table; the same seed gives the same files. Default 1. */
  readonly seed?: number;
  /** Distance between slices and their thickness, mm. Default 3 (5 for `thick`). */
  readonly sliceSpacingMm?: number;
  /** Columns and rows. Default 256. */
  readonly columns?: number;
  /**
   * Heights of the lowest and the highest axial slice relative to the centre of L3 of a person of
   * medium size, mm. Default [-236, 262], which is T6 to below the pubis; [140, 350] for a chest.
   */
  readonly rangeMm?: readonly [number, number];
  /** Angle of the slices to the axial plane, degrees, feet to the front. Default 0 (12 for `tilted`). */
  readonly gantryTiltDegrees?: number;
  /** Amplitude of a lateral curve convex to the left, mm. Default 0 (32 for `scoliosis`). */
  readonly lateralCurveMm?: number;
  /** Size of the whole person; 1 is medium. Default 1. */
  readonly bodySize?: number;
  /** Thickness of the fat under the skin; 1 is medium. Default 1. */
  readonly fat?: number;
  /** Standard deviation of the noise, HU. Default 12. */
  readonly noiseHu?: number;
}

/** Options with nothing left open. */
export type CompleteOptions = Readonly<Required<PhantomOptions>>;

/** One slice; geometry in LPS mm as in the Image Plane Module (PS3.3 C.7.6.2). */
export interface PhantomSlice {
  /** From 1, in the order of acquisition; the number of a left-out slice is missing. */
  readonly instanceNumber: number;
  /** HU, row-major, rows x columns. */
  readonly pixels: Int16Array;
  readonly imagePositionPatient: Vec3;
}

export interface PhantomVolume {
  readonly options: CompleteOptions;
  readonly rows: number;
  readonly columns: number;
  readonly plane: 'axial' | 'sagittal';
  /** Row spacing and column spacing, mm. */
  readonly pixelSpacing: readonly [number, number];
  readonly sliceThicknessMm: number;
  /** Row cosines, then column cosines. */
  readonly imageOrientationPatient: readonly [number, number, number, number, number, number];
  /** HFS, FFS or HFP (PS3.3 C.7.3.1.1.2). */
  readonly patientPosition: string;
  /** In the order of acquisition. */
  readonly slices: readonly PhantomSlice[];
  /** Centres of the vertebral bodies (S1: first sacral segment) inside the scanned range, LPS mm. */
  readonly truth: Readonly<Record<string, Vec3>>;
}
