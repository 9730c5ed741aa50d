import { newestLevels, readLevelReport } from '../../sr/readLevelReport';
import type { ReadReport, ReportedLevel, StoredReport } from '../../sr/types';
import type { LevelMark, LevelMarkStore } from '../mark/types';
import type { DisplaySet, DisplaySetService, Instance } from '../host/ohif';
import type { ConflictChoice, OtherReport, ReportConflict } from './types';

/** Heights that are rounded to the same multiple are the same, mm. */
const SAME_HEIGHT_MM = 0.5;

/** What the viewer's studies have saved of levels, and what of it is among the marks already. */
export class SavedLevels {
  /** Every report of ours that was seen, by SOP Instance UID. */
  private readonly reports = new Map<string, ReadReport>();
  /** Reports whose levels were put among the marks (or were there); a person may delete them again. */
  private readonly restored = new Set<string>();
  /** What the marks of a study were when they were saved, one text each. */
  private readonly saved = new Map<string, readonly string[]>();
  /** Reports between which a person has decided. */
  private readonly settled = new Set<string>();
  /** Studies in which that decision is not saved yet. */
  private readonly unsettled = new Set<string>();

  constructor(
    private readonly displaySetService: DisplaySetService,
    private readonly marks: LevelMarkStore,
    /** Annotation UIDs of saved levels that a person has deleted before, and that stay away. */
    private readonly gone: ReadonlySet<string> = new Set(),
  ) {}

  /** Reports that still count in a study, newest first: what the next one takes the place of. */
  current(studyInstanceUID: string): readonly StoredReport[] {
    return newestLevels(this.ofStudy(studyInstanceUID)).current;
  }

  /** Takes down that marks were saved as they are in `levels`. */
  stored(read: ReadReport, marks: readonly LevelMark[]): void {
    this.reports.set(read.report.sopInstanceUID, read);
    this.restored.add(read.report.sopInstanceUID);
    this.saved.set(read.report.studyInstanceUID, fingerprints(marks));
    this.unsettled.delete(read.report.studyInstanceUID);
  }

  /** Whether one mark is saved as it is. */
  isMarkSaved(mark: LevelMark): boolean {
    return this.saved.get(mark.studyInstanceUID)?.includes(fingerprint(mark)) ?? false;
  }

  /** Annotation UIDs of a study's levels that came back from a report and are not among the marks any more. */
  deleted(studyInstanceUID: string): readonly string[] {
    const { levels, current } = newestLevels(this.ofStudy(studyInstanceUID));
    if (!current.every(({ sopInstanceUID }) => this.restored.has(sopInstanceUID))) return [];
    const rivals = this.rivals(studyInstanceUID).flatMap((rival) => rival.levels);
    return levels
      .filter((level) => !rivals.includes(level) && !this.marks.get(level.annotationUID))
      .map(({ annotationUID }) => annotationUID);
  }

  has(sopInstanceUID: string): boolean {
    return this.reports.has(sopInstanceUID);
  }

  /** Takes a report down that came to light, without putting its levels among the marks. */
  learn(read: ReadReport): void {
    this.reports.set(read.report.sopInstanceUID, read);
    this.restored.add(read.report.sopInstanceUID);
  }

  /** Studies of which a report was seen. */
  studies(): readonly string[] {
    return [...new Set([...this.reports.values()].map(({ report }) => report.studyInstanceUID))];
  }

  /**
   * Reports of a study that count beside the newest, say something else, and were written by people who
   * did not know of each other. The viewer's own reports name none before them: there the newest counts.
   */
  rivals(studyInstanceUID: string): readonly ReadReport[] {
    const ofStudy = this.ofStudy(studyInstanceUID);
    const [first, ...others] = newestLevels(ofStudy)
      .current.filter(({ isOurs, isPersons }) => isOurs && isPersons)
      .flatMap(({ sopInstanceUID }) => this.reports.get(sopInstanceUID) ?? []);
    return others.filter(
      (other) => !this.settled.has(other.report.sopInstanceUID) && !saysTheSame(first, other),
    );
  }

