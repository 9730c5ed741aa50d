import { sayMessage } from '../../text/say';
import { Grid } from '../host/grid';
import type { DisplaySet, ExtensionParams } from '../host/ohif';
import { customization } from '../host/settings';
import type { LevelMark, LevelMarkStore } from '../mark/types';
import { Problem } from '../host/problem';
import { answerOf, findingOf, type FindL3State, type Watched } from '../state';
import { absenceOf, correctionOf } from './correctionOf';
import { download } from './download';
import { levelPicture } from './levelPicture';
import { levelsCsv, levelsJson, type ExportedLevel } from './levelTable';
import type { StudyImages } from './studyImages';
import { no, POSSIBLE, type KeepNote, type KeepState } from './types';

export interface ExportOptions {
  readonly format?: 'csv' | 'json' | 'png';
  /** 'study': of the study that the active viewport shows. 'visit': all since the page was opened. */
  readonly scope?: 'study' | 'visit';
}

/** Marks as files: tables, pictures, and corrections for training. */
export class Exporting {
  /** Every mark of this visit as it was last, also of studies that were left. */
  private readonly visit = new Map<string, ExportedLevel>();

  /**
   * @param tell takes down what was done or failed
   * @param inform says to a person why something cannot be done
   */
  constructor(
    private readonly params: ExtensionParams,
    private readonly state: Watched<FindL3State>,
    private readonly images: StudyImages,
    private readonly tell: (note: KeepNote) => void,
    private readonly inform: (message: string) => void,
  ) {}

  /** Takes down how the marks lie now. */
  note(marks: LevelMarkStore): void {
    for (const mark of marks.list()) {
      this.visit.set(mark.annotationUID, { mark, series: this.images.seriesOf(mark) });
    }
    for (const { mark } of [...this.visit.values()]) {
      const isOpen = this.images.displaySetOf(mark) !== undefined;
      if (isOpen && !marks.get(mark.annotationUID)) this.visit.delete(mark.annotationUID);
    }
  }

  /** What can be exported now, or why not. */
  possible(): Pick<KeepState, 'table' | 'picture' | 'correction' | 'visitStudies'> {
    const studies = [...this.visit.values()].map(({ mark }) => mark.studyInstanceUID);
    return {
      table: this.visit.size > 0 ? POSSIBLE : no('keep.markFirst'),
      picture: this.finding() ? POSSIBLE : no('keep.pictureFirst'),
      correction: this.canCorrect(),
      visitStudies: new Set(studies).size,
    };
  }

  /** Downloads the marks as a table (CSV, JSON) or the searched projection with its levels (PNG). */
  async export({ format = 'csv', scope = 'study' }: ExportOptions = {}): Promise<void> {
    const { table, picture } = this.possible();
    const possible = format === 'png' ? picture : table;
    if (!possible.possible) return this.inform(sayMessage(possible.why));
    try {
      if (format === 'png') {
        const finding = this.finding();
        if (!finding) return;
        download(await levelPicture(finding, this.markOfAnswer()), 'image/png', 'find-l3.png');
        return;
      }
      const levels = this.exported(scope);
      if (format === 'json') {
        download(levelsJson(levels, new Date()), 'application/json', 'find-l3.json');
      } else download(levelsCsv(levels), 'text/csv;charset=utf-8', 'find-l3.csv');
    } catch (error) {
      this.tell({ kind: 'failed', error });
    }
  }

  /** Downloads the de-identified item of the corrected or confirmed search, where the admin allows it. */
  exportCorrection(): void {
    const { correction } = this.possible();
    if (!correction.possible) return this.inform(sayMessage(correction.why));
    const finding = this.finding();
    const mark = this.markOfAnswer();
    const absence = this.absence();
    const allowed = customization(this.services.customizationService, 'findL3.corrections');
    if (!finding || !allowed) return;
    try {
      const { salt } = allowed;
      const bytes = mark
        ? correctionOf(finding, mark, this.images.imageOf(mark) ?? {}, salt)
        : absence &&
          absenceOf(finding, absence.reason, this.images.firstImage(absence.of) ?? {}, salt);
      if (!bytes) return;
      const random = crypto.getRandomValues(new Uint32Array(1))[0].toString(16).padStart(8, '0');
      const name = `find-l3-${random}.correction`;
      download(new Uint8Array(bytes), 'application/octet-stream', name);
      this.tell({ kind: 'corrected' });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const advice = { key: mark ? 'keep.correctionAdvice' : 'keep.leaveOut' } as const;
      const problem = new Problem({ key: 'keep.correctionFailed' }, advice, { detail });
      this.tell({ kind: 'failed', error: problem });
    }
  }

  private get services() {
    return this.params.servicesManager.services;
  }

  private canCorrect() {
    if (!customization(this.services.customizationService, 'findL3.corrections')) {
      return no('keep.notAllowed');
    }
    if (!this.finding()) return no('keep.searchFirst');
    if (this.markOfAnswer() || this.absence()) return POSSIBLE;
    return no('keep.markOrSay');
  }

  private finding() {
    return findingOf(this.state.get());
  }

  private markOfAnswer(): LevelMark | null {
    const { mark } = this.state.get().marking;
    if (!this.finding() || !mark) return null;
    return this.visit.get(mark.annotationUID)?.mark ?? null;
  }

  /** That a person says that L3 is not in the searched scan, and which that is. */
  private absence() {
    const answer = answerOf(this.state.get());
    const { absence } = this.state.get().marking;
    if (!answer || !absence) return null;
    const { displaySetInstanceUID } = answer.series;
    const of: DisplaySet | undefined =
      this.services.displaySetService.getDisplaySetByUID(displaySetInstanceUID);
    return { reason: absence, of };
  }

  private exported(scope: ExportOptions['scope']): readonly ExportedLevel[] {
    const all = [...this.visit.values()];
    if (scope === 'visit') return all;
    const grid = new Grid(this.services);
    const [displaySet] = grid.activeId ? grid.displaySets(grid.activeId) : [];
    const ofStudy = all.filter(
      ({ mark }) => mark.studyInstanceUID === displaySet?.StudyInstanceUID,
    );
    return ofStudy.length > 0 ? ofStudy : all;
  }
}
