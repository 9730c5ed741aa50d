import { sha256 } from '@noble/hashes/sha2.js';
import { upTo } from '../../nifti/byteSource';
import { endOfVoxels } from '../../nifti/niftiVoxels';
import type { NiftiInput, NiftiVolume } from '../../nifti/niftiVolume';
import { headerOf } from '../study/assumedModality';

/** Scheme of the image ids; the image loader is registered for it. */
export const SCHEME = 'find-l3-nifti';

/** The host takes studies without an ID for those of several patients. */
const PATIENT_ID = 'NIfTI';
/** The usual window for soft tissue, HU. */
const CT_WINDOW = { centre: 40, width: 400 };
/** Pieces of a file that its UID is made from, and the bytes of each. */
const SAMPLES = 64;
const SAMPLE_BYTES = 4096;

interface DisplayWindow {
  readonly centre: number;
  readonly width: number;
}

/** A NIfTI file that was opened. */
export interface NiftiFile {
  readonly name: string;
  /** Series Instance UID: the same for the same bytes, wherever they come from. */
  readonly uid: string;
  readonly volume: NiftiVolume;
  /** The window that it is shown with at first, in modality units. */
  readonly window: DisplayWindow;
}

/**
 * A UID under 2.25 (PS3.5 B.2) from the length of a file up to the end of its voxels, its start and
 * end, and samples between.
 */
export async function uidOfFile({ header, bytes }: NiftiInput): Promise<string> {
  const file = upTo(bytes, endOfVoxels(header));
  const hash = sha256.create().update(new TextEncoder().encode(`nifti/${file.size}/`));
  const last = Math.max(0, file.size - SAMPLE_BYTES);
  for (let i = 0; i < SAMPLES; i++) {
    const start = Math.round((i * last) / (SAMPLES - 1));
    hash.update(await file.read(start, SAMPLE_BYTES));
  }
  return uidOf(hash.digest());
}

function uidOf(digest: Uint8Array): string {
  const hex = Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0'));
  return `2.25.${BigInt(`0x${hex.join('')}`)}`;
}

/** The study of some files: one series each, every one with a frame of reference of its own. */
export function niftiStudy(files: readonly NiftiFile[]) {
  const text = files.map(({ uid }) => uid).join('/');
  const StudyInstanceUID = uidOf(sha256(new TextEncoder().encode(`study/${text}`)));
  const series = files.map((file, index) => niftiSeries(file, index + 1, StudyInstanceUID));
  return {
    StudyInstanceUID,
    StudyDate: '',
    StudyTime: '',
    PatientName: files.map(({ name }) => name).join(', '),
    PatientID: PATIENT_ID,
    AccessionNumber: '',
    StudyDescription: 'NIfTI',
    Modalities: [...new Set(series.map(({ Modality }) => Modality))].join('/'),
    NumInstances: series.reduce((sum, { instances }) => sum + instances.length, 0),
    series,
  };
}

function niftiSeries(file: NiftiFile, SeriesNumber: number, StudyInstanceUID: string) {
  const { name, uid, volume, window } = file;
  const { modality: Modality, slices, spacingMm } = volume;
  const bits = volume.isInt16 ? 16 : 32;
  const shared = {
    ...headerOf(Modality),
    StudyInstanceUID,
    SeriesInstanceUID: uid,
    FrameOfReferenceUID: `${uid}.9`,
    SeriesNumber,
    SeriesDescription: name,
    PatientName: name,
    PatientID: PATIENT_ID,
    SeriesDate: '',
    SeriesTime: '',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: bits,
    BitsStored: bits,
    HighBit: bits - 1,
    PixelRepresentation: 1,
    SliceThickness: spacingMm,
    RescaleSlope: 1,
    RescaleIntercept: 0,
    WindowCenter: window.centre,
    WindowWidth: window.width,
    VOILUTFunction: voiFunctionOf(volume),
  };
  const instances = slices.map((slice, index) => ({
    url: `${SCHEME}:${uid}/${index}`,
    metadata: {
      ...shared,
      SOPInstanceUID: `${uid}.1.${index + 1}`,
      InstanceNumber: volume.plane === 'axial' ? slices.length - index : index + 1,
      Rows: slice.rows,
      Columns: slice.columns,
      PixelSpacing: [...slice.pixelSpacing!],
      ImageOrientationPatient: [...slice.imageOrientationPatient!],
      ImagePositionPatient: [...slice.imagePositionPatient!],
    },
  }));
  // As a scanner lists them: axial slices from the head down.
  if (volume.plane === 'axial') instances.reverse();
  return {
    SeriesInstanceUID: uid,
    SeriesNumber,
    SeriesDescription: name,
    Modality,
    SliceThickness: spacingMm,
    instances,
  };
}

/**
 * Whole numbers have the usual function; values that may all lie between 0 and 1 have the one for
 * windows narrower than 1 (PS3.3 C.11.2.1.3).
 */
export function voiFunctionOf({ isInt16 }: NiftiVolume): 'LINEAR' | 'LINEAR_EXACT' {
  return isInt16 ? 'LINEAR' : 'LINEAR_EXACT';
}

/** Of a CT the usual window, of an MR one from the first to the 99th percentile of the middle slice. */
export async function windowOf(volume: NiftiVolume): Promise<DisplayWindow> {
  if (volume.modality === 'CT') return CT_WINDOW;
  const { pixels, slope, intercept } = await volume.readSlice(volume.slices.length >> 1);
  const values = Float32Array.from(pixels).sort();
  const at = (share: number) => values[Math.floor(share * (values.length - 1))] * slope + intercept;
  const [low, high] = [at(0.01), at(0.99)];
  return { centre: (low + high) / 2, width: Math.max(Math.abs(high - low), 1e-6) };
}
