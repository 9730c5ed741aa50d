import type { Phrase } from '../reasons/phrases';
import type { Reason } from '../reasons/reasons';
import type { HeaderTexts } from './otherBodyPart';

/** A point or direction in LPS patient coordinates (x to the left, y to the back, z to the head), mm. */
export type Vec3 = readonly [number, number, number];

export type Modality = 'CT' | 'MR';

/** One image plane in LPS mm, named as in DICOM PS3.3 C.7.6.2 (Image Plane Module). */
export interface Slice {
  /** SOP Instance UID, or null for a file format without one (NIfTI). */
  readonly sopInstanceUID: string | null;
  /** 1-based frame of a multi-frame instance, or null. */
  readonly frameNumber: number | null;
  /** Centre of the first pixel (row 0, column 0), mm. */
  readonly position: Vec3;
  /** Unit vector along a row, towards increasing column index. */
  readonly rowCosines: Vec3;
  /** Unit vector along a column, towards increasing row index. */
  readonly columnCosines: Vec3;
  /** Distance between rows (first value of Pixel Spacing), mm. */
  readonly rowSpacing: number;
  /** Distance between columns (second value of Pixel Spacing), mm. */
  readonly columnSpacing: number;
  readonly rows: number;
  readonly columns: number;
}

/** What a host (DICOM reader, NIfTI reader, viewer) knows about one slice before the series is checked. */
export interface SliceDescription {
  readonly sopInstanceUID: string | null;
  readonly frameNumber?: number | null;
  readonly imagePositionPatient?: readonly number[] | null;
  readonly imageOrientationPatient?: readonly number[] | null;
  readonly pixelSpacing?: readonly number[] | null;
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel?: number | null;
  readonly photometricInterpretation?: string | null;
  readonly bitsAllocated?: number | null;
  readonly imageType?: readonly string[] | null;
  readonly sopClassUID?: string | null;
  /** Number of Frames of the instance (1 or null for single-frame). */
  readonly numberOfFrames?: number | null;
  /** Why the host cannot give its pixels as one grey value each, whatever the header says. */
  readonly pixelFault?: Phrase | null;
  /** Its values take a table instead of slope and intercept. */
  readonly hasModalityLut?: boolean;
  readonly studyInstanceUID?: string | null;
  readonly patientID?: string | null;
  /** Of the series where an image does not state its own. */
  readonly frameOfReferenceUID?: string | null;
  readonly temporalPositionIdentifier?: number | null;
  readonly acquisitionNumber?: number | null;
  readonly echoNumber?: number | null;
  /** ms */
  readonly echoTime?: number | null;
  /** ms */
  readonly triggerTime?: number | null;
  readonly convolutionKernel?: string | null;
  /** Date and time of the acquisition, to be compared as text. */
  readonly acquisitionTime?: string | null;
  readonly instanceNumber?: number | null;
  /** mm */
  readonly sliceThickness?: number | null;
}

export interface SeriesDescription extends HeaderTexts {
  /** Series Instance UID, or the file's path for NIfTI. */
  readonly uid: string;
  readonly modality: string;
  readonly frameOfReferenceUID: string | null;
  readonly slices: readonly SliceDescription[];
  readonly studyInstanceUID?: string | null;
  readonly seriesNumber?: number | null;
  /** Slice Thickness (0018,0050) of the first slice, mm. */
  readonly sliceThicknessMm?: number | null;
}

/** One of several scans that a series holds. */
export interface SeriesPart {
  /** What tells it from the others, such as its acquisition number. */
  readonly name: readonly Phrase[];
  readonly sliceCount: number;
}

/**
 * Slices ordered along their common normal, checked: all of a series, or the best of its parts.
 *
 * `slices[i]` corresponds to `description.slices[sourceIndex[i]]`. Axial slices ascend along
 * `normal` = rowCosines x columnCosines of the first slice; sagittal slices too.
 */
export interface Series {
  readonly uid: string;
  readonly modality: Modality;
  readonly frameOfReferenceUID: string | null;
  readonly plane: 'axial' | 'sagittal';
  readonly slices: readonly Slice[];
  readonly sourceIndex: readonly number[];
  /** Unit normal, rowCosines x columnCosines, LPS. */
  readonly normal: Vec3;
  /** Median distance between neighbouring slices along the normal, mm; 0 for a single slice. */
  readonly spacingMm: number;
  /** Angle between the normal and the patient axis it is nearest to, degrees. */
  readonly tiltDegrees: number;
  /** The part that these slices are; null where the series is one scan. */
  readonly part: SeriesPart | null;
  /** The other parts that could be searched. */
  readonly otherParts: readonly SeriesPart[];
  /** What a person should know, but what does not stop the search. */
  readonly warnings: readonly Reason[];
}

/** The outcome of checking a description: a series, or the reason why it is refused. */
export type SeriesCheck =
  | { readonly ok: true; readonly series: Series }
  | {
      readonly ok: false;
      readonly reason: Reason;
      /** What else a person should know. */
      readonly warnings: readonly Reason[];
    };

/** Pixels of one slice in modality units (HU for CT, arbitrary for MR), row-major, rows x columns. */
export type SlicePixels =
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** The one thing each host implements: voxels, slice by slice, on demand. */
export interface VoxelSource {
  /**
   * Reads slice `index` of `series.slices` (the ordered ones).
   *
   * @returns values already in modality units: value = stored * slope + intercept.
   * @throws Error naming the slice when it cannot be read or decoded.
   */
  readSlice(
    index: number,
    signal?: AbortSignal,
  ): Promise<{
    readonly pixels: SlicePixels;
    /** value = pixels[i] * slope + intercept, 1 and 0 when the pixels are in modality units. */
    readonly slope: number;
    readonly intercept: number;
  }>;
}
