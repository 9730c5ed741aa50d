import { phrase, type Phrase } from '../reasons/phrases';
import { reason, type Reason } from '../reasons/reasons';
import { length, unit } from '../series/geometry';
import type { SliceDescription, SlicePixels } from '../series/types';
import type { ByteSource } from './byteSource';
import { bitsPerVoxel, isFloat, type NiftiHeader } from './niftiFile';
import { implausibleVolume } from './niftiSize';
import { cutIntoSlices, slicePosition, type NiftiSlices } from './niftiSlices';
import { endOfVoxels, openVoxels } from './niftiVoxels';

/** Values below this are air in Hounsfield units; no MR image has them. */
const AIR_HU = -200;

/** A NIfTI volume cut into slices as a DICOM series would hold them. */
export interface NiftiVolume {
  readonly modality: 'CT' | 'MR';
  /** Whether the modality was inferred from the values: CT when these reach below -200. */
  readonly modalityGuessed: boolean;
  /** null where it is refused. */
  readonly plane: NiftiSlices['plane'] | null;
  /** Geometry of each slice, LPS mm; none where the file is refused. */
  readonly slices: readonly SliceDescription[];
  /** Distance between slices, mm; 0 where the file is refused. */
  readonly spacingMm: number;
  /** Whether every value in modality units is a whole number within 16 bits. */
  readonly isInt16: boolean;
  /** Why a sound file cannot be used (4-D, no orientation, RGB), or null. */
  readonly refusal: Reason | null;
  /**
   * A copy of the stored values of slice `index`, row-major, and how to scale them. Not-a-number is
   * replaced by air (CT) or nothing (MR).
   *
   * @throws Error for a refused file or an index out of range; NiftiError where the file has ended.
   */
  readSlice(index: number): Promise<{
    readonly pixels: SlicePixels;
    /** value in modality units = pixels[i] * slope + intercept */
    readonly slope: number;
    readonly intercept: number;
  }>;
}

/** A NIfTI file, or pair of files: what its header says, and where its bytes are. */
export interface NiftiInput {
  readonly header: NiftiHeader;
  /** `header.voxOffset` counts from their beginning. */
  readonly bytes: ByteSource;
}

/** Bytes of a file that are read to open it: to the end of its voxels, or of its header alone. */
export function bytesNeeded(header: NiftiHeader): number {
  return implausibleVolume(header) === null ? endOfVoxels(header) : header.voxOffset;
}

/**
 * Opens a NIfTI-1 or NIfTI-2 volume, either byte order. Geometry: the sform, else the qform, turned
 * from RAS to LPS; slices in the plane the volume was acquired in. Nothing is read of a volume of
 * impossible size.
 *
 * @param modality where the caller knows it; the file does not say
 * @throws NiftiError when the file ends too early.
 */
export async function openNiftiVolume(
  { header, bytes }: NiftiInput,
  modality?: 'CT' | 'MR',
): Promise<NiftiVolume> {
  const size = implausibleVolume(header);
  const cut = cutIntoSlices(header);
  const bits = bitsPerVoxel(header.datatype);
  const voxels = bits === null || size ? null : await openVoxels(bytes, header);
  const refusal = size ?? refusalOf(header, cut, bits);
  const slices = size || 'code' in cut ? null : cut;
  const { slope, intercept } = header;
  const ends = voxels === null ? [0, 0] : voxels.range.map((value) => value * slope + intercept);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const stated = modality ?? (least < AIR_HU ? 'CT' : 'MR');
  const background = ((stated === 'CT' ? -1024 : 0) - intercept) / slope;
  return {
    modality: stated,
    modalityGuessed: modality === undefined,
    plane: slices?.plane ?? null,
    slices: slices ? describeSlices(slices, bits) : [],
    spacingMm: slices ? length(slices.slice.step) : 0,
    isInt16:
      !isFloat(header.datatype) &&
      Number.isInteger(slope) &&
      Number.isInteger(intercept) &&
      least >= -32768 &&
      most <= 32767,
    refusal,
    async readSlice(index) {
      if (!slices || !voxels) throw new Error(`the file was refused: ${refusal?.message ?? ''}`);
      if (!(index >= 0 && index < slices.slice.count))
        throw new Error(`there is no slice ${index}`);
      const pixels = await voxels.slice(slices, index);
      if (pixels instanceof Float32Array || pixels instanceof Float64Array) {
        for (let i = 0; i < pixels.length; i++) {
          if (!Number.isFinite(pixels[i])) pixels[i] = background;
        }
      }
      return { pixels, slope, intercept };
    },
  };
}

function refusalOf(
  header: NiftiHeader,
  slices: NiftiSlices | Phrase,
  bits: number | null,
): Reason | null {
  if (header.volumes > 1) return reason('several-volumes', { count: header.volumes });
  if (bits === null) {
    return reason('unsupported-pixels', {
      detail: phrase('nifti-datatype', { name: String(header.datatype) }),
    });
  }
  if ('code' in slices) return reason('unknown-orientation', { detail: slices });
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