  /** What a person reads of somebody else's report. */
  describe({ report, levels, absence }: ReadReport): OtherReport {
    const [level] = levels;
    const displaySets = this.displaySetService.getActiveDisplaySets();
    return {
      sopInstanceUID: report.sopInstanceUID,
      by: report.author ?? level?.review?.by ?? level?.moved?.by ?? absence?.by ?? null,
      atMs: report.writtenAtMs || null,
      absence: absence?.reason ?? null,
      levels: levels.map((one) => ({
        label: one.label,
        pointLpsMm: one.pointLpsMm,
        frameOfReferenceUID: one.frameOfReferenceUID,
        displaySetInstanceUID:
          markOf(one, report.studyInstanceUID, displaySets)?.displaySetInstanceUID ?? null,
      })),
    };
  }

  /**
   * A person has decided between the marks of a study and other reports: the next report takes the place
   * of all of them, unless theirs alone count.
   *
   * @param newUid for a level that has another place among the marks
   * @returns whether that has to be saved
   */
  settle(
    { studyInstanceUID: study, reports }: Pick<ReportConflict, 'studyInstanceUID' | 'reports'>,
    choice: ConflictChoice,
    newUid: () => string,
  ): boolean {
    const theirs = reports.flatMap(({ sopInstanceUID }) => this.reports.get(sopInstanceUID) ?? []);
    for (const { report } of theirs) this.settled.add(report.sopInstanceUID);
    const displaySets = this.displaySetService.getActiveDisplaySets();
    if (choice === 'theirs') {
      for (const { annotationUID } of this.listOf(study)) this.marks.remove(annotationUID);
    }
    for (const { report, levels } of choice === 'mine' ? [] : theirs) {
      for (const level of levels) {
        const mark = markOf(level, study, displaySets);
        if (!mark) continue;
        const isTaken = this.marks.get(level.annotationUID) !== undefined;
        const name = report.author ? `${level.label} (${report.author})` : level.label;
        this.marks.put({
          ...mark,
          ...(choice === 'both' && { label: name }),
          ...(isTaken && { annotationUID: newUid() }),
        });
      }
    }
    const heads = this.current(study).filter(({ isPersons }) => isPersons);
    const isAlone =
      theirs.length === 1 &&
      heads.every(({ sopInstanceUID }) => {
        return sopInstanceUID === theirs[0].report.sopInstanceUID;
      });
    if (choice === 'theirs' && isAlone) {
      this.saved.set(study, fingerprints(this.listOf(study)));
      return false;
    }
    this.unsettled.add(study);
    return true;
  }

  /** Whether a study's marks are all saved as they are. */
  isSaved(studyInstanceUID: string, marks: readonly LevelMark[]): boolean {
    const isSettled = !this.unsettled.has(studyInstanceUID);
    return isSettled && isSame(this.saved.get(studyInstanceUID), fingerprints(marks));
  }

  /** Studies whose saved levels came back, and of which no mark is left. */
  withdrawn(): readonly string[] {
    return this.studies().filter((study) => {
      const { levels, current } = newestLevels(this.ofStudy(study));
      const isHere = current.every(({ sopInstanceUID }) => this.restored.has(sopInstanceUID));
      const isSaid = levels.length > 0 || this.unsettled.has(study);
      const isSaved = this.isSaved(study, []);
      return isSaid && !isSaved && isHere && this.listOf(study).length === 0;
    });
  }

  /**
   * Puts the newest saved levels of every study among the marks, once each.
   *
   * @returns the levels that were put there now
   */
  restore(): readonly LevelMark[] {
    const displaySets = this.displaySetService.getActiveDisplaySets();
    for (const { Modality, instances = [], instance } of displaySets) {
      if (Modality !== 'SR') continue;
      for (const one of new Set([...instances, ...(instance ? [instance] : [])])) this.read(one);
    }
    return this.studies().flatMap((study) => this.restoreStudy(study, displaySets));
  }

