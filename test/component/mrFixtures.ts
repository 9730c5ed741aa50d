import type { Finding } from '../../src/finder/types';
import type { Series, SeriesDescription, Vec3 } from '../../src/series/types';
import { axialSeries, foundIn, FRAME } from './fixtures';

/** 15 sagittal slices of 280 x 280 mm about x = 0, from z 90 down to -190. */
export function sagittalMr(frame = FRAME): SeriesDescription {
  return made(`1.2.3.11${frame}`, frame, 15, (i) => ({
    imagePositionPatient: [-28 + 4 * i, -140, 90],
    imageOrientationPatient: [0, 1, 0, 0, 0, -1],
    rows: 280,
    columns: 280,
  }));
}

/** 12 axial slices of 4 mm, listed from the head, the first at `topZ`. */
export function discsMr(topZ: number, frame = FRAME): SeriesDescription {
  return made(`1.2.3.12.${topZ}${frame}`, frame, 12, (i) => ({
    imagePositionPatient: [-100, -100, topZ - 4 * i],
    imageOrientationPatient: [1, 0, 0, 0, 1, 0],
    rows: 200,
    columns: 200,
  }));
}

function made(
  uid: string,
  frame: string,
  count: number,
  slice: (i: number) => {
    imagePositionPatient: number[];
    imageOrientationPatient: number[];
    rows: number;
    columns: number;
  },
): SeriesDescription {
  return {
    uid,
    modality: 'MR',
    frameOfReferenceUID: frame,
    slices: Array.from({ length: count }, (_, i) => ({
      sopInstanceUID: `${uid}.${i + 1}`,
      pixelSpacing: [1, 1],
      samplesPerPixel: 1,
      photometricInterpretation: 'MONOCHROME2',
      bitsAllocated: 16,
      ...slice(i),
    })),
  };
}

/** L3 found in a sagittal series. */
export function foundSagittal(series: Series): Finding {
  const found = foundIn(axialSeries());
  const place = <T extends { pointLpsMm: Vec3 }>(position: T): T => ({
    ...position,
    sliceIndex: null,
    sopInstanceUID: series.slices[8].sopInstanceUID,
  });
  return { ...found, series, levels: found.levels.map(place), l3: place(found.l3) };
}
