import type { SeriesDescription } from '../../series/types';
import type { Message, TextKey } from '../../text/say';
import { chooseSeries, isSuitable, type Belonging } from './chooseSeries';
import { AssumedModalities } from './assumedModality';
import { Grid } from '../host/grid';
import { describeSlice, instanceOf, text } from '../host/instance';
import {
  cornerstoneOf,
  type CornerstoneLibraries,
  type DisplaySet,
  type ExtensionManager,
  type Services,
} from '../host/ohif';
import { originOf } from './origin';
import { seriesTraits, type SeriesTraits } from './seriesTraits';
import type { SeriesLabel } from '../state';

/** Which series to search; the active viewport's when nothing is said. */
export interface TargetOptions {
  readonly viewportId?: string;
  readonly displaySetInstanceUID?: string;
}

export type TargetDisplaySet =
  | { readonly ready: true; readonly displaySet: DisplaySet; readonly series: SeriesLabel }
  | { readonly ready: false; readonly why: Message };

const MODALITIES = ['CT', 'MR'];

/**
 * The display set that a search with these options would use, or why there is none. A series named
 * in the options is taken as it is; otherwise the active viewport's, or the best of its study where
 * that one is not what is searched (`chooseSeries`).
 */
export function targetDisplaySet(
  services: Services,
  extensionManager: ExtensionManager,
  options: TargetOptions = {},
): TargetDisplaySet {
  const { displaySetService } = services;
  const grid = new Grid(services);
  const not = (key: TextKey, values?: Message['values']): TargetDisplaySet => ({
    ready: false,
    why: { key, ...(values && { values }) },
  });
  let uids: readonly string[];
  if (options.displaySetInstanceUID) {
    uids = [options.displaySetInstanceUID];
  } else {
    const viewportId = options.viewportId ?? grid.activeId;
    if (!viewportId) return not('target.noViewport');
    uids = grid.displaySetUIDs(viewportId);
    if (uids.length === 0) return not('target.empty');
  }
  const shown = uids
    .map((uid) => displaySetService.getDisplaySetByUID(uid))
    .filter((displaySet) => displaySet !== undefined);
  if (shown.length === 0) return not('target.notLoaded');
  const active = shown.find(isImage) ?? shown.find(hasModality) ?? shown[0];
  const chosen = options.displaySetInstanceUID
    ? null
    : chooseInStudy(active, services, extensionManager);
  if (chosen) return chosen;
  if (!hasModality(active)) {
    const modality = active.Modality ?? '';
    return modality ? not('target.modality', { modality }) : not('target.noModality');
  }
  if (active.unsupported) return not('target.unsupported');
  return { ready: true, displaySet: active, series: assumedLabelOf(active, services) };
}

/** The CT and MR display sets of the study that `displaySet` belongs to, itself included. */
export function imagesOfStudy(
  displaySet: DisplaySet,
  { displaySetService }: Services,
): readonly DisplaySet[] {
  const study = displaySet.StudyInstanceUID;
  return displaySetService
    .getActiveDisplaySets()
    .filter((other) => other.StudyInstanceUID === study && isImage(other));
}

/** The series that stands in for the active one, or null when that one is to be used. */
function chooseInStudy(
  active: DisplaySet,
  services: Services,
  extensionManager: ExtensionManager,
): TargetDisplaySet | null {
  const all = imagesOfStudy(active, services);
  const index = all.indexOf(active);
  if (all.length === 0 || (all.length === 1 && index === 0)) return null;
  const traits = all.map((displaySet) => traitsOf(displaySet, extensionManager));
  const choice =
    index < 0 ? chooseSeries(traits, null, belongingOf(active, all)) : chooseSeries(traits, index);
  if (choice === null) {
    const modality = active.Modality ?? '';
    return { ready: false, why: { key: 'target.noneUsable', values: { modality } } };
  }
  if (choice.rule !== 'instead') return null;
  const { because, plane, contrast, heightMm } = choice;
  const { number, description, modality } = labelOf(active);
  const instead = { because, plane, contrast, heightMm, active: { number, description, modality } };
  const displaySet = all[choice.index];
  return { ready: true, displaySet, series: { ...assumedLabelOf(displaySet, services), instead } };
}

/** What of the study's images an object belongs to that is none of them. */
function belongingOf(active: DisplaySet, all: readonly DisplaySet[]): Belonging {
  const { seriesInstanceUIDs, frameOfReferenceUID } = originOf(active);
  const named = seriesInstanceUIDs
    .map((uid) => all.findIndex(({ SeriesInstanceUID }) => SeriesInstanceUID === uid))
    .find((index) => index >= 0);
  return { index: named ?? null, frameOfReferenceUID };
}

/** Whether a series can be searched without having been asked for: it shows the lumbar spine, as far as one can tell. */
export function isSuitableSeries(
  displaySet: DisplaySet,
  extensionManager: ExtensionManager,
): boolean {
  return isSuitable(traitsOf(displaySet, extensionManager));
}

/**
 * By display set, with the number of its images and its modality: a series that grows is looked at again, and
 * one whose modality a person chose.
 */
const KNOWN_TRAITS = new WeakMap<DisplaySet, { count: number; traits: SeriesTraits }>();

function traitsOf(displaySet: DisplaySet, extensionManager: ExtensionManager): SeriesTraits {
  const imageIds = imageIdsOf(displaySet, extensionManager);
  const known = KNOWN_TRAITS.get(displaySet);
  const isSame = known?.traits.modality === (displaySet.Modality ?? '');
  if (known?.count === imageIds.length && isSame) return known.traits;
  const libraries = cornerstoneOf(extensionManager);
  const attributes = instanceOf(imageIds[0], libraries) ?? {};
  const description = describeSeries(displaySet, imageIds, libraries);
  const traits = seriesTraits(description, attributes);
  KNOWN_TRAITS.set(displaySet, { count: imageIds.length, traits });
  return traits;
}

function hasModality({ Modality }: DisplaySet): boolean {
  return MODALITIES.includes(Modality ?? '');
}

function isImage(displaySet: DisplaySet): boolean {
  return hasModality(displaySet) && !displaySet.unsupported;
}

/** As `labelOf`, with who says the modality where the file does not. */
function assumedLabelOf(displaySet: DisplaySet, services: Services): SeriesLabel {
  const assumed = AssumedModalities.of(services).sourceOf(displaySet);
  return { ...labelOf(displaySet), ...(assumed && { assumed }) };
}

export function labelOf(displaySet: DisplaySet): SeriesLabel {
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
  libraries: CornerstoneLibraries,
): SeriesDescription {
  const instances = imageIds.map((imageId) => instanceOf(imageId, libraries) ?? {});
  return {
    uid: displaySet.SeriesInstanceUID ?? displaySet.displaySetInstanceUID,
    modality: displaySet.Modality ?? '',
    frameOfReferenceUID: text(instances[0]?.FrameOfReferenceUID),
    bodyPartExamined: text(instances[0]?.BodyPartExamined),
    studyDescription: text(instances[0]?.StudyDescription),
    seriesDescription: text(instances[0]?.SeriesDescription),
    protocolName: text(instances[0]?.ProtocolName),
    slices: instances.map((instance, i) => describeSlice(instance, imageIds[i])),
  };
}
