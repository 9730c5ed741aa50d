import { CONCEPTS, TRACKING_IDENTIFIER } from '../../sr/codes';
import { levelGroup } from '../../sr/levelGroup';
import { CODING_SCHEMES, COMPREHENSIVE_3D_SR } from '../../sr/levelReport';
import type { Dataset } from '../../sr/types';
import { itemsOf, numbersOf, textOf } from '../../sr/values';
import { say } from '../../text/say';
import type { LevelMark, LevelMarkStore } from '../mark/types';
import type { CornerstoneLibraries, ExtensionParams, Instance, Measurement } from '../host/ohif';
import { withAccessors } from './accessors';
import { levelToReport } from './levelToReport';

const CONTEXT = 'CORNERSTONE_STRUCTURED_REPORT';
const STORE = 'storeMeasurements';
const BEFORE_STORE = 'onBeforeDicomStore';
const BEFORE_HYDRATION = 'onBeforeSRHydration';
const PROBE = 'Probe';
const PROBE_IDENTIFIER = 'Cornerstone3DTools@^0.1.0:Probe';
/** Image coordinates are stored in single precision. */
const SAME_POINT_PX = 0.01;

const leftOut = () =>
  ({ title: say('title'), message: say('keep.leftOut'), type: 'warning' }) as const;

interface StoreOptions {
  readonly measurementData?: readonly Measurement[];
}
type StoreFunction = (options: StoreOptions) => unknown;

interface BeforeStore {
  readonly naturalizedReport?: Instance;
}

interface BeforeHydration {
  readonly storedMeasurementByAnnotationType: Readonly<
    Record<string, readonly { readonly TrackingUniqueIdentifier?: unknown }[]>
  >;
  readonly displaySet?: { readonly instance?: Instance };
}

/**
 * Makes the viewer's own "save measurements" keep the level marks. It writes only tools that its SR
 * adapters know and drops the others without a word, so each mark goes in as a host Probe on the
 * axial image that the mark lies on at that moment; before it is stored, that probe's group is
 * replaced by the full one.
 *
 * When the viewer loads a report, levels of ours come back as level marks instead of probes.
 *
 * @param restore puts the levels of a report among the marks; false when it has none of ours
 * @param onStored told of the report that the host has stored, and which marks are in it
 * @returns what takes all of it back
 */
export function joinHostReports(
  { commandsManager, servicesManager }: ExtensionParams,
  libraries: CornerstoneLibraries,
  marks: LevelMarkStore,
  restore: (report: Instance) => boolean,
  onStored: (report: Instance, marks: readonly LevelMark[]) => void,
): () => void {
  const { customizationService, uiNotificationService } = servicesManager.services;
  const store = commandsManager.getCommand?.(STORE, CONTEXT) as
    { commandFn?: StoreFunction } | undefined;
  let saving: readonly LevelMark[] = [];
  let stored: Instance | null = null;

  const storeWithLevels: StoreFunction = async (options) => {
    const companions = companionsOf(options.measurementData ?? [], marks, libraries);
    const manager = libraries.cornerstoneTools.annotation.state.getAnnotationManager();
    const left = (options.measurementData ?? []).filter(
      ({ uid }) => marks.get(uid) && !companions.some(({ mark }) => mark.annotationUID === uid),
    );
    if (left.length > 0) uiNotificationService.show(leftOut());
    saving = companions.map(({ mark }) => mark);
    for (const { annotation } of companions) manager.addAnnotation(annotation);
    const measurementData = options.measurementData?.map((measurement) => {
      const companion = companions.find(({ mark }) => mark.annotationUID === measurement.uid);
      return companion
        ? { ...measurement, uid: companion.annotation.annotationUID, toolName: PROBE }
        : measurement;
    });
    stored = null;
    try {
      const answer = await store?.commandFn?.({
        ...options,
        ...(measurementData && { measurementData }),
      });
      if (stored && saving.length > 0) onStored(stored, saving);
      return answer;
    } finally {
      saving = [];
      for (const { annotation } of companions) manager.removeAnnotation(annotation.annotationUID);
    }
  };

  const wasBeforeStore: unknown = customizationService.getCustomization(BEFORE_STORE);
  const beforeStore = (event: BeforeStore) => {
    if (event.naturalizedReport) {
      completeGroups(event.naturalizedReport, saving, libraries);
      stored = event.naturalizedReport;
    }
    return typeof wasBeforeStore === 'function'
      ? (wasBeforeStore as (e: BeforeStore) => unknown)(event)
      : undefined;
  };

  const wasBeforeHydration = customizationService.getCustomization(BEFORE_HYDRATION) as
    { value?: (event: BeforeHydration) => unknown } | undefined;
  const beforeHydration = {
    value: (event: BeforeHydration) => {
      const report = event.displaySet?.instance;
      const stored =
        report && restore(report)
          ? withoutLevels(event.storedMeasurementByAnnotationType, report)
          : event.storedMeasurementByAnnotationType;
      const passed = { ...event, storedMeasurementByAnnotationType: stored };
      return wasBeforeHydration?.value?.(passed) ?? stored;
    },
  };

  if (store?.commandFn) {
    commandsManager.registerCommand?.(CONTEXT, STORE, { ...store, commandFn: storeWithLevels });
  }
  const customize = (name: string, value: unknown) =>
    customizationService.setCustomizations({ [name]: { $set: value } }, 'global');
  customize(BEFORE_STORE, beforeStore);
  customize(BEFORE_HYDRATION, beforeHydration);
  return () => {
    if (store?.commandFn) commandsManager.registerCommand?.(CONTEXT, STORE, store);
    customize(BEFORE_STORE, wasBeforeStore);
    customize(BEFORE_HYDRATION, wasBeforeHydration);
  };
}

