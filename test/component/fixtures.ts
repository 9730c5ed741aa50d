import type { Finding } from '../../src/finder/types';
import type { Projection } from '../../src/projection/types';
import { reason } from '../../src/reasons/reasons';
import { assembleSeries } from '../../src/series/assembleSeries';
import type { Series, SeriesDescription, Vec3 } from '../../src/series/types';

export const FRAME = '1.2.3.9';
export const SPACING_MM = 5;
export const SLICES = 60;
/** z of the first slice in the host's stack, which runs from head to feet, mm. */
export const TOP_Z_MM = 100;

/** An axial CT of 60 slices, listed from head to feet as the host's stack is. */
export function axialDescription(uid = '1.2.3.1'): SeriesDescription {
  return {
    uid,
    modality: 'CT',
    frameOfReferenceUID: FRAME,
    slices: Array.from({ length: SLICES }, (_, i) => ({
      sopInstanceUID: `${uid}.${i + 1}`,
      imagePositionPatient: [-200, -200, TOP_Z_MM - i * SPACING_MM],
      imageOrientationPatient: [1, 0, 0, 0, 1, 0],
      pixelSpacing: [2, 2],
      rows: 200,
      columns: 200,
      samplesPerPixel: 1,
      photometricInterpretation: 'MONOCHROME2',
      bitsAllocated: 16,
      imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    })),
  };
}

export function axialSeries(uid?: string): Series {
  const check = assembleSeries(axialDescription(uid));
  if (!check.ok) throw new Error(check.reason.message);
  return check.series;
}

function projection(): Projection {
  const [height, width] = [150, 60];
  return {
    channels: ['max', 'mean'],
    data: Float32Array.from({ length: 2 * height * width }, (_, i) => (i % width) / width),
    height,
    width,
    mmPerPixel: 2,
    topZMm: TOP_Z_MM,
    frontYMm: -60,
    spineXMm: new Float32Array(height).fill(4),
    inView: new Uint8Array(height).fill(1),
  };
}

const ANSWERED = {
  window: { kind: 'hu', low: -200, high: 800 },
  model: { name: 'test-net', version: '1.2.3', sha256: 'a'.repeat(64) },
  runtime: {
    runtime: 'wasm',
    fallbackReason: 'this browser has no WebGPU',
    fallbackCode: 'no-webgpu',
    threads: 1,
  },
  timing: { read: 1200, project: 300, model: 400, decode: 5 },
} as const;

/** Axial slice of `series` at z (which must lie on one). */
function positionAt(series: Series, zMm: number, probability: number) {
  const sliceIndex = series.slices.findIndex(({ position }) => position[2] === zMm);
  return {
    zMm,
    pointLpsMm: [4, 10, zMm] as Vec3,
    sliceIndex,
    sopInstanceUID: series.slices[sliceIndex].sopInstanceUID,
    frameNumber: null,
    probability,
  };
}

/** L3 at z -50, which is number 31 in the host's stack; an alternative one vertebra higher at -15. */
export function foundIn(series: Series): Extract<Finding, { status: 'found' }> {
  return {
    status: 'found',
    series,
    projection: projection(),
    ...ANSWERED,
    warnings: series.warnings,
    levels: [
      { ...positionAt(series, -15, 0.93), name: 'L2' },
      { ...positionAt(series, -50, 0.94), name: 'L3' },
      { ...positionAt(series, -85, 0.92), name: 'L4' },
    ],
    alternatives: [{ ...positionAt(series, -15, 0.05), why: 'one vertebra higher' }],
    l3: { ...positionAt(series, -50, 0.94), sdMm: 1.4 },
    countedFrom: 'sacrum',
  };
}

export function undeterminedIn(series: Series): Extract<Finding, { status: 'undetermined' }> {
  return {
    status: 'undetermined',
    series,
    projection: projection(),
    ...ANSWERED,
    warnings: series.warnings,
    levels: [],
    alternatives: [
      { ...positionAt(series, -50, 0.48), why: 'counted from the sacrum' },
      { ...positionAt(series, -15, 0.44), why: 'counted from the last rib' },
    ],
    reason: reason('ambiguous', { detail: 'L3 at -50 or -15 mm' }),
  };
}
