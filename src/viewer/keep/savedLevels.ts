import { newestLevels, readLevelReport } from '../../sr/readLevelReport';
import type { ReadReport, ReportedLevel, StoredReport } from '../../sr/types';
import { isPersons, type LevelMark, type LevelMarkStore } from '../mark/types';
import type { DisplaySet, DisplaySetService, Instance } from '../host/ohif';
import type { Statement } from '../state';
import { fingerprint, fingerprints, isSame, markOf, saysTheSame } from './reportedMarks';
import type { ConflictChoice, OtherReport, ReportConflict } from './types';

/** A report that was sent, and the marks that are in it. */
interface Sent {
  readonly read: ReadReport;
  readonly marks: readonly string[];
}

/** What was known of a study's reports when it was left, so that coming back finds what is new. */
export interface StudyMemory {
  readonly studyInstanceUID: string;
  readonly reports: readonly ReadReport[];
  readonly saved: readonly string[] | undefined;
  readonly settled: readonly string[];
  readonly undecided: readonly string[];
  readonly sent: readonly Sent[];
  readonly isUnsettled: boolean;
}

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
  /** People's reports that came to light beside what a person had not saved; until they are decided, they say nothing. */
  private readonly undecided = new Set<string>();
  /** Reports that were sent from here, by SOP Instance UID; whether they arrived may not be known. */
  private readonly sent = new Map<string, Sent>();

  constructor(
    private readonly displaySetService: DisplaySetService,
    private readonly marks: LevelMarkStore,
  ) {}

  /** Reports that still count in a study, newest first: what the next one takes the place of. */
  current(studyInstanceUID: string): readonly StoredReport[] {
    return newestLevels(this.ofStudy(studyInstanceUID)).current;
  }

  /** Takes down that a report is on its way: when it is found later, it is no one else's. */
  sending(read: ReadReport, marks: readonly LevelMark[]): void {
    this.sent.set(read.report.sopInstanceUID, { read, marks: fingerprints(marks) });
  }

  /** Takes down that marks were saved as they are in `levels`. */
  stored(read: ReadReport, marks: readonly LevelMark[]): void {
    this.sending(read, marks);
    this.arrived(read.report.sopInstanceUID);
  }

  /** Whether one mark is saved as it is. */
  isMarkSaved(mark: LevelMark): boolean {
    return this.saved.get(mark.studyInstanceUID)?.includes(fingerprint(mark)) ?? false;
  }

  /** Annotation UIDs of a study's levels that came back from a report and are not among the marks any more. */
  deleted(studyInstanceUID: string): readonly string[] {
    const { levels } = newestLevels(
      this.ofStudy(studyInstanceUID).filter(({ report }) =>
        this.restored.has(report.sopInstanceUID),
      ),
    );
    const rivals = this.rivals(studyInstanceUID).flatMap((rival) => rival.levels);
    return levels
      .filter((level) => !rivals.includes(level) && !this.marks.get(level.annotationUID))
      .map(({ annotationUID }) => annotationUID);
  }

  has(sopInstanceUID: string): boolean {
    return this.reports.has(sopInstanceUID);
  }

  /**
   * Takes a report down that came to light, without putting its levels among the marks. Between a
   * person's and the marks a person decides; one that was sent from here and has arrived is what it is.
   */
  learn(read: ReadReport): void {
    const { sopInstanceUID, isPersons } = read.report;
    if (this.arrived(sopInstanceUID)) return;
    this.reports.set(sopInstanceUID, read);
    this.restored.add(sopInstanceUID);
    const isReplaced = [...this.reports.values()].some(
      ({ report }) => report.isPersons && report.predecessors.includes(sopInstanceUID),
    );
    if (isPersons && !isReplaced) this.undecided.add(sopInstanceUID);
  }

  /** What a person has to decide in a study: reports that nobody here had seen, or that do not know of each other. */
  conflict(studyInstanceUID: string): ReportConflict | null {
    const unseen = this.all(studyInstanceUID)
      .filter(({ report }) => this.undecided.has(report.sopInstanceUID))
      .sort((a, b) => b.report.writtenAtMs - a.report.writtenAtMs);
    const seen = unseen.length > 0 ? 'saving' : 'opening';
    const reports = unseen.length > 0 ? unseen : this.rivals(studyInstanceUID);
    if (reports.length === 0) return null;
    return { studyInstanceUID, seen, reports: reports.map((read) => this.describe(read)) };
  }

  /** What is known of a study now, for coming back to it. */
  memory(studyInstanceUID: string): StudyMemory {
    const reports = this.all(studyInstanceUID);
    const isOf = (uid: string) => reports.some(({ report }) => report.sopInstanceUID === uid);
    return {
      studyInstanceUID,
      reports,
      saved: this.saved.get(studyInstanceUID),
      settled: [...this.settled].filter(isOf),
      undecided: [...this.undecided].filter(isOf),
      sent: [...this.sent.values()].filter(
        ({ read }) => read.report.studyInstanceUID === studyInstanceUID,
      ),
      isUnsettled: this.unsettled.has(studyInstanceUID),
    };
  }

  /** Goes on from what was known: reports that are not in it are new. */
  recall(memory: StudyMemory): void {
    const { studyInstanceUID: study } = memory;
    for (const read of memory.reports) {
      this.reports.set(read.report.sopInstanceUID, read);
      this.restored.add(read.report.sopInstanceUID);
    }
    for (const uid of memory.settled) this.settled.add(uid);
    for (const uid of memory.undecided) this.undecided.add(uid);
    for (const one of memory.sent) this.sent.set(one.read.report.sopInstanceUID, one);
    if (memory.saved) this.saved.set(study, memory.saved);
    if (memory.isUnsettled) this.unsettled.add(study);
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
  private describe({ report, levels, absence }: ReadReport): OtherReport {
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
    for (const { report } of theirs) this.decided(report.sopInstanceUID);
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

  /** A person's word that L3 is not in a study's scan, where that is what counts in the PACS. */
  statement(studyInstanceUID: string): Statement | null {
    const [newest] = this.current(studyInstanceUID);
    const absence = newest && this.reports.get(newest.sopInstanceUID)?.absence;
    return absence ? { ...absence, studyInstanceUID } : null;
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
   * @param isAwaited whether marks of a study are still to come back: its reports wait for them
   * @returns the levels that were put there now
   */
  restore(isAwaited: (studyInstanceUID: string) => boolean = () => false): readonly LevelMark[] {
    const displaySets = this.displaySetService.getActiveDisplaySets();
    for (const { Modality, instances = [], instance } of displaySets) {
      if (Modality !== 'SR') continue;
      for (const one of new Set([...instances, ...(instance ? [instance] : [])])) this.read(one);
    }
    return this.studies()
      .filter((study) => !isAwaited(study))
      .flatMap((study) => this.restoreStudy(study, displaySets));
  }

  /** Puts the levels of one report among the marks again, whatever was done with them since. */
  restoreReport(instance: Instance): boolean {
    const read = readLevelReport(instance);
    if (!read) return false;
    this.reports.set(read.report.sopInstanceUID, read);
    this.restored.add(read.report.sopInstanceUID);
    if (this.undecided.has(read.report.sopInstanceUID)) this.decided(read.report.sopInstanceUID);
    const displaySets = this.displaySetService.getActiveDisplaySets();
    for (const level of read.levels) {
      const mark = markOf(level, read.report.studyInstanceUID, displaySets);
      const isOthers = !this.sent.has(read.report.sopInstanceUID);
      if (mark) this.marks.put({ ...mark, fromReport: isOthers });
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
    this.setApart(study);
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
      (one) => isDue(one) && !rivals.includes(one) && !known.has(one.annotationUID),
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

  /** Reports that come to light in a study in which something is not saved are not put among its marks. */
  private setApart(study: string): void {
    const due = this.ofStudy(study).filter(
      ({ report }) => !this.restored.has(report.sopInstanceUID),
    );
    const isTouched =
      this.unsettled.has(study) ||
      this.deleted(study).length > 0 ||
      this.listOf(study).some((mark) => isPersons(mark) && !this.isMarkSaved(mark));
    for (const read of due) {
      if (isTouched || this.sent.has(read.report.sopInstanceUID)) this.learn(read);
    }
  }

  /** @returns false where the report was not sent from here */
  private arrived(sopInstanceUID: string): boolean {
    const sent = this.sent.get(sopInstanceUID);
    if (!sent) return false;
    const { studyInstanceUID } = sent.read.report;
    this.reports.set(sopInstanceUID, sent.read);
    this.restored.add(sopInstanceUID);
    this.undecided.delete(sopInstanceUID);
    this.saved.set(studyInstanceUID, sent.marks);
    this.unsettled.delete(studyInstanceUID);
    return true;
  }

  private decided(sopInstanceUID: string): void {
    this.undecided.delete(sopInstanceUID);
    this.settled.add(sopInstanceUID);
  }

  private listOf(study: string): readonly LevelMark[] {
    return this.marks.list().filter(({ studyInstanceUID }) => studyInstanceUID === study);
  }

  private all(study: string): readonly ReadReport[] {
    return [...this.reports.values()].filter(({ report }) => report.studyInstanceUID === study);
  }

  /** What the reports of a study say, as far as it is decided. */
  private ofStudy(study: string): readonly ReadReport[] {
    return this.all(study).filter(({ report }) => !this.undecided.has(report.sopInstanceUID));
  }
}
