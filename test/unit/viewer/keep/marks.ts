import type { LevelMark, LevelMarkStore } from '../../../../src/viewer/mark/types';

export const MARK: LevelMark = {
  annotationUID: '0a5f6f0e-44a0-4f5b-9c3d-5b8d3ed0a111',
  level: 'L3',
  label: 'L3',
  definition: 'mid-body',
  studyInstanceUID: '1.2.3',
  seriesInstanceUID: '1.2.3.4',
  displaySetInstanceUID: 'ds-1',
  frameOfReferenceUID: '1.2.3.9',
  slice: {
    sopInstanceUID: '1.2.3.41',
    sopClassUID: '1.2.840.10008.5.1.4.1.1.2',
    seriesInstanceUID: '1.2.3.4',
    frameNumber: null,
    imageId: 'wadors:41',
  },
  foundPointLpsMm: [4.5, 12.25, -198],
  pointLpsMm: [5, 10, -176.3],
  probability: 0.93754,
  countedFrom: 'sacrum',
  model: { name: 'l3-unet3plus', version: '0.1.0', sha256: 'ab'.repeat(32) },
  algorithm: { name: 'find-l3', version: '0.1.0' },
  moved: { by: 'Second Reader', at: '2026-11-22T13:04:05.678Z' },
  review: { act: 'moved', by: 'Second Reader', at: '2026-11-22T13:04:05.678Z' },
};

/** Marks without a viewer. */
export class PlainStore implements LevelMarkStore {
  readonly marks = new Map<string, LevelMark>();

  list(): readonly LevelMark[] {
    return [...this.marks.values()];
  }
  get(uid: string): LevelMark | undefined {
    return this.marks.get(uid);
  }
  put(mark: LevelMark): void {
    this.marks.set(mark.annotationUID, mark);
  }
  remove(uid: string): void {
    this.marks.delete(uid);
  }
  onChange(): () => void {
    return () => {};
  }
}
