import { length, unit } from '../../series/geometry';
import { reason } from '../../reasons/reasons';
import type { Reason } from '../../reasons/reasons';
import type { Series, SliceDescription, SlicePixels, VoxelSource } from '../../series/types';
import type { LoadedSeries, OpenOptions } from '../types';
import { bitsPerVoxel, readNiftiBytes, readNiftiHeader, readNiftiVoxels } from './niftiFile';
import type { NiftiHeader } from './niftiFile';
import { copySlice, cutIntoSlices, slicePosition } from './niftiSlices';
import type { NiftiSlices } from './niftiSlices';

/** Values below this are air in Hounsfield units; no MR image has them. */
const AIR_HU = -200;

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
  const header = readNiftiHeader(path, bytes);
  const slices = cutIntoSlices(header);
  const bits = bitsPerVoxel(header.datatype);
  const voxels = bits === null ? null : readNiftiVoxels(path, bytes, header);
  const refusal = refusalOf(header, slices, bits);
  const stated = modality ?? (voxels === null ? 'MR' : guessModality(voxels, header));
  return {
    kind: 'series',
    input,
    path,
    description: {
      uid: path,
      modality: stated,
      frameOfReferenceUID: null,
      slices: typeof slices === 'string' ? [] : describeSlices(slices, bits),
    },
    modalityGuessed: modality === undefined,
    refusal,
    openVoxels: (series) => {
      if (typeof slices === 'string' || voxels === null) {
        throw new Error(`${path} was refused: ${refusal?.message ?? ''}`);
      }
      return voxelSource(path, series, voxels, slices, header);
    },
  };
}

function refusalOf(
  header: NiftiHeader,
  slices: NiftiSlices | string,
  bits: number | null,
): Reason | null {
  if (header.volumes > 1) return reason('several-volumes', { count: header.volumes });
  if (bits === null) {
    return reason('unsupported-pixels', { detail: `NIfTI datatype ${header.datatype}` });
  }
  if (typeof slices === 'string') return reason('unknown-orientation', { detail: slices });
  return null;
}

function describeSlices(slices: NiftiSlices, bits: number | null): SliceDescription[] {
  const { row, column, slice } = slices;
  const common = {
    sopInstanceUID: null,
    frameNumber: null,
    imageOrientationPatient: [...unit(column.step), ...unit(row.step)],
    pixelSpacing: [length(row.step), length(column.step)],
    rows: row.count,
    columns: column.count,
    samplesPerPixel: 1,
    photometricInterpretation: 'MONOCHROME2',
    bitsAllocated: bits,
  };
  return Array.from({ length: slice.count }, (_, index) => ({
    ...common,
    imagePositionPatient: slicePosition(slices, index),
  }));
}

function guessModality(voxels: SlicePixels, { slope, intercept }: NiftiHeader): 'CT' | 'MR' {
  let least = Infinity;
  for (let i = 0; i < voxels.length; i++) {
    const value = voxels[i] * slope;
    if (value < least && value !== -Infinity) least = value;
  }
  return least + intercept < AIR_HU ? 'CT' : 'MR';
}

function voxelSource(
  path: string,
  series: Series,
  voxels: SlicePixels,
  slices: NiftiSlices,
  { slope, intercept }: NiftiHeader,
): VoxelSource {
  const background = (series.modality === 'CT' ? -1024 : 0) - intercept;
  return {
    async readSlice(index, signal) {
      signal?.throwIfAborted();
      const source = series.sourceIndex[index];
      if (source === undefined) throw new Error(`${path} has no slice ${index}`);
      const pixels = copySlice(voxels, slices, source);
      if (pixels instanceof Float32Array || pixels instanceof Float64Array) {
        // Not-a-number marks voxels outside the image: air for CT, nothing for MR.
        for (let i = 0; i < pixels.length; i++) {
          if (!Number.isFinite(pixels[i])) pixels[i] = background / slope;
        }
      }
      return { pixels, slope, intercept };
    },
  };
}
