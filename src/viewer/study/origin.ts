import { text } from '../host/instance';
import type { DisplaySet, Instance } from '../host/ohif';

/** What an object says of the images that it was made from, or made with. */
export interface Origin {
  /** Series Instance UIDs, in the order in which it names them. */
  readonly seriesInstanceUIDs: readonly string[];
  readonly frameOfReferenceUID: string | null;
}

/** Sequences in which objects name series: segmentations, contours, presentation states, reports, key images. */
const WAYS_TO_SERIES = [
  'ReferencedSeriesSequence',
  'RTReferencedSeriesSequence',
  'RTReferencedStudySequence',
  'ReferencedFrameOfReferenceSequence',
  'CurrentRequestedProcedureEvidenceSequence',
  'PertinentOtherEvidenceSequence',
] as const;

/** What a display set that is no image to search names as its images; nothing where it names none. */
export function originOf({ instances, instance = instances?.[0] }: DisplaySet): Origin {
  if (!instance) return { seriesInstanceUIDs: [], frameOfReferenceUID: null };
  const frames = itemsOf(instance, 'ReferencedFrameOfReferenceSequence');
  return {
    seriesInstanceUIDs: [...new Set(namedIn(instance))],
    frameOfReferenceUID: text(instance.FrameOfReferenceUID) ?? text(frames[0]?.FrameOfReferenceUID),
  };
}

function namedIn(item: Instance): readonly string[] {
  return WAYS_TO_SERIES.flatMap((keyword) =>
    itemsOf(item, keyword).flatMap((inner) => {
      const uid = text(inner.SeriesInstanceUID);
      return uid === null ? namedIn(inner) : [uid];
    }),
  );
}

/** The host gives a sequence of one item as a list or as that item. */
function itemsOf(item: Instance, keyword: string): readonly Instance[] {
  const value = item[keyword];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((inner): inner is Instance => typeof inner === 'object' && inner !== null);
}
