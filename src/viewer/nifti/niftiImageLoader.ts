import type { Types } from '@cornerstonejs/core';
import type { NiftiVolume } from '../../nifti/niftiVolume';
import type { CornerstoneLibraries } from '../host/ohif';
import { Problem } from '../host/problem';
import { SCHEME, voiFunctionOf } from './niftiStudy';

/**
 * Registers the loader of NIfTI slices with the host's cornerstone: images in modality units, whole
 * numbers as Int16, others as Float32.
 *
 * @param volumeOf the volume of a Series Instance UID, while it is open
 */
export function registerNiftiLoader(
  { cornerstone }: CornerstoneLibraries,
  volumeOf: (uid: string) => NiftiVolume | undefined,
): void {
  const load = async (imageId: string): Promise<Types.IImage> => {
    const [uid, index] = imageId.slice(SCHEME.length + 1).split('/');
    const volume = volumeOf(uid);
    if (!volume) {
      throw new Problem({ key: 'nifti.closed' }, { key: 'nifti.closedAdvice' });
    }
    return niftiImage(cornerstone, imageId, volume, Number(index));
  };
  cornerstone.imageLoader.registerImageLoader(SCHEME, (imageId) => ({
    promise: load(imageId),
  }));
}

async function niftiImage(
  cornerstone: CornerstoneLibraries['cornerstone'],
  imageId: string,
  volume: NiftiVolume,
  index: number,
): Promise<Types.IImage> {
  const { rows, columns, pixelSpacing } = volume.slices[index];
  const { pixels, slope, intercept } = await volume.readSlice(index);
  const scalarData = new (volume.isInt16 ? Int16Array : Float32Array)(pixels.length);
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i] * slope + intercept;
    scalarData[i] = value;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const voxelManager = cornerstone.utilities.VoxelManager.createImageVoxelManager({
    width: columns,
    height: rows,
    scalarData,
    numberOfComponents: 1,
  });
  const lut = cornerstone.metaData.get('voiLutModule', imageId) as
    { windowCenter?: number | number[]; windowWidth?: number | number[] } | undefined;
  const image = {
    imageId,
    dataType: volume.isInt16 ? 'Int16Array' : 'Float32Array',
    rows,
    columns,
    height: rows,
    width: columns,
    rowPixelSpacing: pixelSpacing![0],
    columnPixelSpacing: pixelSpacing![1],
    slope: 1,
    intercept: 0,
    preScale: {
      enabled: true,
      scaled: true,
      scalingParameters: { modality: volume.modality, rescaleSlope: 1, rescaleIntercept: 0 },
    },
    minPixelValue: least,
    maxPixelValue: most,
    windowCenter: lut?.windowCenter ?? (least + most) / 2,
    windowWidth: lut?.windowWidth ?? most - least,
    voiLUTFunction: voiFunctionOf(volume),
    color: false,
    rgba: false,
    invert: false,
    photometricInterpretation: 'MONOCHROME2',
    numberOfComponents: 1,
    sizeInBytes: scalarData.byteLength,
    getPixelData: () => voxelManager.getScalarData(),
    getCanvas: undefined,
    voxelManager,
  };
  return image as unknown as Types.IImage;
}
