import type { ExtensionParams, MeasurementSource } from '../host/ohif';
import { LEVEL_TOOL_NAME, pointOf, type LevelAnnotation } from './annotation';

/** The host's own source: its listeners then rename, hide, lock, delete and undo our annotations. */
const SOURCE = { name: 'Cornerstone3DTools', version: '0.1' };

/** @throws Error when the host has not connected cornerstone with its measurements. */
export function measurementSource(params: ExtensionParams): MeasurementSource {
  const { measurementService } = params.servicesManager.services;
  const source = measurementService.getSource(SOURCE.name, SOURCE.version);
  if (!source) {
    throw new Error(
      `Find L3 needs the measurement source ${SOURCE.name} ${SOURCE.version}, which this viewer does not have.`,
    );
  }
  return source;
}

/**
 * Tells the host's measurements how a level annotation reads.
 *
 * @param refer brings the annotation's references up to its present place
 * @param describe the display set to jump to, what the measurement panel says below the label, and
 *   whether a person has made or moved the mark: the host offers to save measurements, and lists among
 *   its additional findings (type POINT) what it is not asked to track
 * @returns what takes the mapping back
 */
export function addLevelMapping(
  params: ExtensionParams,
  refer: (annotation: LevelAnnotation) => void,
  describe: (annotation: LevelAnnotation) => {
    readonly displaySetInstanceUID: string;
    readonly displayText: { readonly primary: string[]; readonly secondary: string[] };
    readonly isMeasurement: boolean;
  },
): () => void {
  const { measurementService } = params.servicesManager.services;
  const source = measurementSource(params);
  const toMeasurement = ({ annotation }: { annotation: LevelAnnotation }) => {
    refer(annotation);
    const { annotationUID, metadata, data, isLocked, isVisible } = annotation;
    const { slice, studyInstanceUID, seriesInstanceUID } = data.level;
    const { isMeasurement, ...described } = describe(annotation);
    const { POINT, POLYLINE } = measurementService.VALUE_TYPES;
    return {
      uid: annotationUID,
      label: data.label,
      SOPInstanceUID: slice?.sopInstanceUID,
      FrameOfReferenceUID: metadata.FrameOfReferenceUID,
      points: data.handles.points,
      metadata,
      isLocked: isLocked ?? false,
      isVisible: isVisible ?? true,
      referenceStudyUID: studyInstanceUID,
      referenceSeriesUID: slice?.seriesInstanceUID ?? seriesInstanceUID,
      referencedImageId: slice?.imageId,
      frameNumber: slice?.frameNumber ?? 1,
      toolName: LEVEL_TOOL_NAME,
      ...described,
      data: data.cachedStats,
      type: isMeasurement ? POLYLINE : POINT,
      getReport: () => reportOf(annotation),
    };
  };
  measurementService.addMapping(source, LEVEL_TOOL_NAME, { points: 1 }, () => null, toMeasurement);
  return () => {
    const mappings = measurementService.mappings[source.uid];
    const at =
      mappings?.findIndex(({ annotationType }) => annotationType === LEVEL_TOOL_NAME) ?? -1;
    if (at >= 0) mappings?.splice(at, 1);
  };
}

/** The row of the host's CSV export. */
function reportOf(annotation: LevelAnnotation) {
  const { level } = annotation.data.level;
  const { FrameOfReferenceUID } = annotation.metadata;
  const point = pointOf(annotation);
  return {
    columns: ['AnnotationType', 'level', 'z_mm', 'FrameOfReferenceUID', 'points'],
    values: [`Find L3:${LEVEL_TOOL_NAME}`, level, point[2], FrameOfReferenceUID, point.join(' ')],
  };
}
