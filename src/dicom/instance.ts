import type { HeaderTexts } from '../series/otherBodyPart';
import type { SeriesDescription, SliceDescription } from '../series/types';
import { textDecoder } from './characterSet';
import { PIXEL_DATA, type DataSet } from './dataSet';
import { damaged, DicomError } from './dicomError';
import { checkFrameSize, frameCount } from './frames';
import type { Rescale } from './modalityUnits';
import type { DicomData } from './part10';
import { pixelFormat, type PixelFormat } from './pixelFormat';

export interface DicomFrame extends Rescale {
  /** 0-based place in the pixel data. */
  readonly index: number;
  readonly slice: SliceDescription;
}

/** What is known of one image before its pixels are read. */
export interface DicomInstance {
  readonly transferSyntaxUID: string;
  readonly seriesInstanceUID: string;
  /** Empty where the image does not state it. */
  readonly modality: string;
  readonly frameOfReferenceUID: string | null;
  readonly about: Pick<
    SeriesDescription,
    'studyInstanceUID' | 'seriesNumber' | 'sliceThicknessMm' | keyof HeaderTexts
  >;
  readonly format: PixelFormat;
  readonly hasModalityLut: boolean;
  /** One frame a slice; a multi-frame object whose frames have no place is one slice. */
  readonly frames: readonly DicomFrame[];
}

/** Why a DICOM data set holds no image. */
export type NoImage = 'dicomdir' | 'no-image';

/** Directory Record Sequence, which makes a file a DICOMDIR. */
const DIRECTORY_RECORDS = 'x00041220';
/** CT and MR images, enhanced and converted ones too (PS3.4 table B.5-1). */
const IMAGE_CLASS = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(2|2\.1|2\.2|4|4\.1|4\.3|4\.4)$/;
/** Float and Double Float Pixel Data, which no CT or MR image may hold (PS3.3 C.7.6.24). */
const OTHER_PIXELS = ['x7fe00008', 'x7fe00009'];

/**
 * Describes the image of a data set.
 *
 * @throws DicomError when it is damaged or lacks what every image has.
 */
export function describeInstance(data: DicomData): DicomInstance | NoImage {
  const { dataSet, transferSyntaxUID } = data;
  if (dataSet.has(DIRECTORY_RECORDS)) return 'dicomdir';
  const seriesInstanceUID = dataSet.text('x0020000e');
  if (!dataSet.has(PIXEL_DATA)) {
    const sopClassUID = dataSet.text('x00080016') ?? data.mediaStorageSOPClassUID ?? '';
    if (!IMAGE_CLASS.test(sopClassUID) && !dataSet.has('x00280010')) return 'no-image';
    if (OTHER_PIXELS.some((tag) => dataSet.has(tag))) {
      throw new DicomError(
        'its pixels are floating-point numbers (7FE0,0008), which no CT or MR image holds',
        'Use the original series, or convert this one to NIfTI.',
      );
    }
    throw new DicomError('holds no Pixel Data (7FE0,0010)', 'Export the file again.');
  }
  if (seriesInstanceUID === null) {
    throw new DicomError(
      'has no Series Instance UID (0020,000E)',
      'Export the series again from the archive or the scanner.',
    );
  }
  const format = pixelFormat(dataSet);
  checkFrameSize(format);
  checkPixelLength(dataSet, format);
  const frames = describeFrames(dataSet, format);
  if (!frames.every(({ slope, intercept }) => slope !== 0 && Number.isFinite(slope + intercept))) {
    throw new DicomError(
      'its Rescale Slope or Intercept (0028,1053, 0028,1052) is not a usable number',
      'Export the file again.',
    );
  }
  return {
    transferSyntaxUID,
    seriesInstanceUID,
    modality: dataSet.text('x00080060') ?? '',
    frameOfReferenceUID: dataSet.text('x00200052'),
    about: {
      studyInstanceUID: dataSet.text('x0020000d'),
      seriesNumber: dataSet.integer('x00200011'),
      seriesDescription: decodedText(dataSet, 'x0008103e'),
      studyDescription: decodedText(dataSet, 'x00081030'),
      protocolName: decodedText(dataSet, 'x00181030'),
      bodyPartExamined: dataSet.text('x00180015'),
      sliceThicknessMm: sliceThickness(dataSet),
    },
    format,
    hasModalityLut: dataSet.has('x00283000'),
    frames,
  };
}

function checkPixelLength(dataSet: DataSet, format: PixelFormat) {
  const pixels = dataSet.elements[PIXEL_DATA];
  if (pixels.encapsulated) return;
  const samples = (dataSet.uint16('x00280002') ?? 1) * frameCount(dataSet);
  const needed = Math.ceil((format.rows * format.columns * samples * format.bitsAllocated) / 8);
  // Chroma-subsampled colour takes less; it is refused later by its photometric interpretation.
  if (pixels.length >= needed || /_42[02]/.test(dataSet.text('x00280004') ?? '')) return;
  throw damaged(`its pixel data hold ${pixels.length} of ${needed} bytes`);
}

