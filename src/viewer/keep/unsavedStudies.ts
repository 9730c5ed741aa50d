import type { LevelMark } from '../mark/types';
import type { Statement } from '../state';
import type { SavedLevels } from './savedLevels';

/** A study in which something is not saved, with all of its marks; none: it has no level any more. */
export type UnsavedStudy = readonly [studyInstanceUID: string, marks: readonly LevelMark[]];

/**
 * Studies whose marks differ from what is saved, whose saved ones were all deleted, or of which a person
 * says that L3 is not in the scan.
 *
 * @param statement that person's word; marks of its study go before it
 * @param isOpen whether the viewer has images of a study
 */
export function unsavedStudies(
  marks: readonly LevelMark[],
  saved: SavedLevels,
  statement: Statement | null,
  isOpen: (studyInstanceUID: string) => boolean,
): readonly UnsavedStudy[] {
  const studies = [...new Set(marks.map(({ studyInstanceUID }) => studyInstanceUID))];
  const changed = studies
    .map((study): UnsavedStudy => [
      study,
      marks.filter(({ studyInstanceUID }) => studyInstanceUID === study),
    ])
    .filter(([study, ofStudy]) => !saved.isSaved(study, ofStudy));
  const isNewWord =
    statement !== null &&
    !studies.includes(statement.studyInstanceUID) &&
    saved.statement(statement.studyInstanceUID)?.reason !== statement.reason;
  const without = new Set([
    ...saved.withdrawn().filter(isOpen),
    ...(isNewWord ? [statement.studyInstanceUID] : []),
  ]);
  return [...changed, ...[...without].map((study): UnsavedStudy => [study, []])];
}