interface Companion {
  readonly mark: LevelMark;
  readonly annotation: ProbeAnnotation;
}
type AnnotationManager = ReturnType<
  CornerstoneLibraries['cornerstoneTools']['annotation']['state']['getAnnotationManager']
>;
type ProbeAnnotation = Parameters<AnnotationManager['addAnnotation']>[0] & {
  annotationUID: string;
};

/** A probe for each level mark that is to be saved; the host finds its annotation by its uid. */
function companionsOf(
  measurements: readonly Measurement[],
  marks: LevelMarkStore,
  { cornerstone }: CornerstoneLibraries,
): readonly Companion[] {
  return measurements.flatMap(({ uid }) => {
    const mark = marks.get(uid);
    if (!mark?.slice) return [];
    const annotation = {
      annotationUID: cornerstone.utilities.uuidv4(),
      highlighted: false,
      invalidated: false,
      isLocked: true,
      isVisible: false,
      metadata: {
        toolName: PROBE,
        FrameOfReferenceUID: mark.frameOfReferenceUID ?? undefined,
        referencedImageId: mark.slice.imageId,
      },
      data: {
        label: mark.label,
        cachedStats: {},
        handles: {
          points: [[...mark.pointLpsMm]],
          activeHandleIndex: null,
          textBox: { hasMoved: false },
        },
      },
    };
    return { mark, annotation: annotation as unknown as ProbeAnnotation };
  });
}

/** Puts the full group of each mark in the place of its probe's. */
function completeGroups(
  report: Instance,
  marks: readonly LevelMark[],
  libraries: CornerstoneLibraries,
): void {
  const measurements = itemsOf(report.ContentSequence).find((item) =>
    isNamed(item, CONCEPTS.measurements.value),
  ) as { ContentSequence?: unknown } | undefined;
  if (!measurements) return;
  const groups = [...itemsOf(measurements.ContentSequence)];
  let completed = 0;
  for (const mark of marks) {
    const full = levelGroup(levelToReport(mark, libraries));
    const at = groups.findIndex((group) => isProbeOf(group, full));
    if (at < 0) continue;
    groups[at] = withAccessors(full);
    completed += 1;
  }
  if (completed === 0) return;
  measurements.ContentSequence = groups;
  // Points in the patient are no part of the smaller classes that the host chooses.
  Object.assign(report, {
    SOPClassUID: COMPREHENSIVE_3D_SR,
    CodingSchemeIdentificationSequence: CODING_SCHEMES,
  });
}

/** Whether a group is a plain probe at the point of a level's group, on the same image. */
function isProbeOf(group: Dataset, full: Dataset): boolean {
  const items = itemsOf(group.ContentSequence);
  if (!items.some(({ TextValue }) => textOf(TextValue) === PROBE_IDENTIFIER)) return false;
  const [a, b] = [imagePointOf(group), imagePointOf(full)];
  return (
    a !== null &&
    b !== null &&
    a.sopInstanceUID === b.sopInstanceUID &&
    a.point.every((px, i) => Math.abs(px - b.point[i]) < SAME_POINT_PX)
  );
}

function imagePointOf(group: Dataset) {
  const points = itemsOf(group.ContentSequence)
    .flatMap(({ ContentSequence }) => itemsOf(ContentSequence))
    .filter(({ ValueType }) => ValueType === 'SCOORD');
  const point = numbersOf(points[0]?.GraphicData);
  const [image] = itemsOf(points[0]?.ContentSequence);
  const [reference] = itemsOf(image?.ReferencedSOPSequence);
  const sopInstanceUID = textOf(reference?.ReferencedSOPInstanceUID);
  return point && sopInstanceUID !== '' ? { point: point.slice(0, 2), sopInstanceUID } : null;
}

/** What the host is about to load, without the probes that stand for levels of ours. */
function withoutLevels(
  stored: BeforeHydration['storedMeasurementByAnnotationType'],
  report: Instance,
): BeforeHydration['storedMeasurementByAnnotationType'] {
  const ours = new Set(
    itemsOf(report.ContentSequence)
      .flatMap(({ ContentSequence }) => itemsOf(ContentSequence))
      .map(({ ContentSequence }) => itemsOf(ContentSequence))
      .filter((items) => items.some(({ TextValue }) => textOf(TextValue) === TRACKING_IDENTIFIER))
      .flatMap((items) =>
        items
          .filter((item) => isNamed(item, CONCEPTS.trackingUid.value))
          .map(({ UID }) => textOf(UID)),
      ),
  );
  const kept = (stored[PROBE] ?? []).filter(
    ({ TrackingUniqueIdentifier }) => !ours.has(textOf(TrackingUniqueIdentifier)),
  );
  return { ...stored, [PROBE]: kept };
}

function isNamed(item: Dataset, codeValue: string): boolean {
  const [name] = itemsOf(item.ConceptNameCodeSequence);
  return textOf(name?.CodeValue) === codeValue;
}
