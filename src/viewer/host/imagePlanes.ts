import { unit } from '../../series/geometry';
import type { Vec3 } from '../../series/types';
import type { ImagePlane } from '../screen/axialPlane';
import { describeSlice, number } from './instance';
import type { CornerstoneLibraries } from './ohif';

/**
 * The plane of each image, from its own Image Position and Orientation (Patient); null for a
 * localizer's and where the geometry is missing.
 */
export function imagePlanes(
  imageIds: readonly string[],
  { cornerstone }: CornerstoneLibraries,
): readonly (ImagePlane | null)[] {
  return imageIds.map((imageId) => {
    const instance = (cornerstone.metaData.get('instance', imageId) ?? {}) as Readonly<
      Record<string, unknown>
    >;
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
    };
  });
}
