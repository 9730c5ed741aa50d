import type { SliceDescription } from '../../series/types';
import type { CornerstoneLibraries, Instance } from './ohif';

/** The attributes of an image's instance by keyword; undefined where the host knows no such image. */
export function instanceOf(
  imageId: string | undefined,
  { cornerstone }: CornerstoneLibraries,
): Instance | undefined {
  return imageId
    ? (cornerstone.metaData.get('instance', imageId) as Instance | undefined)
    : undefined;
}

/** An image by its identifiers. */
export interface ImageReference {
  readonly sopInstanceUID: string;
  readonly sopClassUID: string | null;
  readonly seriesInstanceUID: string;
  /** 1-based, of a multi-frame instance; null otherwise. */
  readonly frameNumber: number | null;
  /** The host's image id. */
  readonly imageId: string;
}

/** The identifiers of an image; null where its header lacks one that a reference needs. */
export function referenceTo(
  imageId: string,
  libraries: CornerstoneLibraries,
): ImageReference | null {
  const instance = instanceOf(imageId, libraries);
  const sopInstanceUID = text(instance?.SOPInstanceUID);
  const seriesInstanceUID = text(instance?.SeriesInstanceUID);
  if (!instance || !sopInstanceUID || !seriesInstanceUID) return null;
  return {
    sopInstanceUID,
    sopClassUID: text(instance.SOPClassUID),
    seriesInstanceUID,
    frameNumber: (number(instance.NumberOfFrames) ?? 1) > 1 ? frameNumberOf(imageId) : null,
    imageId,
  };
}

/** What the host knows about one image, for the check of its series. */
export function describeSlice(instance: Instance, imageId: string): SliceDescription {
  const frames = number(instance.NumberOfFrames);
  return {
    sopInstanceUID: text(instance.SOPInstanceUID),
    frameNumber: (frames ?? 1) > 1 ? frameNumberOf(imageId) : null,
    imagePositionPatient: numbers(instance.ImagePositionPatient),
    imageOrientationPatient: numbers(instance.ImageOrientationPatient),
    pixelSpacing: numbers(instance.PixelSpacing),
    rows: number(instance.Rows) ?? 0,
    columns: number(instance.Columns) ?? 0,
    samplesPerPixel: number(instance.SamplesPerPixel),
    photometricInterpretation: text(instance.PhotometricInterpretation),
    bitsAllocated: number(instance.BitsAllocated),
    imageType: texts(instance.ImageType),
    sopClassUID: text(instance.SOPClassUID),
    numberOfFrames: frames,
    hasModalityLut: Boolean(instance.ModalityLUTSequence),
    studyInstanceUID: text(instance.StudyInstanceUID),
    patientID: text(instance.PatientID),
    frameOfReferenceUID: text(instance.FrameOfReferenceUID),
    // The host lays the functional groups of a frame among the attributes of its instance.
    temporalPositionIdentifier:
      number(instance.TemporalPositionIdentifier) ?? number(instance.TemporalPositionIndex),
    acquisitionNumber:
      number(instance.FrameAcquisitionNumber) ?? number(instance.AcquisitionNumber),
    echoNumber: number(instance.EchoNumbers),
    echoTime: number(instance.EffectiveEchoTime) ?? number(instance.EchoTime),
    triggerTime: number(instance.NominalCardiacTriggerDelayTime) ?? number(instance.TriggerTime),
    convolutionKernel: texts(instance.ConvolutionKernel)?.join('\\') || null,
    acquisitionTime: acquisitionTime(instance),
    instanceNumber: number(instance.InstanceNumber),
    sliceThickness: number(instance.SliceThickness),
  };
}

function acquisitionTime(instance: Instance): string | null {
  const stated = text(instance.FrameAcquisitionDateTime) ?? text(instance.AcquisitionDateTime);
  const date = text(instance.AcquisitionDate) ?? '';
  return stated ?? (`${date}${text(instance.AcquisitionTime) ?? ''}` || null);
}

/** Frames are addressed as `.../frames/N` (WADO-RS) or `...&frame=N` (WADO-URI), counting from 1. */
export function frameNumberOf(imageId: string): number | null {
  const match = /(?:\/frames\/|[?&]frame=)(\d+)/.exec(imageId);
  return match ? Number(match[1]) : null;
}

/** A value as a text that says something, or null. */
export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function texts(value: unknown): readonly string[] | null {
  if (typeof value === 'string') return value.split('\\');
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : null;
}

/** Numbers arrive as numbers or as decimal strings, depending on the server. */
export function number(value: unknown): number | null {
  const single: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof single !== 'number' && (typeof single !== 'string' || single.trim() === ''))
    return null;
  const parsed = Number(single);
  return Number.isFinite(parsed) ? parsed : null;
}

function numbers(value: unknown): readonly number[] | null {
  const list: unknown = typeof value === 'string' ? value.split('\\') : value;
  if (!list || typeof list !== 'object' || !('length' in list)) return null;
  const parsed = Array.from(list as ArrayLike<unknown>, number);
  return parsed.every((item) => item !== null) ? parsed : null;
}