  /** Puts the levels of one report among the marks again, whatever was done with them since. */
  restoreReport(instance: Instance): boolean {
    const read = readLevelReport(instance);
    if (!read) return false;
    this.reports.set(read.report.sopInstanceUID, read);
    this.restored.add(read.report.sopInstanceUID);
    const displaySets = this.displaySetService.getActiveDisplaySets();
    for (const level of read.levels) {
      const mark = markOf(level, read.report.studyInstanceUID, displaySets);
      if (mark) this.marks.put(mark);
    }
    const study = read.report.studyInstanceUID;
    const { current } = newestLevels(this.ofStudy(study));
    const isLast = current.every((one) => one.sopInstanceUID === read.report.sopInstanceUID);
    const marks = this.listOf(study);
    if (isLast && marks.length === read.levels.length) this.saved.set(study, fingerprints(marks));
    return true;
  }

  private read(instance: Instance): void {
    const uid = instance.SOPInstanceUID;
    if (typeof uid !== 'string' || this.reports.has(uid)) return;
    const read = readLevelReport(instance);
    if (read) this.reports.set(uid, read);
  }

  private restoreStudy(study: string, displaySets: readonly DisplaySet[]): readonly LevelMark[] {
    const ofStudy = this.ofStudy(study);
    const { levels, current } = newestLevels(ofStudy);
    const due = current.filter(({ sopInstanceUID }) => !this.restored.has(sopInstanceUID));
    if (due.length === 0) return [];
    const put: LevelMark[] = [];
    const isDue = (level: ReportedLevel) =>
      ofStudy.some(
        ({ report, levels: own }) =>
          own.includes(level) && due.some((one) => one.sopInstanceUID === report.sopInstanceUID),
      );
    const known = new Set(this.marks.list().map(({ annotationUID }) => annotationUID));
    const rivals = this.rivals(study).flatMap((rival) => rival.levels);
    const wanted = levels.filter(
      (one) =>
        isDue(one) &&
        !rivals.includes(one) &&
        !known.has(one.annotationUID) &&
        !this.gone.has(one.annotationUID),
    );
    const marks = wanted.map((level) => markOf(level, study, displaySets));
    // The series that the levels lie in may still be on its way.
    if (marks.includes(null)) return [];
    const wasClean = this.listOf(study).length === 0;
    for (const { sopInstanceUID } of due) this.restored.add(sopInstanceUID);
    for (const mark of marks) {
      if (!mark) continue;
      this.marks.put(mark);
      put.push(mark);
    }
    if (wasClean && put.length > 0) this.saved.set(study, fingerprints(this.listOf(study)));
    return put;
  }

  private listOf(study: string): readonly LevelMark[] {
    return this.marks.list().filter(({ studyInstanceUID }) => studyInstanceUID === study);
  }

  private ofStudy(study: string): readonly ReadReport[] {
    return [...this.reports.values()].filter(({ report }) => report.studyInstanceUID === study);
  }
}

/** Null: the viewer has no series of this level yet. */
function markOf(
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
function saysTheSame(a: ReadReport, b: ReadReport): boolean {
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
function fingerprint(mark: LevelMark): string {
  const { annotationUID, label, level, definition, pointLpsMm, moved, review } = mark;
  const point = pointLpsMm.map((mm) => mm.toFixed(2));
  return JSON.stringify([annotationUID, label, level, definition, point, moved, review ?? null]);
}

function fingerprints(marks: readonly LevelMark[]): readonly string[] {
  return marks.map(fingerprint);
}

function isSame(a: readonly string[] | undefined, b: readonly string[]): boolean {
  return a !== undefined && a.length === b.length && a.every((text, i) => text === b[i]);
}
