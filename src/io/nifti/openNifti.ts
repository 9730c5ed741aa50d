import { openNiftiVolume } from '../../nifti/niftiVolume';
import type { LoadedSeries, OpenOptions } from '../types';
import { named, readNiftiBytes } from './niftiFile';

/**
 * Opens a NIfTI file (.nii, .nii.gz, NIfTI-1 or NIfTI-2). The file is read once and its voxels stay
 * in memory as long as the result is referenced.
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
  const bytes = await readNiftiBytes(path, signal);
  const volume = named(path, () => openNiftiVolume(bytes, modality));
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
        return volume.readSlice(source);
      },
    }),
  };
}
