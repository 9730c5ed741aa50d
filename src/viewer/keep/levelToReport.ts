import { unit } from '../../series/geometry';
import type { Slice, Vec3 } from '../../series/types';
import type { LevelToReport } from '../../sr/types';
import { describeSlice, instanceOf } from '../host/instance';
import type { LevelMark } from '../mark/types';
import type { CornerstoneLibraries } from '../host/ohif';

/** A mark as a report takes it: on its axial image where that can be referred to. */
export function levelToReport(mark: LevelMark, libraries: CornerstoneLibraries): LevelToReport {
  const plane = planeOf(mark, libraries);
  const sopClassUID = mark.slice?.sopClassUID;
  const slice = mark.slice && plane && sopClassUID ? { ...mark.slice, sopClassUID } : null;
  return { ...mark, review: mark.review ?? null, slice, plane: slice ? plane : null };
}

/** The plane of the image that a mark lies on; null where there is none, or its header does not say. */
export function planeOf({ slice }: LevelMark, libraries: CornerstoneLibraries): Slice | null {
  const instance = instanceOf(slice?.imageId, libraries);
  if (!slice || !instance) return null;
  const description = describeSlice(instance, slice.imageId);
  const { imagePositionPatient: position, imageOrientationPatient: cosines } = description;
  const { pixelSpacing, rows, columns } = description;
  if (position?.length !== 3 || cosines?.length !== 6 || pixelSpacing?.length !== 2) return null;
  return {
    sopInstanceUID: slice.sopInstanceUID,
    frameNumber: slice.frameNumber,
    position: position as unknown as Vec3,
    rowCosines: unit(cosines.slice(0, 3) as unknown as Vec3),
    columnCosines: unit(cosines.slice(3) as unknown as Vec3),
    rowSpacing: pixelSpacing[0],
    columnSpacing: pixelSpacing[1],
    rows,
    columns,
  };
}
