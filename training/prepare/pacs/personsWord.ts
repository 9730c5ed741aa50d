import { newestLevels } from '../../../src/sr/readLevelReport';
import { definitionOffsetMm } from '../../../src/sr/definitionOffset';
import type {
  ReadReport,
  ReportedAbsence,
  ReportedLevel,
  StoredReport,
} from '../../../src/sr/types';

/** Heights of L3 that are further apart mean two vertebrae: half the least distance of neighbouring bodies. */
const SAME_BODY_MM = 12;

/** What a person who looked says of L3 in one series. */
export interface PersonsWord {
  readonly seriesInstanceUID: string;
  /** Null where the person says that L3 is not in it. */
  readonly level: ReportedLevel | null;
  readonly absence: ReportedAbsence | null;
  /** Who, where the viewer knew it. */
  readonly by: string | null;
  /** The report that says it, by SOP Instance UID. */
  readonly reportUID: string;
}

/** A series on which what persons say differs. */
export interface Conflict {
  readonly seriesInstanceUID: string;
  /** In words that name nobody. */
  readonly why: string;
  readonly by: readonly string[];
}

export interface StudyWords {
  /** The newest word on each series, and no other one against it. */
  readonly words: readonly PersonsWord[];
  readonly conflicts: readonly Conflict[];
  /** Series whose L3 nobody has looked at: a program's answer. */
  readonly unreviewed: number;
  /** Reports that take back earlier ones and say nothing themselves. */
  readonly withdrawn: number;
}

/**
 * What persons say of L3 in a study: only reports that no other one took the place of are heard, and of these only
 * what somebody confirmed, moved, renumbered, placed or declared to be absent. What a program found and nobody looked
 * at is no word: a model that is trained on it learns from itself.
 *
 * Of one person's words on a series the newest counts. Where two persons' differ (on one series, or on two in
 * one frame of reference) nobody knows who is right, and where one person's marks do, neither.
 *
 * @param reports all level reports of one study
 */
export function personsWords(reports: readonly ReadReport[]): StudyWords {
  const heads = newestLevels(reports).current.flatMap((head) =>
    reports.filter(({ report }) => report === head),
  );
  const said = heads.flatMap(wordsOf);
  const newest = said.filter(
    (word, i) => said.findIndex((other) => areOfOneSeries(word, other)) === i,
  );
  const conflicts = newest.flatMap((word): Conflict[] => {
    const { seriesInstanceUID } = word;
    const against = said.find((other) => isAgainst(word, other));
    if (!against) return [];
    const by = [...new Set([word, against].flatMap((each) => each.by ?? []))];
    return [{ seriesInstanceUID, why: differenceOf(word, against)!, by }];
  });
  const unreviewed = heads
    .flatMap(({ levels }) => levels)
    .filter(({ level, review }) => level === 'L3' && review === null)
    .map(({ seriesInstanceUID }) => seriesInstanceUID)
    .filter((uid) => newest.every(({ seriesInstanceUID }) => seriesInstanceUID !== uid));
  return {
    words: newest.filter((word) => !conflicts.some((one) => areOfOneSeries(word, one))),
    conflicts,
    unreviewed: new Set(unreviewed).size,
    withdrawn: heads.filter(({ levels, absence }) => levels.length === 0 && absence === null)
      .length,
  };
}

function wordsOf({ report, levels, absence }: ReadReport): PersonsWord[] {
  const { sopInstanceUID: reportUID } = report;
  const placed = levels.flatMap((level): PersonsWord[] => {
    const { review, seriesInstanceUID } = level;
    if (level.level !== 'L3' || !review) return [];
    return [{ seriesInstanceUID, level, absence: null, by: readerOf(review, report), reportUID }];
  });
  if (!absence) return placed;
  const { seriesInstanceUID } = absence;
  const by = readerOf(absence, report);
  return [...placed, { seriesInstanceUID, level: null, absence, by, reportUID }];
}

const readerOf = ({ by }: { readonly by: string | null }, { author }: StoredReport) => by ?? author;

const areOfOneSeries = (
  one: { readonly seriesInstanceUID: string },
  other: { readonly seriesInstanceUID: string },
) => one.seriesInstanceUID === other.seriesInstanceUID;

/** Whether two words differ, and neither is what the same person said of the same series before. */
function isAgainst(word: PersonsWord, other: PersonsWord): boolean {
  if (word === other || differenceOf(word, other) === null) return false;
  const isEarlier =
    areOfOneSeries(word, other) && isSamePerson(word, other) && word.reportUID !== other.reportUID;
  return !isEarlier;
}

/** Readers without a name may be two. */
const isSamePerson = (one: PersonsWord, other: PersonsWord) =>
  one.by !== null && one.by === other.by;

/** How two words differ, or null where they agree or are of different things. */
function differenceOf(one: PersonsWord, other: PersonsWord): string | null {
  const who = isSamePerson(one, other) ? "one reader's marks" : "two readers' reports";
  if (one.level && other.level) {
    const frame = one.level.frameOfReferenceUID;
    const areComparable =
      areOfOneSeries(one, other) || (frame !== null && frame === other.level.frameOfReferenceUID);
    const mm = Math.abs(middleZMm(one.level) - middleZMm(other.level));
    if (!areComparable || mm <= SAME_BODY_MM) return null;
    return `${who} differ: L3 lies ${mm.toFixed(0)} mm apart`;
  }
  if (!areOfOneSeries(one, other)) return null;
  if (one.level || other.level) {
    return `${who} differ: one names L3, the other says that it is not in view`;
  }
  if (one.absence?.reason === other.absence?.reason) return null;
  return `${who} differ: the scan ends above L3, or begins below it`;
}

function middleZMm({ pointLpsMm, definition }: ReportedLevel): number {
  return pointLpsMm[2] - definitionOffsetMm(definition, [], 'L3');
}
