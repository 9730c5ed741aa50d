import type { SeriesDescription, SliceDescription } from '../series/types';
import type { CornerstoneLibraries, DisplaySet, ExtensionManager, Services } from './ohif';
import type { SeriesLabel } from './state';

/** Which series to search; the active viewport's when nothing is said. */
export interface TargetOptions {
  readonly viewportId?: string;
  readonly displaySetInstanceUID?: string;
}

export type TargetDisplaySet =
  | { readonly ready: true; readonly displaySet: DisplaySet; readonly series: SeriesLabel }
  | { readonly ready: false; readonly why: string };

const MODALITIES = ['CT', 'MR'];

/** The display set that a search with these options would use, or why there is none. */
export function targetDisplaySet(
  { displaySetService, viewportGridService }: Services,
  options: TargetOptions = {},
): TargetDisplaySet {
  const not = (why: string): TargetDisplaySet => ({ ready: false, why });
  let uids: readonly string[];
  if (options.displaySetInstanceUID) {
    uids = [options.displaySetInstanceUID];
  } else {
    const viewportId = options.viewportId ?? viewportGridService.getActiveViewportId();
    if (!viewportId) return not('Open a CT or MR series in a viewport first.');
    uids = viewportGridService.getDisplaySetsUIDsForViewport(viewportId) ?? [];
    if (uids.length === 0)
      return not('The active viewport shows no series. Choose a CT or MR series.');
  }
  const displaySets = uids
    .map((uid) => displaySetService.getDisplaySetByUID(uid))
    .filter((displaySet) => displaySet !== undefined);
  if (displaySets.length === 0)
    return not('The series is not loaded. Open it in a viewport first.');
  const displaySet = displaySets.find(({ Modality }) => MODALITIES.includes(Modality ?? ''));
  if (!displaySet) {
    const shown = displaySets[0].Modality ?? 'a series without a modality';
    return not(`Find L3 works on CT and MR series; the active viewport shows ${shown}.`);
  }
  if (displaySet.unsupported) return not('The viewer cannot show this series as images.');
  return { ready: true, displaySet, series: labelOf(displaySet) };
}

function labelOf(displaySet: DisplaySet): SeriesLabel {
  return {
    displaySetInstanceUID: displaySet.displaySetInstanceUID,
    number: displaySet.SeriesNumber === undefined ? '' : String(displaySet.SeriesNumber),
    description: displaySet.SeriesDescription ?? '',
    modality: displaySet.Modality ?? '',
    sliceCount: (displaySet.imageIds ?? displaySet.instances ?? []).length,
  };
}

/** The host's image ids of a display set, in the order of its stack. */
export function imageIdsOf(
  displaySet: DisplaySet,
  extensionManager: ExtensionManager,
): readonly string[] {
  const fromDataSource = () =>
    extensionManager.getActiveDataSource?.()?.[0]?.getImageIdsForDisplaySet?.(displaySet);
  return displaySet.imageIds ?? fromDataSource() ?? [];
}

/**
 * What the host knows about each image of a display set, for `assembleSeries`. Geometry is each
 * image's own Image Position and Image Orientation (Patient), never that of the host's volume.
 */
export function describeSeries(
  displaySet: DisplaySet,
  imageIds: readonly string[],
  { cornerstone }: CornerstoneLibraries,
): SeriesDescription {
  const instances = imageIds.map(
    (imageId) => (cornerstone.metaData.get('instance', imageId) ?? {}) as Record<string, unknown>,
  );
  return {
    uid: displaySet.SeriesInstanceUID ?? displaySet.displaySetInstanceUID,
    modality: displaySet.Modality ?? '',
    frameOfReferenceUID: text(instances[0]?.FrameOfReferenceUID),
    slices: instances.map((instance, i) => describeSlice(instance, imageIds[i])),
  };
}

function describeSlice(instance: Record<string, unknown>, imageId: string): SliceDescription {
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
    temporalPositionIdentifier: number(instance.TemporalPositionIdentifier),
    acquisitionNumber: number(instance.AcquisitionNumber),
    echoNumber: number(instance.EchoNumbers),
  };
}

/** Frames are addressed as `.../frames/N` (WADO-RS) or `...&frame=N` (WADO-URI), counting from 1. */
function frameNumberOf(imageId: string): number | null {
  const match = /(?:\/frames\/|[?&]frame=)(\d+)/.exec(imageId);
  return match ? Number(match[1]) : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function texts(value: unknown): readonly string[] | null {
  if (typeof value === 'string') return value.split('\\');
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : null;
}

/** Numbers arrive as numbers or as decimal strings, depending on the server. */
function number(value: unknown): number | null {
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
