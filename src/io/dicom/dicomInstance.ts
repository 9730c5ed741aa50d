import type { DataSet } from 'dicom-parser';
import type { SeriesDescription, SliceDescription } from '../../series/types';
import { InputError } from '../types';
import { PIXEL_DATA, readDicomHeader } from './dicomFile';
import type { DicomData } from './dicomFile';

/** How the pixels of an instance are stored (PS3.3 C.7.6.3). */
export interface PixelFormat {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** Stored values from `low` to `high` are padding, not image. */
  readonly padding: { readonly low: number; readonly high: number } | null;
}

export interface DicomFrame {
  /** 0-based place in the pixel data. */
  readonly index: number;
  readonly slice: SliceDescription;
  readonly slope: number;
  readonly intercept: number;
}

/** What is known of one DICOM file before its pixels are read. */
export interface DicomInstance {
  readonly path: string;
  readonly transferSyntaxUID: string;
  readonly seriesInstanceUID: string;
  readonly modality: string;
  readonly frameOfReferenceUID: string | null;
  readonly about: Pick<
    SeriesDescription,
    'studyInstanceUID' | 'seriesNumber' | 'seriesDescription' | 'sliceThicknessMm'
  >;
  readonly format: PixelFormat;
  readonly hasModalityLut: boolean;
  /** One frame a slice; a multi-frame object whose frames have no place is one slice. */
  readonly frames: readonly DicomFrame[];
}

/** Directory Record Sequence, which makes a file a DICOMDIR. */
const DIRECTORY_RECORDS = 'x00041220';
const IMAGE_MODALITIES = ['CT', 'MR'];

/**
 * Reads the header of a DICOM image.
 *
 * @returns null when the file is not DICOM, or is DICOM without an image (a DICOMDIR, raw data).
 * @throws InputError when it is damaged or lacks what every image has.
 */
export async function readInstance(
  path: string,
  signal?: AbortSignal,
): Promise<DicomInstance | null> {
  const data = await readDicomHeader(path, signal);
  return data === null ? null : describeInstance(path, data);
}

function describeInstance(
  path: string,
  { dataSet, transferSyntaxUID }: DicomData,
): DicomInstance | null {
  const seriesInstanceUID = text(dataSet, 'x0020000e');
  const modality = text(dataSet, 'x00080060') ?? '';
  const format = pixelFormat(dataSet);
  const hasPixels = PIXEL_DATA in dataSet.elements;
  if (DIRECTORY_RECORDS in dataSet.elements) return null;
  if (!hasPixels && IMAGE_MODALITIES.includes(modality)) {
    if (format.rows === 0) return null;
    throw new InputError(path, 'holds no Pixel Data (7FE0,0010)', 'Export the file again.');
  }
  if (seriesInstanceUID === null) {
    if (!hasPixels) return null;
    throw new InputError(
      path,
      'has no Series Instance UID (0020,000E)',
      'Export the series again from the archive or the scanner.',
    );
  }
  checkPixelLength(path, dataSet, format);
  const frames = describeFrames(dataSet, format);
  if (!frames.every(({ slope, intercept }) => slope !== 0 && Number.isFinite(slope + intercept))) {
    throw new InputError(
      path,
      'its Rescale Slope or Intercept (0028,1053, 0028,1052) is not a usable number',
      'Export the file again.',
    );
  }
  return {
    path,
    transferSyntaxUID,
    seriesInstanceUID,
    modality,
    frameOfReferenceUID: text(dataSet, 'x00200052'),
    about: {
      studyInstanceUID: text(dataSet, 'x0020000d'),
      seriesNumber: integer(dataSet, 'x00200011'),
      seriesDescription: text(dataSet, 'x0008103e'),
      sliceThicknessMm: sliceThickness(dataSet),
    },
    format,
    hasModalityLut: 'x00283000' in dataSet.elements,
    frames,
  };
}

function pixelFormat(dataSet: DataSet): PixelFormat {
  const bitsAllocated = dataSet.uint16('x00280100') ?? 16;
  const bitsStored = dataSet.uint16('x00280101') ?? bitsAllocated;
  const signed = dataSet.uint16('x00280103') === 1;
  const padding = (tag: string) => (signed ? dataSet.int16(tag) : dataSet.uint16(tag)) ?? null;
  const [value, limit] = [padding('x00280120'), padding('x00280121')];
  return {
    rows: dataSet.uint16('x00280010') ?? 0,
    columns: dataSet.uint16('x00280011') ?? 0,
    bitsAllocated,
    bitsStored,
    highBit: dataSet.uint16('x00280102') ?? bitsStored - 1,
    signed,
    padding:
      value === null
        ? null
        : { low: Math.min(value, limit ?? value), high: Math.max(value, limit ?? value) },
  };
}

