import { openNiftiVolume } from '../../nifti/niftiVolume';
import type { LoadedSeries, OpenOptions } from '../types';
import { naming, openNiftiFile } from './niftiFile';

/**
 * Opens a NIfTI file (.nii, .nii.gz, NIfTI-1 or NIfTI-2), or a pair by its .hdr. The file is read once
 * and its voxels stay in memory as long as the result is referenced; those of a file that is too large
 * for that are read again slice by slice.
 *
 * @param input the path as the person gave it (the file itself or a folder above it).
 * @throws InputError naming the file when it cannot be read; a file that is sound but cannot be used
 *   (4-D, no orientation, RGB) is returned with its `refusal`.
 */
export async function openNifti(
  path: string,
  input: string,
  { modality, signal }: OpenOptions = {},
): Promise<LoadedSeries> {
  const file = await openNiftiFile(path, signal);
  const volume = await openNiftiVolume(file, modality).catch((error: unknown) => {
    throw naming(path, error);
  });
  return {
    kind: 'series',
    input,
    path,
    firstFile: path,
    description: {
      uid: path,
      modality: volume.modality,
      frameOfReferenceUID: null,
      slices: volume.slices,
    },
    modalityGuessed: volume.modalityGuessed,
    refusal: volume.refusal,
    openVoxels: (series) => ({
      async readSlice(index, signal) {
        signal?.throwIfAborted();
        const source = series.sourceIndex[index];
        if (source === undefined) throw new Error(`${path} has no slice ${index}`);
        try {
          return await volume.readSlice(source);
        } catch (error) {
          throw naming(path, error);
        }
      },
    }),
  };
}
