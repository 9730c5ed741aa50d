import { unit } from '../../series/geometry';
import type { Vec3 } from '../../series/types';
import { describeSlice, instanceOf, number, text } from './instance';
import type { CornerstoneLibraries } from './ohif';

/** One image plane as the host knows it; each image of a stack has its own. */
export interface ImagePlane {
  /** Centre of the first pixel, LPS mm. */
  readonly position: Vec3;
  readonly rowCosines: Vec3;
  readonly columnCosines: Vec3;
  /** Distance between rows, mm. */
  readonly rowSpacing: number;
  /** Distance between columns, mm. */
  readonly columnSpacing: number;
  readonly rows: number;
  readonly columns: number;
  /** null where the header does not say. */
  readonly thicknessMm: number | null;
  /** null where the header has none. */
  readonly frameOfReferenceUID: string | null;
}

/**
 * The plane of each image, from its own Image Position and Orientation (Patient); null for a
 * localizer's and where the geometry is missing.
 */
export function imagePlanes(
  imageIds: readonly string[],
  libraries: CornerstoneLibraries,
): readonly (ImagePlane | null)[] {
  return imageIds.map((imageId) => {
    const instance = instanceOf(imageId, libraries) ?? {};
    const slice = describeSlice(instance, imageId);
    const { imagePositionPatient: position, imageOrientationPatient: cosines } = slice;
    const { pixelSpacing, rows, columns } = slice;
    if (slice.imageType?.some((value) => value.toUpperCase() === 'LOCALIZER')) return null;
    if (position?.length !== 3 || cosines?.length !== 6 || pixelSpacing?.length !== 2) return null;
    return {
      position: position as unknown as Vec3,
      rowCosines: unit(cosines.slice(0, 3) as unknown as Vec3),
      columnCosines: unit(cosines.slice(3) as unknown as Vec3),
      rowSpacing: pixelSpacing[0],
      columnSpacing: pixelSpacing[1],
      rows,
      columns,
      thicknessMm: number(instance.SliceThickness),
      frameOfReferenceUID: text(instance.FrameOfReferenceUID),
    };
  });
}