function checkPixelLength(path: string, dataSet: DataSet, format: PixelFormat) {
  const pixels = dataSet.elements[PIXEL_DATA];
  if (!pixels || pixels.length === 0xffffffff || pixels.hadUndefinedLength) return;
  const samples = (dataSet.uint16('x00280002') ?? 1) * frameCount(dataSet);
  const needed = Math.ceil((format.rows * format.columns * samples * format.bitsAllocated) / 8);
  // Chroma-subsampled colour takes less; it is refused later by its photometric interpretation.
  if (pixels.length >= needed || /_42[02]/.test(text(dataSet, 'x00280004') ?? '')) return;
  throw new InputError(
    path,
    `its pixel data hold ${pixels.length} of ${needed} bytes`,
    'Export or copy the file again.',
  );
}

function describeFrames(dataSet: DataSet, format: PixelFormat): DicomFrame[] {
  const numberOfFrames = frameCount(dataSet);
  const shared = items(dataSet, 'x52009229')[0] ?? null;
  const perFrame = items(dataSet, 'x52009230');
  const common = {
    sopInstanceUID: text(dataSet, 'x00080018'),
    rows: format.rows,
    columns: format.columns,
    samplesPerPixel: dataSet.uint16('x00280002') ?? 1,
    photometricInterpretation: text(dataSet, 'x00280004'),
    bitsAllocated: format.bitsAllocated,
    imageType: texts(dataSet, 'x00080008'),
    sopClassUID: text(dataSet, 'x00080016'),
    numberOfFrames,
    acquisitionNumber: integer(dataSet, 'x00200012'),
    echoNumber: integer(dataSet, 'x00180086'),
  };
  const rescale = rescaleOf(dataSet);
  if (perFrame.length < numberOfFrames || perFrame.length === 0) {
    return [
      {
        index: 0,
        slice: {
          ...common,
          frameNumber: null,
          imagePositionPatient: numbers(dataSet, 'x00200032'),
          imageOrientationPatient: numbers(dataSet, 'x00200037'),
          pixelSpacing: numbers(dataSet, 'x00280030'),
          temporalPositionIdentifier: integer(dataSet, 'x00200100'),
        },
        ...rescale,
      },
    ];
  }
  // Enhanced objects: each frame's own functional group wins over the shared one (PS3.3 C.7.6.16).
  return perFrame.slice(0, numberOfFrames).map((own, index): DicomFrame => {
    const group = (tag: string) =>
      items(own, tag)[0] ?? (shared === null ? null : (items(shared, tag)[0] ?? null));
    const content = group('x00209111');
    const values = group('x00289145');
    const measures = group('x00289110');
    const frameType = group('x00189329') ?? group('x00189226');
    return {
      index,
      slice: {
        ...common,
        frameNumber: numberOfFrames > 1 ? index + 1 : null,
        imagePositionPatient: ofGroup(group('x00209113'), 'x00200032'),
        imageOrientationPatient: ofGroup(group('x00209116'), 'x00200037'),
        pixelSpacing: ofGroup(measures, 'x00280030'),
        imageType: frameType ? texts(frameType, 'x00089007') : common.imageType,
        temporalPositionIdentifier: content?.uint32('x00209128') ?? null,
      },
      ...(values === null ? rescale : rescaleOf(values)),
    };
  });
}

/** Rescale Slope and Intercept, 1 and 0 where the attributes are absent. */
function rescaleOf(dataSet: DataSet): { slope: number; intercept: number } {
  return {
    slope: dataSet.floatString('x00281053') ?? 1,
    intercept: dataSet.floatString('x00281052') ?? 0,
  };
}

function frameCount(dataSet: DataSet): number {
  return Math.max(1, integer(dataSet, 'x00280008') ?? 1);
}

function items(dataSet: DataSet, tag: string): DataSet[] {
  const sequence = dataSet.elements[tag]?.items ?? [];
  return sequence.flatMap(({ dataSet: item }) => (item ? [item] : []));
}

/** Slice Thickness, of the first frame where each has its own, mm. */
function sliceThickness(dataSet: DataSet): number | null {
  const groups = [
    dataSet,
    ...items(dataSet, 'x52009230').slice(0, 1),
    ...items(dataSet, 'x52009229'),
  ];
  const values = groups.flatMap((group) => [
    group.floatString('x00180050'),
    ...items(group, 'x00289110').map((measures) => measures.floatString('x00180050')),
  ]);
  return values.find((value) => value !== undefined && value > 0) ?? null;
}

function ofGroup(group: DataSet | null, tag: string): number[] | null {
  return group === null ? null : numbers(group, tag);
}

function text(dataSet: DataSet, tag: string): string | null {
  return dataSet.string(tag)?.trim() || null;
}

function texts(dataSet: DataSet, tag: string): string[] {
  return (text(dataSet, tag) ?? '').split('\\').filter((value) => value !== '');
}

/** Values of a Decimal String attribute, or null when absent; what is no number is NaN. */
function numbers(dataSet: DataSet, tag: string): number[] | null {
  const values = texts(dataSet, tag);
  return values.length === 0 ? null : values.map(Number);
}

function integer(dataSet: DataSet, tag: string): number | null {
  const value = dataSet.intString(tag);
  return value === undefined || Number.isNaN(value) ? null : value;
}
