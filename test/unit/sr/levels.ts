import type { Slice } from '../../../src/series/types';
import type { ReportSource } from '../../../src/sr/levelReport';
import type { LevelToReport } from '../../../src/sr/types';

const CT_IMAGE = '1.2.840.10008.5.1.4.1.1.2';

/** An oblique axial slice, tilted by 10 degrees about x. */
const TILT = Math.PI / 18;
export const SLICE: Slice = {
  sopInstanceUID: '1.2.3.41',
  frameNumber: null,
  position: [-200, -180, -210],
  rowCosines: [1, 0, 0],
  columnCosines: [0, Math.cos(TILT), Math.sin(TILT)],
  rowSpacing: 0.8,
  columnSpacing: 0.5,
  rows: 512,
  columns: 512,
};

export const MOVED: LevelToReport = {
  annotationUID: '0a5f6f0e-44a0-4f5b-9c3d-5b8d3ed0a111',
  level: 'L3',
  label: 'L3 (checked)',
  definition: 'mid-body',
  seriesInstanceUID: '1.2.3.4',
  frameOfReferenceUID: '1.2.3.9',
  slice: {
    sopInstanceUID: '1.2.3.41',
    sopClassUID: CT_IMAGE,
    seriesInstanceUID: '1.2.3.4',
    frameNumber: null,
  },
  plane: SLICE,
  foundPointLpsMm: [4.5, 12.25, -198],
  pointLpsMm: [5, 10, -176.3],
  probability: 0.9375,
  countedFrom: 'sacrum',
  model: {
    name: 'l3-unet3plus',
    version: '0.1.0',
    sha256: 'ab'.repeat(32),
    manifestSha256: 'cd'.repeat(32),
  },
  algorithm: { name: 'find-l3', version: '0.1.0' },
  moved: { by: 'Second Reader', at: '2026-11-22T13:04:05.678Z' },
  review: { act: 'moved', by: 'Second Reader', at: '2026-11-22T13:04:05.678Z' },
};

/** As found: nobody touched it. */
export const AS_FOUND: LevelToReport = {
  ...MOVED,
  annotationUID: 'ffffffff-ffff-4fff-bfff-ffffffffffff',
  level: 'S1',
  label: 'S1',
  definition: 'inferior-endplate',
  pointLpsMm: [4.5, 12.25, -198],
  countedFrom: 'last-rib',
  moved: null,
  review: null,
};

/** Placed by hand on a sagittal series without an axial one. */
export const PLACED: LevelToReport = {
  ...MOVED,
  annotationUID: '00000000-0000-4000-8000-000000000001',
  level: 'T12',
  label: 'T12',
  slice: null,
  plane: null,
  foundPointLpsMm: null,
  probability: null,
  countedFrom: null,
  model: null,
  moved: { by: null, at: '2026-11-22T13:04:05.000Z' },
  review: { act: 'placed', by: null, at: '2026-11-22T13:04:05.000Z' },
};

/** Of a series without frame of reference: on its image, its place in numbers. */
export const WITHOUT_FRAME: LevelToReport = {
  ...MOVED,
  annotationUID: '00000000-0000-4000-8000-000000000002',
  frameOfReferenceUID: null,
};

/** The same, with no image to refer to. */
export const WITHOUT_FRAME_AND_IMAGE: LevelToReport = {
  ...PLACED,
  annotationUID: '00000000-0000-4000-8000-000000000003',
  frameOfReferenceUID: null,
};

export function source(change: Partial<ReportSource> = {}): ReportSource {
  let uids = 0;
  return {
    levels: [MOVED],
    image: {
      PatientName: [{ Alphabetic: 'Müller^Anna', Ideographic: '山田' }],
      PatientID: 'P-1',
      PatientBirthDate: '19600101',
      PatientSex: 'F',
      StudyInstanceUID: '1.2.3',
      StudyDate: '20250101',
      StudyTime: '091500',
      AccessionNumber: 'A1',
      StudyID: '7',
      StudyDescription: 'CT abdomen',
    },
    modality: 'CT',
    softwareVersion: '0.1.0',
    observer: 'Dr. Jane Möller',
    now: new Date(2026, 10, 22, 14, 5, 6, 7),
    newUid: () => `1.2.3.77.${++uids}`,
    predecessors: [],
    ...change,
  };
}
