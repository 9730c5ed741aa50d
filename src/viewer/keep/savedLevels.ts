import { newestLevels, readLevelReport } from '../../sr/readLevelReport';
import type { ReadReport, ReportedLevel, StoredReport } from '../../sr/types';
import type { LevelMark, LevelMarkStore } from '../mark/types';
import type { DisplaySet, DisplaySetService, Instance } from '../host/ohif';

/** What the viewer's studies have saved of levels, and what of it is among the marks already. */
export class SavedLevels {
  /** Every report of ours that was seen, by SOP Instance UID. */
  private readonly reports = new Map<string, ReadReport>();
  /** Reports whose levels were put among the marks (or were there); a person may delete them again. */
  private readonly restored = new Set<string>();
  private readonly saved = new Map<string, string>();

  constructor(
    private readonly displaySetService: DisplaySetService,
    private readonly marks: LevelMarkStore,
  ) {}

  /** Reports that still count in a study, newest first: what the next one takes the place of. */
  current(studyInstanceUID: string): readonly StoredReport[] {
    return newestLevels(this.ofStudy(studyInstanceUID)).current;
  }

  /** Takes down that marks were saved as they are in `levels`. */
  stored(read: ReadReport, marks: readonly LevelMark[]): void {
    this.reports.set(read.report.sopInstanceUID, read);
    this.restored.add(read.report.sopInstanceUID);
    this.saved.set(read.report.studyInstanceUID, fingerprint(marks));
  }

  /** Whether a study's marks are all saved as they are. */
  isSaved(studyInstanceUID: string, marks: readonly LevelMark[]): boolean {
    return this.saved.get(studyInstanceUID) === fingerprint(marks);
  }

  /** Studies whose saved levels came back, and of which no mark is left. */
  withdrawn(): readonly string[] {
    const studies = new Set(
      [...this.reports.values()].map(({ report }) => report.studyInstanceUID),
    );
    return [...studies].filter((study) => {
      const { levels, current } = newestLevels(this.ofStudy(study));
      const isHere = current.every(({ sopInstanceUID }) => this.restored.has(sopInstanceUID));
      return levels.length > 0 && isHere && this.listOf(study).length === 0;
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
    const studies = new Set(
      [...this.reports.values()].map(({ report }) => report.studyInstanceUID),
    );
    return [...studies].flatMap((study) => this.restoreStudy(study, displaySets));
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
    if (isLast && marks.length === read.levels.length) this.saved.set(study, fingerprint(marks));
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
    const wanted = levels.filter((one) => isDue(one) && !known.has(one.annotationUID));
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
    if (wasClean && put.length > 0) this.saved.set(study, fingerprint(this.listOf(study)));
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

/** What of marks a report keeps. */
function fingerprint(marks: readonly LevelMark[]): string {
  return JSON.stringify(
    marks.map(({ annotationUID, label, level, definition, pointLpsMm, moved, review }) => [
      ...[annotationUID, label, level, definition],
      ...pointLpsMm.map((mm) => mm.toFixed(2)),
      moved,
      review ?? null,
    ]),
  );
}