function describeFrames(dataSet: DataSet, format: PixelFormat): DicomFrame[] {
  const numberOfFrames = frameCount(dataSet);
  const shared = dataSet.items('x52009229')[0] ?? null;
  const perFrame = dataSet.items('x52009230');
  const common = {
    sopInstanceUID: dataSet.text('x00080018'),
    rows: format.rows,
    columns: format.columns,
    samplesPerPixel: dataSet.uint16('x00280002') ?? 1,
    photometricInterpretation: dataSet.text('x00280004'),
    bitsAllocated: format.bitsAllocated,
    imageType: dataSet.texts('x00080008'),
    sopClassUID: dataSet.text('x00080016'),
    numberOfFrames,
    studyInstanceUID: dataSet.text('x0020000d'),
    patientID: dataSet.text('x00100020'),
    frameOfReferenceUID: dataSet.text('x00200052'),
    acquisitionNumber: dataSet.integer('x00200012'),
    echoNumber: dataSet.integer('x00180086'),
    echoTime: dataSet.decimal('x00180081'),
    triggerTime: dataSet.decimal('x00181060'),
    convolutionKernel: dataSet.text('x00181210'),
    acquisitionTime: acquisitionTime(dataSet),
    instanceNumber: dataSet.integer('x00200013'),
    sliceThickness: sliceThickness(dataSet),
  };
  const rescale = rescaleOf(dataSet);
  if (perFrame.length < numberOfFrames || perFrame.length === 0) {
    return [
      {
        index: 0,
        slice: {
          ...common,
          frameNumber: null,
          imagePositionPatient: dataSet.numbers('x00200032'),
          imageOrientationPatient: dataSet.numbers('x00200037'),
          pixelSpacing: dataSet.numbers('x00280030'),
          temporalPositionIdentifier: dataSet.integer('x00200100'),
        },
        ...rescale,
      },
    ];
  }
  // Enhanced objects: each frame's own functional group wins over the shared one (PS3.3 C.7.6.16).
  return perFrame.slice(0, numberOfFrames).map((own, index): DicomFrame => {
    const group = (tag: string) => own.items(tag)[0] ?? shared?.items(tag)[0] ?? null;
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
        imageType: frameType ? frameType.texts('x00089007') : common.imageType,
        temporalPositionIdentifier: content?.uint32('x00209128') ?? null,
        acquisitionNumber: content?.uint16('x00209156') ?? common.acquisitionNumber,
        acquisitionTime: content?.text('x00189074') ?? common.acquisitionTime,
        echoTime: group('x00189114')?.float64('x00189082') ?? common.echoTime,
        triggerTime: group('x00189118')?.float64('x00209153') ?? common.triggerTime,
        convolutionKernel: group('x00189314')?.text('x00181210') ?? common.convolutionKernel,
      },
      ...(values === null ? rescale : rescaleOf(values)),
    };
  });
}

/** Rescale Slope and Intercept, 1 and 0 where the attributes are absent. */
function rescaleOf(dataSet: DataSet): Rescale {
  return {
    slope: dataSet.decimal('x00281053') ?? 1,
    intercept: dataSet.decimal('x00281052') ?? 0,
  };
}

/** Acquisition DateTime, else date and time; without the date where that is not stated. */
function acquisitionTime(dataSet: DataSet): string | null {
  const date = dataSet.text('x00080022') ?? '';
  return dataSet.text('x0008002a') ?? (`${date}${dataSet.text('x00080032') ?? ''}` || null);
}

/** Slice Thickness, of the first frame where each has its own, mm. */
function sliceThickness(dataSet: DataSet): number | null {
  const groups = [
    dataSet,
    ...dataSet.items('x52009230').slice(0, 1),
    ...dataSet.items('x52009229'),
  ];
  const values = groups.flatMap((group) => [
    group.decimal('x00180050'),
    ...group.items('x00289110').map((measures) => measures.decimal('x00180050')),
  ]);
  return values.find((value) => value !== null && value > 0) ?? null;
}

/** A text in the character set of its data set, without padding; null when absent or empty. */
export function decodedText(dataSet: DataSet, tag: string): string | null {
  const element = dataSet.element(tag);
  if (!element) return null;
  const decode = textDecoder(dataSet.text('x00080005')?.split('\\') ?? []);
  return decode(dataSet.bytesOf(element)).replace(/\0/g, '').trim() || null;
}

function ofGroup(group: DataSet | null, tag: string): number[] | null {
  return group === null ? null : group.numbers(tag);
}
