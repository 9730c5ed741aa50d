import { phrasesText } from '../../reasons/phrases';
import type { LevelMark, LevelMarkStore } from '../mark/types';
import { answerOf, findingOf, type FindL3State, type Statement } from '../state';
import type { ExportedAbsence, ExportedEntry, ExportedLevel, ExportedSearch } from './levelTable';
import type { StudyImages } from './studyImages';

/** What was marked and said since the page was opened, as it was last, also of studies that were left. */
export class Visit {
  private readonly marks = new Map<string, ExportedLevel>();
  private readonly absences = new Map<string, ExportedAbsence>();

  constructor(
    private readonly images: StudyImages,
    private readonly state: { readonly get: () => FindL3State },
  ) {}

  /**
   * Takes down how the marks of the open studies lie now.
   *
   * @param statements that L3 is not in a scan, of the open studies
   */
  note(marks: LevelMarkStore, statements: readonly Statement[]): void {
    for (const mark of marks.list()) this.marks.set(mark.annotationUID, this.entryOf(mark));
    for (const { mark } of [...this.marks.values()]) {
      const isOpen = this.images.displaySetOf(mark) !== undefined;
      if (isOpen && !marks.get(mark.annotationUID)) this.marks.delete(mark.annotationUID);
    }
    for (const statement of statements) {
      this.absences.set(statement.studyInstanceUID, this.absenceOf(statement));
    }
    for (const study of [...this.absences.keys()]) {
      const isSaid = statements.some(({ studyInstanceUID }) => studyInstanceUID === study);
      if (!isSaid && this.images.imagesOf(study)) this.absences.delete(study);
    }
  }

  mark(annotationUID: string): LevelMark | null {
    return this.marks.get(annotationUID)?.mark ?? null;
  }

  entries(): readonly ExportedEntry[] {
    return [...this.marks.values(), ...this.absences.values()];
  }

  studies(): ReadonlySet<string> {
    return new Set(this.entries().map(studyOf));
  }

  private entryOf(mark: LevelMark): ExportedLevel {
    const { marking } = this.state.get();
    const isCurrent = marking.mark?.annotationUID === mark.annotationUID;
    return {
      mark,
      series: this.images.describe(this.images.displaySetOf(mark)),
      image: this.images.exportedImage(mark),
      patient: this.images.patientOf(this.images.imageOf(mark)),
      search: this.searchOf(mark) ?? this.marks.get(mark.annotationUID)?.search ?? null,
      proposal: isCurrent ? marking.proposal : null,
    };
  }

  private searchOf({ displaySetInstanceUID }: LevelMark): ExportedSearch | null {
    const answer = answerOf(this.state.get());
    const finding = findingOf(this.state.get());
    if (!finding || answer?.series.displaySetInstanceUID !== displaySetInstanceUID) return null;
    const { part } = finding.series;
    return {
      part: part && phrasesText(part.name),
      sdMm: finding.status === 'found' ? finding.l3.sdMm : null,
      warnings: finding.warnings.map(({ code }) => code),
    };
  }

  private absenceOf(statement: Statement): ExportedAbsence {
    const displaySet = this.images.ofSeries(statement.seriesInstanceUID);
    const image = this.images.firstImage(
      displaySet ?? this.images.imagesOf(statement.studyInstanceUID),
    );
    return {
      statement,
      series: this.images.describe(displaySet),
      patient: this.images.patientOf(image),
    };
  }
}

export function studyOf(entry: ExportedEntry): string {
  return 'statement' in entry ? entry.statement.studyInstanceUID : entry.mark.studyInstanceUID;
}
