import type { Types as CoreTypes } from '@cornerstonejs/core';
import type { Types } from '@cornerstonejs/tools';
import type { Vec3 } from '../../series/types';
import { HEADWARDS, type LevelPlane } from '../screen/levelPlane';
import type { LevelMark } from './types';

/** The tool's name among the host's tools, and the type of its annotations. */
export const LEVEL_TOOL_NAME = 'L3Level';

/** What an annotation holds of a mark; its place and label are where every annotation has them. */
export type LevelRecord = Omit<
  LevelMark,
  'annotationUID' | 'label' | 'pointLpsMm' | 'frameOfReferenceUID'
>;

/**
 * The host's annotation of a level. All that undo has to bring back is in `data`, which the history
 * of cornerstone keeps; records are replaced, never changed.
 */
export interface LevelAnnotation extends Types.Annotation {
  annotationUID: string;
  metadata: Types.AnnotationMetadata;
  data: {
    label: string;
    handles: { points: CoreTypes.Point3[]; activeHandleIndex: number | null };
    cachedStats: Record<string, never>;
    level: LevelRecord;
    /** Unit normal of the axial slices that the level is seen on, towards the head, LPS. */
    normal: Vec3;
  };
}

/**
 * The metadata names no plane: where it does, the host turns whatever viewport it takes for undo or
 * for a jump into that plane.
 */
export function annotationOf({
  annotationUID,
  label,
  pointLpsMm,
  frameOfReferenceUID,
  ...record
}: LevelMark): LevelAnnotation {
  return {
    annotationUID,
    highlighted: false,
    invalidated: false,
    isLocked: false,
    isVisible: true,
    metadata: {
      toolName: LEVEL_TOOL_NAME,
      // As the host's viewports say it of images that have none.
      FrameOfReferenceUID: frameOfReferenceUID ?? undefined,
      referencedImageId: record.slice?.imageId,
      cameraFocalPoint: [...pointLpsMm],
    },
    data: {
      label,
      handles: { points: [[...pointLpsMm]], activeHandleIndex: null },
      cachedStats: {},
      level: record,
      normal: HEADWARDS,
    },
  };
}

export function markOf({ annotationUID, metadata, data }: LevelAnnotation): LevelMark {
  return {
    ...data.level,
    annotationUID,
    label: data.label,
    frameOfReferenceUID: metadata.FrameOfReferenceUID ?? null,
    pointLpsMm: pointOf({ data }),
  };
}

export function pointOf({ data }: Pick<LevelAnnotation, 'data'>): Vec3 {
  const [x, y, z] = data.handles.points[0];
  return [x, y, z];
}

/** The plane that the line in the viewports is the trace of. */
export function planeOf(annotation: LevelAnnotation): LevelPlane {
  return { point: pointOf(annotation), normal: annotation.data.normal };
}

export function isLevelAnnotation(annotation: unknown): annotation is LevelAnnotation {
  return (annotation as LevelAnnotation | undefined)?.metadata?.toolName === LEVEL_TOOL_NAME;
}
