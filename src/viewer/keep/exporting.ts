import { sayMessage } from '../../text/say';
import { Grid } from '../host/grid';
import type { DisplaySet, ExtensionParams } from '../host/ohif';
import { customization } from '../host/settings';
import type { LevelMark, LevelMarkStore } from '../mark/types';
import { Problem } from '../host/problem';
import { answerOf, findingOf, type FindL3State, type Statement, type Watched } from '../state';
import { absenceOf, correctionOf } from './correctionOf';
import { download } from './download';
import { levelPicture } from './levelPicture';
import { axialPicture } from './axialPicture';
import { exportName } from './exportName';
import { levelsCsv, levelsJson, type ExportedEntry } from './levelTable';
import type { StudyImages } from './studyImages';
import { no, POSSIBLE, type KeepNote, type KeepState } from './types';
import { studyOf, Visit } from './visit';

export interface ExportOptions {
  readonly format?: 'csv' | 'json' | 'png';
  /** 'study': of the study that the active viewport shows. 'visit': all since the page was opened. */
  readonly scope?: 'study' | 'visit';
  /** Which of the two pictures: the searched projection with its levels, or the axial slice at L3. */
  readonly view?: 'sagittal' | 'axial';
}

/** Marks as files: tables, pictures, and corrections for training. */
export class Exporting {
  private readonly visit: Visit;

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
  ) {
    this.visit = new Visit(images, state);
  }

  /** Takes down how the marks lie now, and what is said of the open studies. */
  note(marks: LevelMarkStore, statements: readonly Statement[]): void {
    this.visit.note(marks, statements);
  }

  /** What can be exported now, or why not. */
  possible(): Pick<
    KeepState,
    'table' | 'picture' | 'axialPicture' | 'correction' | 'visitStudies'
  > {
    const studies = this.visit.studies().size;
    return {
      table: studies > 0 ? POSSIBLE : no('keep.markFirst'),
      picture: this.finding() ? POSSIBLE : no('keep.pictureFirst'),
      axialPicture: this.currentMark()?.slice ? POSSIBLE : no('keep.axialFirst'),
      correction: this.canCorrect(),
      visitStudies: studies,
    };
  }

  /** Downloads the levels as a table (CSV, JSON), or one of the two pictures (PNG). */
  async export(options: ExportOptions = {}): Promise<void> {
    const { format = 'csv', scope = 'study', view = 'sagittal' } = options;
    const { table, picture, axialPicture: axial } = this.possible();
    const possible = format !== 'png' ? table : view === 'axial' ? axial : picture;
    if (!possible.possible) return this.inform(sayMessage(possible.why));
    try {
      if (format === 'png') await this.exportPicture(view);
      else this.exportTable(format, scope);
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

  private exportTable(format: 'csv' | 'json', scope: ExportOptions['scope']): void {
    const entries = this.exported(scope);
    const withPatient = this.images.mayNamePatient;
    const studies = new Set(entries.map(studyOf));
    const now = new Date();
    const name =
      studies.size === 1
        ? exportName(
            this.images.studyName(entries[0].patient, studyOf(entries[0])),
            ['levels'],
            format,
          )
        : exportName(null, [`${studies.size}-studies`, timeIn(now)], format);
    if (format === 'json') {
      download(levelsJson(entries, withPatient, now), 'application/json', name);
    } else download(levelsCsv(entries, withPatient), 'text/csv;charset=utf-8', name);
  }

  private async exportPicture(view: 'sagittal' | 'axial'): Promise<void> {
    const mark = this.currentMark();
    const finding = this.finding();
    const picture =
      view === 'axial'
        ? mark && (await axialPicture(mark, this.images))
        : finding && (await levelPicture(finding, this.markOfAnswer()));
    if (!picture) return;
    const series = answerOf(this.state.get())?.series.displaySetInstanceUID;
    const displaySet =
      (mark && this.images.displaySetOf(mark)) ??
      (series ? this.services.displaySetService.getDisplaySetByUID(series) : undefined);
    const patient = this.images.patientOf(this.images.firstImage(displaySet));
    const study = this.images.studyName(patient, displaySet?.StudyInstanceUID ?? null);
    download(picture, 'image/png', exportName(study, ['L3', view], 'png'));
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
    return this.visit.mark(mark.annotationUID);
  }

  /** The mark of the answer's series, else of what the active viewport shows. */
  private currentMark(): LevelMark | null {
    const { mark } = this.state.get().marking;
    return mark && this.visit.mark(mark.annotationUID);
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

  private exported(scope: ExportOptions['scope']): readonly ExportedEntry[] {
    const all = this.visit.entries();
    if (scope === 'visit') return all;
    const grid = new Grid(this.services);
    const [displaySet] = grid.activeId ? grid.displaySets(grid.activeId) : [];
    const ofStudy = all.filter((entry) => studyOf(entry) === displaySet?.StudyInstanceUID);
    return ofStudy.length > 0 ? ofStudy : all;
  }
}

/** `20261129T180500`, local time. */
function timeIn(now: Date): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString();
  return local.slice(0, 19).replace(/[-:]/g, '');
}
