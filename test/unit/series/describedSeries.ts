import type { SeriesDescription, SliceDescription } from '../../../src/series/types';

const AXIAL = [1, 0, 0, 0, 1, 0];
export const SAGITTAL = [0, 1, 0, 0, 0, -1];
export const CORONAL = [1, 0, 0, 0, 0, -1];

/** An axial slice of 410 mm at a height, mm. */
export function axialAt(z: number, extra: Partial<SliceDescription> = {}): SliceDescription {
  return {
    sopInstanceUID: `1.2.${Math.round(z * 1000) + 1e6}`,
    imagePositionPatient: [-200, -150, z],
    imageOrientationPatient: AXIAL,
    pixelSpacing: [0.8, 0.8],
    rows: 512,
    columns: 512,
    ...extra,
  };
}

export function describeSeries(
  slices: SliceDescription[],
  extra: Partial<SeriesDescription> = {},
): SeriesDescription {
  return { uid: '1.2.3', modality: 'CT', frameOfReferenceUID: '1.9', slices, ...extra };
}

/** Axial slices upwards from a height, mm. */
export function stack(
  count: number,
  stepMm: number,
  extra: Partial<SliceDescription> = {},
  fromMm = 0,
): SliceDescription[] {
  return Array.from({ length: count }, (_, i) => axialAt(fromMm + i * stepMm, extra));
}
