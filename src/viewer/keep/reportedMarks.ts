import type { ReadReport, ReportedLevel } from '../../sr/types';
import type { DisplaySet } from '../host/ohif';
import type { LevelMark } from '../mark/types';

/** Heights that are rounded to the same multiple are the same, mm. */
const SAME_HEIGHT_MM = 0.5;

/** Null: the viewer has no series of this level yet. */
export function markOf(
  level: ReportedLevel,
  studyInstanceUID: string,
  displaySets: readonly DisplaySet[],
): LevelMark | null {
  const images = displaySets.filter(
    ({ Modality, StudyInstanceUID }) => Modality !== 'SR' && StudyInstanceUID === studyInstanceUID,
  );
  const ofSeries = (uid: string | undefined) =>
    images.find(({ SeriesInstanceUID }) => SeriesInstanceUID === uid);
  const displaySet = ofSeries(level.seriesInstanceUID) ?? ofSeries(level.slice?.seriesInstanceUID);
  if (!displaySet) return null;
  const { displaySetInstanceUID } = displaySet;
  // The slice follows from the point, among the images that this viewer has.
  return { ...level, studyInstanceUID, displaySetInstanceUID, slice: null, fromReport: true };
}

/** Whether two reports leave nothing to decide: the same levels at the same heights, or none for the same reason. */
export function saysTheSame(a: ReadReport, b: ReadReport): boolean {
  const said = ({ levels, absence }: ReadReport) =>
    JSON.stringify([
      absence?.reason ?? null,
      ...levels
        .map(({ seriesInstanceUID, level, pointLpsMm }) => [
          seriesInstanceUID,
          level,
          Math.round(pointLpsMm[2] / SAME_HEIGHT_MM),
        ])
        .sort(),
    ]);
  return said(a) === said(b);
}

/** What of a mark a report keeps. */
export function fingerprint(mark: LevelMark): string {
  const { annotationUID, label, level, definition, pointLpsMm, moved, review } = mark;
  const point = pointLpsMm.map((mm) => mm.toFixed(2));
  return JSON.stringify([annotationUID, label, level, definition, point, moved, review ?? null]);
}

/** What of marks a report keeps, one text each. */
export function fingerprints(marks: readonly LevelMark[]): readonly string[] {
  return marks.map(fingerprint);
}

/** Whether two lists of fingerprints are the same. */
export function isSame(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((text, i) => text === b[i]);
}
